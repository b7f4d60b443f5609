"""Statistics of a kind: counted as a second, plain count says, over what the reader may see and no more."""

from __future__ import annotations

import csv
import datetime as dt
import io
import statistics as plain
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.statistics import Months, count
from commonbeat.core.numbers import Suppressed
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of

DAY = dt.timedelta(days=1)
MARCH = "first=2026-03&last=2026-03"


def closed(city: City, days: float, *, place: Any = make.NORTH, at: dt.datetime = make.NOW) -> Case:
    case = make.concern(city.noise, at=at, place=place).case
    sam = city.actor(city.sam)
    act(case, "acknowledge", data={"tell": False, "message": "Read."}, actor=sam, at=at + days / 2 * DAY)
    act(case, "resolve", data={"outcome": "fixed", "message": "Done.", "tell": False}, actor=sam, at=at + days * DAY)
    return case


@pytest.fixture
def month(city: City) -> list[Case]:
    """Six concerns of the north closed after 1 to 6 days, one of the south, one open, one that was opened again."""
    cases = [closed(city, days) for days in range(1, 7)]
    closed(city, 3, place=make.SOUTH)
    make.concern(city.vehicle)
    act(cases[0], "reopen", data={"reason": "Loud again", "tell": False}, actor=city.actor(city.sam),
        at=make.NOW + 8 * DAY)  # fmt: skip
    make.concern(city.noise, at=make.NOW - 40 * DAY)
    return cases


def test_every_number_is_what_a_plain_count_gives(city: City, month: list[Case]) -> None:
    months, right = Months.read("2026-03", "2026-03", at=make.NOW)
    found = count(KINDS["concern"], months, actor=city.actor(city.sam), at=make.NOW + 9 * DAY)
    assert right and found.counts["opened"] == 8 and found.counts["closed"] == 6 and found.counts["reopened"] == 1
    late = Case.objects.filter(closed_at=None, due_at__lt=make.NOW + 9 * DAY)
    assert found.counts["open"] == 3 and found.counts["waiting"] == 0 and found.counts["overdue"] == late.count() == 2
    took = sorted((c.closed_at - c.opened_at) / DAY for c in Case.objects.exclude(closed_at=None))
    assert found.spans["close"].n == 6 and found.spans["close"].median == pytest.approx(plain.median(took))
    assert found.spans["close"].ninth == pytest.approx(plain.quantiles(took, n=10, method="inclusive")[8])
    assert found.spans["acknowledge"].n == 7 and found.spans["acknowledge"].median == pytest.approx(1.5)
    areas = {row.key: row.counts for row in found.tables["area"]}
    assert areas[city.south.pk] == {"opened": 1, "closed": 1, "open": 0}
    assert {row.key: row.counts["closed"] for row in found.tables["outcome"]} == {"fixed": 6}
    assert [(row.key, row.counts["opened"]) for row in found.tables["month"]] == [(dt.date(2026, 3, 1), 8)]
    assert not found.hides


def test_a_reader_counts_only_what_they_may_see(city: City, month: list[Case]) -> None:
    months, _right = Months.read("2026-03", "2026-03", at=make.NOW)
    for user in (city.omar, city.olga, city.sam):
        actor = city.actor(user)
        found = count(KINDS["concern"], months, actor=actor, at=make.NOW)
        seen = Case.objects.visible_to(actor).filter(kind="concern", opened_at__gte=months.start)
        assert found.counts["opened"] == seen.count()
        assert sum(row.counts["opened"] for row in found.tables["area"]) == seen.count()
    olgas = count(KINDS["concern"], months, actor=city.actor(city.olga), at=make.NOW)
    assert {row.key for row in olgas.tables["area"]} == {city.south.pk}


@pytest.mark.parametrize("slug", [kind.slug for kind in KINDS])
def test_each_kind_has_a_page_a_picture_and_a_file_for_those_who_read_it(city: City, signed_in: Any, slug: str) -> None:
    kind = KINDS[slug]
    opening_of(kind).open_one(city)
    role = next(role for role in sorted(kind.sees) if role not in {"key", "reporter", "partner"})
    reader = make.user("Reader One", role)
    client = signed_in(reader)
    page = client.get(f"/desk/statistics/{slug}/?{MARCH}")
    assert page.status_code == 200 and "Days to close" in page.content.decode()
    picture = client.get(f"/desk/statistics/{slug}.svg?{MARCH}")
    assert picture.status_code == 200 and b"<svg" in picture.content
    rows = list(
        csv.DictReader(io.StringIO(client.get(f"/desk/statistics/{slug}.csv?{MARCH}").content.decode("utf-8-sig")))
    )
    opened = next(row["value"] for row in rows if (row["table"], row["number"]) == ("all", "opened"))
    seen = Case.objects.visible_to(city.actor(reader)).filter(kind=slug).count()
    assert opened in ({"<5", "*"} if seen and (kind.sealed or kind.walled) else {str(seen)})
    stranger = next((u for u in (city.omar, city.pat, city.ed) if set(kind.sees).isdisjoint(city.actor(u).roles)), None)
    if stranger:
        assert signed_in(stranger).get(f"/desk/statistics/{slug}/").status_code == 404


def test_small_numbers_of_walled_kinds_are_hidden_and_cannot_be_worked_out(city: City) -> None:
    for number in range(9):
        case = make.complaint(area_id=city.north.pk if number < 7 else city.south.pk).case
        assert case
    months, _right = Months.read("2026-03", "2026-03", at=make.NOW)
    found = count(KINDS["complaint"], months, actor=city.actor(city.pat), at=make.NOW)
    areas = [row.counts["opened"] for row in found.tables["area"]]
    assert found.hides and sum(isinstance(n, Suppressed) for n in areas) in {1, 2}
    if sum(isinstance(n, Suppressed) for n in areas) == 1:
        assert isinstance(found.counts["opened"], Suppressed), "the total less the other area is the hidden one"


def test_the_page_spends_a_fixed_number_of_statements(city: City, signed_in: Any, month: list[Case]) -> None:
    client, spent = signed_in(city.sam), []
    for _turn in range(3):
        client.get("/desk/statistics/concern/?" + MARCH)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get("/desk/statistics/concern/?" + MARCH)
        spent.append(len(caught))
        make.concern(make.category(f"more-{_turn}"), place=make.SOUTH)
    assert len(set(spent)) == 1 and spent[0] <= 16, spent


def test_months_that_are_none_are_said_to_be_and_the_last_year_is_shown(city: City, signed_in: Any) -> None:
    client = signed_in(city.sam)
    assert client.get("/desk/statistics/", follow=True).status_code == 200
    for query in ("first=2026-13", "first=2026-05&last=2026-01", "first=1900-01", "first=%00"):
        page = client.get(f"/desk/statistics/concern/?{query}")
        assert page.status_code == 422 and "These months cannot be shown" in page.content.decode(), query
    assert f"{timezone.localdate():%Y-%m}" in page.content.decode()
    assert client.get("/desk/statistics/nothing/").status_code == 404
