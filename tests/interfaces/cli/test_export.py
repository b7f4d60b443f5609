"""Exports hold what they say, nothing about reporters, and come back through the importer."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from commonbeat.cases.models import Case, Participant
from commonbeat.cases.work_records import Inspection, Notice, SoundMeasurement
from commonbeat.community.models import Person
from commonbeat.interfaces.cli.export import command
from commonbeat.interfaces.cli.import_ import command as import_command
from commonbeat.journal.models import AccessLog
from tests import make
from tests.conftest import City

Run = Callable[..., Result]


def test_measurements_and_notices_are_exported_without_anybodys_name(city: City, run: Run, tmp_path: Path) -> None:
    case = make.concern(city.noise).case
    owner = Participant.objects.create(
        case=case, role="owner", created_at=make.NOW,
        person=Person.objects.create(name="Olive Owner", email="olive@example.org", created_at=make.NOW),
    )  # fmt: skip
    for level, limit in ((61.5, 55), (50, 55), (70, None)):
        SoundMeasurement.objects.create(
            case=case,
            measured_at=make.NOW,
            spot="window",
            level_db=level,
            seconds=60,
            instrument="Demo",
            limit_db=limit,
        )
    notice = Notice.objects.create(
        case=case, owner=owner, how="posted", violations="Rubbish", cure_on="2026-03-30", served_at=make.NOW
    )
    Inspection.objects.create(notice=notice, found="partly", extended_to="2026-04-09", inspected_at=make.NOW)
    found = {}
    for what in ("measurements", "notices"):
        path = tmp_path / f"{what}.json"
        result = run(command, what, path)
        assert result.exit_code == 0, result.output
        text = path.read_text(encoding="utf-8")
        assert "Olive" not in text and "olive@example.org" not in text
        found[what] = json.loads(text)
    assert [row["above_limit"] for row in found["measurements"]] == [True, False, None]
    assert {row["reference"] for row in found["measurements"]} == {case.reference}
    (row,) = found["notices"]
    assert (row["cure_on"], row["cure_on_now"]) == ("2026-03-30", "2026-04-09")
    assert row["inspections"][0]["found"] == "partly"


@pytest.mark.parametrize("what", ["cases", "cards", "outcomes", "journal"])
@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_every_export_is_well_formed_and_names_no_reporter(
    city: City, run: Run, tmp_path: Path, what: str, form: str
) -> None:
    case = make.concern(city.noise, text="=cmd()", name="Rosa Roe", email="rosa@example.org", phone="312-555-0101").case
    path = tmp_path / f"x.{form}"
    result = run(command, what, path)
    assert result.exit_code == 0, result.output
    text = path.read_text(encoding="utf-8")
    assert "Roe" not in text and "rosa@example.org" not in text and "555-0101" not in text
    rows = {
        "csv": lambda: list(csv.DictReader(text.splitlines())),
        "json": lambda: json.loads(text),
        "ndjson": lambda: [json.loads(line) for line in text.splitlines()],
    }[form]()
    if what == "cases":
        assert rows[0]["reference"] == case.reference and rows[0]["category_id"] == "noise"
        assert rows[0]["text"] == ("'=cmd()" if form == "csv" else "=cmd()")
    assert bool(rows) == (what != "outcomes")
    assert AccessLog.objects.get().what == f"export {what}"


def test_an_existing_file_is_kept_unless_told_otherwise(city: City, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("mine")
    refused = run(command, "cases", path)
    assert refused.exit_code == 1 and "--force" in refused.output and path.read_text() == "mine"
    assert run(command, "cases", path, "--force").exit_code == 0 and path.read_text() != "mine"


def test_the_public_cards_can_be_imported_by_another_department(city: City, run: Run, tmp_path: Path) -> None:
    make.concern(city.noise)
    run(command, "cards", tmp_path / "x.csv")
    result = run(import_command, "open311", tmp_path / "x.csv", "--source", "neighbours")
    assert result.exit_code == 0 and Case.objects.filter(channel="import").count() == 1, result.output
