"""`commonbeat check` finds damage that the database cannot refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from click.testing import Result
from django.db import connection

from commonbeat.cases import files
from commonbeat.cases.models import Case, CaseFile, ImportedRecord
from commonbeat.interfaces.cli.check import command
from commonbeat.journal.chain import START, _digest, make_seal
from commonbeat.journal.models import Delivery, Entry, Seal
from commonbeat.publishing.models import PublicCase
from tests import make
from tests.conftest import City

Run = Callable[..., Result]


def test_sound_data_pass(city: City, run: Run) -> None:
    make.concern(city.noise, email="rosa@example.org", told_by="email")
    result = run(command)
    assert result.exit_code == 0 and "The data are whole." in result.output, result.output


def test_an_entry_changed_behind_the_products_back_is_found(city: City, run: Run) -> None:
    make.concern(city.noise)
    with connection.cursor() as cursor:  # what only somebody with the database's own password could do
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_append_only")
        cursor.execute("UPDATE journal_entry SET data = data || '{\"channel\": \"phone\"}' WHERE verb = 'case.opened'")
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER journal_entry_append_only")
    result = run(command)
    assert result.exit_code == 1 and "was changed after it was written" in result.output


def test_a_removed_chain_is_found_by_its_seal(city: City, run: Run) -> None:
    case = make.concern(city.noise).case
    entry = Entry.objects.get(subject_kind="case", subject_id=case.pk)
    rows = [(e.pk, bytes(e.hash)) for e in Entry.objects.order_by("pk")]
    assert make_seal(at=make.NOW) is None, "nothing is sealed while the transaction that wrote it runs"
    Seal.objects.create(
        at=make.NOW,
        first_id=rows[0][0],
        last_id=rows[-1][0],
        entries=len(rows),
        previous=START,
        hash=_digest(rows, START),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_append_only")
        cursor.execute("DELETE FROM journal_entry WHERE id = %s", [entry.pk])
        cursor.execute("ALTER TABLE journal_entry ENABLE TRIGGER journal_entry_append_only")
    result = run(command)
    assert result.exit_code == 1
    assert "Journal of seal" in result.output and "has no entry that opened it" in result.output


def test_missing_and_damaged_files_are_found(city: City, run: Run) -> None:
    case = make.concern(city.noise).case
    good, bad, gone = (hashlib.sha256(text).hexdigest() for text in (b"good", b"bad", b"gone"))
    files.store(b"good", good)
    files.store(b"something else", bad)
    for sha256 in (good, bad, gone):
        CaseFile.objects.create(case=case, sha256=sha256, media_type="image/jpeg", size=4, created_at=make.NOW)
    said = " ".join(run(command).output.split())
    assert f"{bad} was changed or is damaged" in said and f"{gone} is missing" in said
    assert good not in said


def test_a_card_that_says_something_else_than_its_case_is_found(city: City, run: Run) -> None:
    case = make.concern(city.noise).case
    PublicCase.objects.filter(pk=case.pk).update(lat=43.1, long=-89.4)  # another town: a blurred point may lie on any
    result = run(command)
    assert result.exit_code == 1, result.output
    assert f"The public card of {case.reference} differs from its case in: lat, long." in result.output


def test_a_state_that_no_kind_declares_is_found(city: City, run: Run) -> None:
    make.concern(city.noise)
    Case.objects.update(state="resolved")
    assert "1 cases are “resolved” and yet open." in run(command).output


def test_imported_cases_that_would_be_doubled_are_found(city: City, run: Run) -> None:
    case = make.concern(city.noise, channel="import").case
    Case.objects.filter(pk=case.pk).update(details={"imported": {"source": "x"}})
    assert "importing again would double them" in run(command).output
    ImportedRecord.objects.create(source="x", key="1", case=case)
    assert run(command).exit_code == 0


def test_messages_that_do_not_move_are_a_warning(city: City, run: Run) -> None:
    make.concern(city.noise, email="rosa@example.org", told_by="email")
    Delivery.objects.update(next_at=make.NOW.replace(year=2020))
    result = run(command)
    assert result.exit_code == 0 and "1 messages wait for more than an hour" in result.output
