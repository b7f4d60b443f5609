"""The briefing on an area: what whoever takes it over should know, and nothing that they may not see."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.models import Case
from commonbeat.cases.promises import make_promise
from commonbeat.community.agency import local_day
from commonbeat.community.models import AreaAssignment, Cover
from tests import make
from tests.conftest import City


def _promise(city: City, text: str, *, area: int) -> None:
    due = local_day(timezone.now()) + dt.timedelta(days=9)
    given = {"text": text, "to": "the neighbours", "where": "door", "due_on": str(due), "owner": str(city.omar.pk),
             "area": str(area)}  # fmt: skip
    make_promise(given, actor=city.actor(city.omar), at=timezone.now())


@pytest.fixture
def north(city: City) -> str:
    """The north with three cases of noise, a former officer, a promise, and somebody who stands in."""
    for _ in range(3):
        make.concern(city.noise, at=timezone.now() - dt.timedelta(days=20))
    make.complaint(area_id=city.north.pk, at=timezone.now())
    AreaAssignment.objects.create(user=city.olga, area=city.north, since="2025-01-01", until="2025-07-01")
    today = local_day(timezone.now())
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today)
    _promise(city, "A lamp at the corner", area=city.north.pk)
    return f"/desk/areas/{city.north.pk}/"


def test_a_briefing_says_who_had_it_what_is_open_and_what_keeps_coming_back(
    city: City, north: str, signed_in: Any
) -> None:
    omar = signed_in(city.omar)
    page = omar.get(north).content.decode()
    assert "<strong>Omar Officer</strong>" in page and "Olga Officer" in page and "6 months" in page
    assert "Omar Officer is away until" in page and "Olga Officer stands in." in page
    assert "Concerns: 3" in page and "Noise: 3 in the last 90 days, 0 in as many before" in page
    assert "A lamp at the corner" in page
    assert f"view=all&amp;area={city.north.pk}&amp;state=open" in page
    listed = omar.get("/desk/areas/").content.decode()
    assert listed.index("North") < listed.index("South") and north in listed
    assert omar.get("/desk/areas/999999/").status_code == 404


def test_a_briefing_counts_only_what_its_reader_may_see(city: City, north: str, signed_in: Any) -> None:
    assert "Complaints: 1" in signed_in(city.pat).get(north).content.decode()
    southern = make.user("Sue Southern", "officer", areas=(city.south,))
    theirs = signed_in(southern).get(north).content.decode()
    assert "Complaints" not in theirs and "Concerns: 3" not in theirs and "A lamp at the corner" not in theirs
    partner = make.user("Petra Partner", "partner", team=city.team)
    assert signed_in(partner).get(north).status_code == 404
    assert signed_in(partner).get("/desk/areas/").status_code == 404


def test_the_list_and_a_briefing_cost_the_same_however_much_is_open(city: City, north: str, signed_in: Any) -> None:
    omar = signed_in(city.omar)

    def cost(url: str) -> int:
        omar.get(url)
        with CaptureQueriesContext(connection) as seen:
            omar.get(url)
        return len(seen)

    before = cost(north), cost("/desk/areas/")
    for _ in range(4):
        make.concern(city.vehicle, at=timezone.now())
    _promise(city, "A bench", area=city.north.pk)
    assert Case.objects.count() > 7
    assert (cost(north), cost("/desk/areas/")) == before


def test_an_empty_area_says_so(city: City, signed_in: Any) -> None:
    page = signed_in(city.sam).get(f"/desk/areas/{city.south.pk}/").content.decode()
    assert "Nothing is open here." in page and "No category came up often lately." in page
