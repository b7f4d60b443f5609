"""What the public reads about complaints: whole years, small numbers hidden, no sign that somebody complained."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.core.numbers import Suppressed
from commonbeat.kinds.complaint.models import Allegation
from commonbeat.kinds.complaint.numbers import public_numbers
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows(year: int, level: str, outcome: str, count: int) -> None:
    """So many decided complaints of a year, each with one allegation."""
    opened = dt.datetime(year, 3, 3, 16, tzinfo=dt.UTC)
    made = Case.objects.bulk_create(
        Case(
            kind="complaint", state="decided", text="x", opened_at=opened, changed_at=opened,
            closed_at=opened + dt.timedelta(days=20), outcome=outcome, details={"level": level},
        )
        for _ in range(count)
    )  # fmt: skip
    Allegation.objects.bulk_create(
        Allegation(case=case, sort="force", text="x", finding=outcome, found_at=opened, made_at=opened) for case in made
    )


def test_numbers_are_of_whole_years_and_small_ones_are_hidden(city: City, client: Client) -> None:
    empty = client.get("/complaints/").content.decode()
    assert "not enough complaints" in empty
    year = dt.date.today().year - 1
    rows(year, "performance", "exonerated", 12)
    rows(year, "level_one", "not_sustained", 9)
    rows(year, "level_two", "sustained", 2)
    rows(year - 1, "performance", "exonerated", 3)
    page = client.get("/complaints/").content.decode()
    assert "Use of force" in page and f"too few complaints to show: {year - 1}" in page
    table = list(csv.DictReader(io.StringIO(client.get("/complaints.csv").content.decode())))
    shown = {(row["table"], row["row"], row["column"]): row["count"] for row in table}
    assert shown["levels", str(year), "level_two"] == "*" and shown["levels", str(year), "all"] == "23"
    hidden = [key for key, count in shown.items() if key[0] == "levels" and count == "*"]
    assert len(hidden) >= 2, "one alone could be worked out from the total"
    assert not any(row["row"] == str(year - 1) for row in table)


def test_a_new_complaint_or_decision_changes_no_number_before_its_time(city: City) -> None:
    at = dt.datetime(2026, 5, 20, 16, tzinfo=dt.UTC)
    rows(2025, "performance", "exonerated", 12)
    rows(2025, "level_one", "not_sustained", 8)
    before = public_numbers(at=at)
    case = make.complaint(at=at - dt.timedelta(days=2)).case
    late = make.complaint(at=dt.datetime(2025, 11, 5, 16, tzinfo=dt.UTC)).case
    counted = public_numbers(at=at)
    pat = city.actor(city.pat)
    for one in (case, late):
        data = {"outcome": "clarification", "reason": "x", "message": "x"}
        act(one, "close", data=data, actor=pat, at=at - dt.timedelta(days=1))
    after = public_numbers(at=at)
    assert after == counted, "a decision of this quarter is not told yet"
    assert counted.levels.total == 21 and before.levels.total == 20
    assert public_numbers(at=at + dt.timedelta(days=60)).outcomes != after.outcomes


@SLOW
@given(data=st.data())
def test_no_table_shows_a_small_number_or_lets_it_be_worked_out_from_the_other(city: City, data: Any) -> None:
    Allegation.objects.all().delete()
    Case.objects.filter(kind="complaint").delete()
    for year in (2023, 2024, 2025):
        for level in ("performance", "level_one", "level_two"):
            for outcome in ("sustained", "unfounded", "exonerated"):
                rows(year, level, outcome, data.draw(st.integers(0, 7)))
    numbers = public_numbers(at=dt.datetime(2026, 5, 20, 16, tzinfo=dt.UTC))
    for table in (numbers.levels, numbers.outcomes):
        for year, row in table.cells.items():
            assert not isinstance(table.row_totals[year], Suppressed)
            assert all(isinstance(count, Suppressed) or count == 0 or count >= 5 for count in row.values())
            hidden = [count for count in row.values() if isinstance(count, Suppressed)]
            assert len(hidden) != 1, "with the total shown, a single hidden number is no secret"
    assert set(numbers.levels.cells) == set(numbers.outcomes.cells)
    assert set(numbers.levels.cells).isdisjoint(numbers.few)
