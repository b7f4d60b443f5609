"""The tutorial for a new kind of case is run as it stands: its file, and all that every kind has to stand."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.contracts import test_entries, test_kinds, test_whole

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "add-a-kind.md"
FILES = re.findall(r"^`([\w/]+\.py)`:\n\n```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
EVERY_KIND = [
    test for name, test in vars(test_kinds).items()
    if name.startswith("test_") and list(inspect.signature(test).parameters) == ["kind"]
]  # fmt: skip


def _load(name: str, written: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, written)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    """The kind of the tutorial, from temporary files, as if it were installed."""
    before, loaded = dict(KINDS._items), []
    monkeypatch.setattr(KINDS, "_items", dict(before))
    for path, text in FILES:
        written = tmp_path / Path(path).name
        written.write_text(text)
        name = path.removesuffix(".py").replace("/", ".")
        loaded.append(name)
        _load(name, written)
    (made,) = set(KINDS._items) - set(before)
    yield KINDS[made]
    for name in loaded:
        del sys.modules[name]


def test_the_tutorial_has_the_kind_and_how_it_is_opened() -> None:
    assert [path.rsplit("/", 1)[0] for path, _ in FILES] == ["commonbeat/kinds", "tests/contracts/opening"]
    assert len(EVERY_KIND) >= 6


@pytest.mark.parametrize("check", EVERY_KIND, ids=lambda check: check.__name__)
def test_its_declaration_is_sound(check: Any, found: Kind) -> None:
    check(found)


def test_each_of_its_steps_leaves_one_entry(found: Kind, city: City) -> None:
    steps = [(step, state) for step in found.workflow.steps for state in sorted(step.at)]
    assert len(steps) > 30
    for step, state in steps:
        with transaction.atomic():
            test_entries.test_a_step_leaves_exactly_one_entry(city, found, step, state)
            transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_it_is_stored_whole_or_not_at_all(found: Kind, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    test_whole.test_a_case_whose_storing_fails_leaves_nothing(found, city, monkeypatch)


def test_a_finder_reports_staff_store_and_close_and_the_finder_reads_it(
    found: Kind, city: City, signed_in: Any
) -> None:
    keys = make.category("found-key", name="A key", kind=found.slug)
    sent = Client().post(
        "/report/concern/",
        {
            "category": keys.code, "text": "A bunch of keys by the fountain.", "address": "100 N State St",
            "lat": "41.90", "long": "-87.70", "who": "email", "email": "rosa@example.org", "told": "all",
            "client_id": "6b0f3c1e-52bb-4cf4-a8a1-3a0d5a1b7c22",
        },
    )  # fmt: skip
    assert sent.status_code == 201, sent.content.decode()[:2000]
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", sent.content.decode())
    case, desk = Case.objects.get(), signed_in(city.sam)
    assert case.kind == found.slug and code and case.reference in desk.get("/desk/?view=all").content.decode()
    url = f"/desk/{case.reference}/"
    desk.post(f"{url}store/", {"version": case.version, "shelf": "B 12", "message": "It lies here.", "tell": "on"})
    case.refresh_from_db()
    assert (case.state, case.details["shelf"]) == ("stored", "B 12")
    assert "Put into storage" in desk.get(url).content.decode()
    desk.post(
        f"{url}resolve/", {"version": case.version, "outcome": "returned", "message": "She was glad.", "tell": "on"}
    )
    case.refresh_from_db()
    assert case.outcome == "returned" and Entry.objects.about("case", case.pk).count() == 3
    send_due(at=make.NOW.replace(year=2030))
    assert any("We keep what you found." in message.body for message in mail.outbox)
    assert "The owner has it again." in Client().post("/return/", {"code": code[0]}, follow=True).content.decode()
