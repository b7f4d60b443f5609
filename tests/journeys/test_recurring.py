"""What keeps coming back: found each night, told once, dismissed with a reason or made a problem."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.cases.models import Case
from commonbeat.journal.models import Delivery, Entry
from commonbeat.kinds.problem.alerts import forget_recurring, look_for_recurring
from commonbeat.kinds.problem.models import Problem, Recurrence
from commonbeat.kinds.problem.recurring import chance_of, find
from tests import make
from tests.conftest import City
from tests.journeys.test_problem import NOW, SAID

LAT, LONG = make.NORTH
A_METRE = 1 / 111_195


def _at(city: City, count: int, *, metres: float = 0, days_ago: int = 3, **more: Any) -> list[Case]:
    """Concerns so many metres north of the point, an hour apart."""
    at = NOW - dt.timedelta(days=days_ago)
    place = {"lat": LAT + metres * A_METRE, "long": LONG, "address": f"{100 + metres:.0f} N State St"} | more
    return [make.concern(city.noise, at=at - dt.timedelta(hours=n), **place).case for n in range(count)]


def _look(later: dt.timedelta = dt.timedelta(0)) -> list[Recurrence]:
    return look_for_recurring(at=NOW + later)


def test_a_place_with_many_concerns_is_told_once_to_whoever_looks_after_the_area(city: City, signed_in: Any) -> None:
    _at(city, 3)
    _at(city, 2, metres=80)
    _at(city, 4, metres=400)
    _at(city, 9, days_ago=90)
    made = _look()
    assert [(row.n, row.area, row.category) for row in made] == [(5, city.north, None)], "near ones count together"
    told = Delivery.objects.filter(template="staff_recurring")
    assert {row.recipient for row in told} == {city.omar.email, city.sam.email} and len(told) == 2
    assert told[0].context["count"] == 1
    assert Entry.objects.filter(verb="recurrence.found").count() == 1
    assert _look(dt.timedelta(days=1)) == [] and told.count() == 2, "once for each place and period"

    page = signed_in(city.omar).get("/desk/recurring/").content.decode()
    assert "5 concerns in 8 weeks" in page and "100 N State St" in page
    _at(city, 1, days_ago=0)
    _look(dt.timedelta(days=2))
    assert "6 concerns in 8 weeks" in signed_in(city.omar).get("/desk/recurring/").content.decode(), "kept up to date"


def test_concerns_without_a_point_are_at_a_place_by_their_address(city: City) -> None:
    _at(city, 3, lat=None, long=None, area_id=city.north.pk, address="7  W Lake St")
    _at(city, 2, lat=None, long=None, area_id=city.north.pk, address="7 w lake st")
    _at(city, 4, lat=None, long=None, area_id=city.south.pk, address="7 W Lake St")
    assert [row.n for row in find(at=NOW)] == [5], "the same street in another area is another place"


def test_duplicates_withdrawn_and_sensitive_concerns_and_kinds_behind_walls_do_not_count(city: City) -> None:
    cases = _at(city, 6)
    Case.objects.filter(pk=cases[0].pk).update(outcome="withdrawn", closed_at=NOW)
    Case.objects.filter(pk=cases[1].pk).update(outcome="duplicate", closed_at=NOW)
    assert find(at=NOW) == []
    secret = make.category("secret", sensitive=True, public_point=False)
    for n in range(6):
        make.concern(secret, at=NOW - dt.timedelta(hours=n + 1), lat=LAT, long=LONG)
    assert find(at=NOW) == []


def test_dismissing_needs_a_reason_silences_the_place_and_can_be_taken_back(city: City, signed_in: Any) -> None:
    _at(city, 5)
    (row,) = _look()
    omar = signed_in(city.omar)
    refused = omar.post(f"/desk/recurring/{row.pk}/dismiss/", {"reason": " "})
    assert refused.status_code == 422 and "Answer this question." in refused.content.decode()
    assert omar.post(f"/desk/recurring/{row.pk}/dismiss/", {"reason": "A street fair."}).status_code == 302
    assert _look(dt.timedelta(days=3)) == [], "dismissed is not told again"
    page = omar.get("/desk/recurring/").content.decode()
    assert "Nothing keeps coming back" in page and "A street fair." in page
    assert Entry.objects.get(verb="recurrence.dismissed").personal["reason"] == "A street fair."
    again = omar.post(f"/desk/recurring/{row.pk}/dismiss/", {"reason": "Twice"})
    assert again.status_code == 422 and "Somebody was faster" in again.content.decode()
    assert omar.post(f"/desk/recurring/{row.pk}/put-back/").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason, row.ended_by) == ("open", "", None)
    assert omar.post(f"/desk/recurring/{row.pk}/put-back/", follow=True).status_code == 200
    assert Entry.objects.filter(verb="recurrence.put_back").count() == 1


def test_a_finding_becomes_a_problem_with_its_concerns_and_is_not_found_again(city: City, signed_in: Any) -> None:
    cases = _at(city, 5)
    (row,) = _look()
    omar = signed_in(city.omar)
    form = omar.get(f"/desk/problems/new/?recurring={row.pk}").content.decode()
    assert "From 5 cases" in form and 'value="recurring" selected' in form
    data = SAID | {"area": city.north.pk, "recurring": row.pk, "case": [case.reference for case in cases]}
    answer = omar.post("/desk/problems/new/", data | {"origin": "recurring"})
    assert answer.status_code == 302
    row.refresh_from_db()
    problem = Problem.objects.get()
    assert (row.state, row.problem) == ("problem", problem) and problem.case.links_from.count() == 5
    assert problem.case.reference in omar.get("/desk/recurring/").content.decode()
    assert find(at=NOW) == [], "an open problem works on it"
    late = NOW + dt.timedelta(weeks=9)
    for n in range(5):
        make.concern(city.noise, at=late - dt.timedelta(hours=n + 1), lat=LAT, long=LONG)
    omar.post(f"/desk/{problem.case.reference}/add_place/",
              {"name": "Gate", "role": "scene", "point": f"{LAT}, {LONG}", "version": 2})  # fmt: skip
    assert find(at=late) == [], "also at a place of the problem that nobody linked the new ones to"


def test_what_does_not_come_back_passes_and_is_forgotten_after_a_year(city: City) -> None:
    _at(city, 5)
    (row,) = _look()
    _look(dt.timedelta(weeks=20))
    row.refresh_from_db()
    assert row.state == "passed"
    assert forget_recurring(at=NOW + dt.timedelta(days=300)) == 0
    assert forget_recurring(at=NOW + dt.timedelta(days=370)) == 1 and not Recurrence.objects.exists()


def _elsewhere(city: City, count: int, *, years_ago: int) -> None:
    """Concerns of another area: the department was as busy then as now."""
    at = NOW - relativedelta(years=years_ago) - dt.timedelta(days=5)
    for n in range(count):
        make.concern(city.noise, at=at, lat=make.SOUTH[0] - 0.03 + n * 0.002, long=LONG, address="")


def _spread(city: City, count: int, *, years_ago: int) -> None:
    """So many concerns of an area, none of them close to another one."""
    at = NOW - relativedelta(years=years_ago) - dt.timedelta(days=5)
    for n in range(count):
        make.concern(city.noise, at=at - dt.timedelta(hours=n), lat=LAT - 0.03 + n * 0.002, long=LONG, address="")


def test_an_area_is_told_only_above_what_these_weeks_of_earlier_years_had(city: City, signed_in: Any) -> None:
    for years in (1, 2):
        _spread(city, 12, years_ago=years)
        _elsewhere(city, 9, years_ago=years)
    _spread(city, 12, years_ago=3)  # too few elsewhere: people reported less then
    _spread(city, 14, years_ago=0)
    assert find(at=NOW) == [], "14 after 12 and 12 is nothing to speak of"
    at = NOW - dt.timedelta(days=20)
    for n in range(20):
        make.concern(city.noise, at=at, lat=LAT - 0.03 + n * 0.002, long=LONG + 0.01, address="")
    (row,) = _look()
    assert (row.area, row.category, row.n, row.expected, row.years) == (city.north, city.noise, 34, 12.0, 2)
    page = signed_in(city.sam).get("/desk/recurring/").content.decode()
    assert "Noise in North" in page and "In the same weeks of 2 earlier years there were 12.0 on average." in page


def test_without_earlier_years_nothing_is_said_of_areas(city: City) -> None:
    _spread(city, 30, years_ago=0)
    assert find(at=NOW) == []


def test_who_sees_none_of_its_concerns_neither_sees_nor_ends_a_finding(city: City, signed_in: Any) -> None:
    _at(city, 5, lat=make.SOUTH[0])
    (row,) = _look()
    north = make.user("Nora North", "supervisor", areas=(city.north,))
    nora = signed_in(north)
    assert "100 N State St" not in nora.get("/desk/recurring/").content.decode()
    assert nora.post(f"/desk/recurring/{row.pk}/dismiss/", {"reason": "x"}).status_code == 404
    assert nora.post(f"/desk/recurring/{row.pk}/put-back/").status_code == 404
    assert "From" not in nora.get(f"/desk/problems/new/?recurring={row.pk}").content.decode()
    partner = make.user("Paula Partner", "partner", team=city.team)
    assert signed_in(partner).get("/desk/recurring/").status_code in {403, 404}


def test_a_night_spends_as_many_statements_on_many_places_as_on_one(city: City) -> None:
    def spent(metres: range) -> int:
        for far in metres:
            _at(city, 5, metres=far * 500)
        with CaptureQueriesContext(connection) as made:
            found = _look()
        assert len(found) == len(metres)
        return len(made)

    assert spent(range(1)) >= spent(range(1, 7))


@given(past=st.integers(0, 60), years=st.integers(1, 3), n=st.integers(0, 80))
def test_the_chance_of_more_is_a_probability_that_falls(past: int, years: int, n: int) -> None:
    here, more = chance_of(n, past=past, years=years), chance_of(n + 1, past=past, years=years)
    assert 0 <= more <= here <= 1


def test_the_chance_of_more_is_that_of_the_negative_binomial() -> None:
    from scipy.stats import nbinom

    for n, past, years in ((14, 24, 2), (28, 24, 2), (10, 0, 1), (3, 9, 3)):
        assert chance_of(n, past=past, years=years) == pytest.approx(
            nbinom.sf(n - 1, past + 0.5, years / (years + 1)), rel=1e-6, abs=1e-12
        )


def test_a_hot_spot_is_carried_over_to_a_new_problem(city: City, signed_in: Any) -> None:
    page = signed_in(city.sam).get(f"/desk/problems/new/?origin=data&near={LAT},{LONG}&spot=Beat+12").content.decode()
    assert f'value="{city.north.pk}" selected' in page and 'value="Beat 12"' in page and 'value="data" selected' in page
    for near in ("nonsense", "95,0", "1", "nan,nan", ""):
        assert signed_in(city.sam).get(f"/desk/problems/new/?near={near}").status_code == 200
