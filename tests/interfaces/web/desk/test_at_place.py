"""Everything at a place: whatever a reader may see there, and nothing that tells of what they may not."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.cases.at_place import Place, at_place, page
from commonbeat.cases.kind import Kind
from commonbeat.cases.models import Case
from commonbeat.cases.statistics import Months, count
from commonbeat.core.actor import Actor, Grant
from commonbeat.core.geography import Point, distance_m
from commonbeat.journal.models import AccessLog
from tests import make
from tests.conftest import City
from tests.contracts.opening import opening_of
from tests.contracts.test_visibility import ROLES, SEES, SQUARE, _sees, matters, two_more_kinds  # noqa: F401
from tests.evidence.incidents import source

ADDRESS = "100 N State St"
FAR = (41.9009, -87.70)
"""A hundred metres north of `make.NORTH`."""


def test_open_and_past_cases_near_by_and_at_the_address_are_found_with_how_far_they_are(
    city: City, signed_in: Any
) -> None:
    here = make.concern(city.noise, address="1 Here St").case
    near = make.concern(city.vehicle, place=FAR, address="2 Near St").case
    same = make.concern(city.noise, place=None, address="1  HERE st", area_id=city.north.pk).case
    Case.objects.filter(pk=same.pk).update(address="1 HERE st")
    far = make.concern(city.noise, place=make.SOUTH, address="9 Far St").case
    past = make.concern(city.noise, address="3 Past St").case
    Case.objects.filter(pk=past.pk).update(state="resolved", closed_at=make.NOW, outcome="fixed")
    client = signed_in(city.sam)
    assert f"/desk/place/?case={here.reference}" in client.get(f"/desk/{here.reference}/").content.decode()
    answer = client.get(f"/desk/place/?case={here.reference}&metres=200").content.decode()
    assert all(f"/desk/{c.reference}/" in answer for c in (near, same, past)) and far.reference not in answer
    assert (
        "100 m away" in answer and AccessLog.objects.filter(subject_id=here.pk, what="everything at a place").exists()
    )
    assert near.reference not in client.get(f"/desk/place/?case={here.reference}&metres=50").content.decode()
    only = client.get(f"/desk/place/?case={here.reference}&metres=200&state=closed").content.decode()
    assert past.reference in only and near.reference not in only
    by_words = client.get("/desk/place/?address=1+here+ST&metres=200").content.decode()
    assert all(f"/desk/{c.reference}/" in by_words for c in (here, same, near))
    assert "no other case here" in client.get("/desk/place/?address=Nowhere+1").content.decode()
    assert client.get("/desk/place/").status_code == 200
    assert client.get("/desk/place/?case=CB-NONE").status_code == 404
    assert signed_in(city.olga).get(f"/desk/place/?case={here.reference}").status_code == 404


@SQUARE
@given(data=st.data())
def test_nothing_outside_what_a_reader_may_see_is_learned_not_even_by_counts(
    city: City,
    matters: list[Case],  # noqa: F811
    two_more_kinds: list[Kind],  # noqa: F811
    data: Any,
) -> None:
    for kind in two_more_kinds:
        object.__setattr__(kind, "sees", data.draw(SEES))
    areas = st.sets(st.sampled_from([city.north.pk, city.south.pk])).map(frozenset)
    grant = st.builds(Grant, role=st.sampled_from(ROLES), area_ids=areas, team_id=st.sampled_from([None, city.team.pk]))
    user = data.draw(st.sampled_from([city.omar, city.sam, city.pat]))
    actor = Actor(sort="staff", user_id=user.pk, name=user.name, grants=tuple(data.draw(st.lists(grant, max_size=3))))
    place = Place(
        *make.NORTH, metres=data.draw(st.sampled_from([50, 1000])), address=data.draw(st.sampled_from(["", ADDRESS]))
    )
    may = {case.pk for case in matters if _sees(case, actor)}
    assert set(at_place(place, actor=actor).values_list("pk", flat=True)) == may, "all of them lie there"
    shown, older = set(), ""
    while True:
        found = page(place, actor=actor, older=older)
        shown |= {row["id"] for row in found.rows}
        older = found.older
        if not older:
            break
    assert shown == may and (not may or not page(place, actor=actor).newer)
    months, _right = Months.read("2026-03", "2026-03", at=make.NOW)
    for kind in two_more_kinds:
        counted = count(kind, months, actor=actor, at=make.NOW).counts["opened"]
        assert counted == sum(case.kind == kind.slug for case in matters if case.pk in may)


def test_the_distance_of_the_database_is_that_of_the_map(city: City) -> None:
    made = [make.concern(city.noise, place=(41.90 + i / 3000, -87.70 - i / 5000)).case for i in range(12)]
    for metres in (50, 100, 200, 500):
        found = set(
            at_place(Place(*make.NORTH, metres=metres), actor=city.actor(city.sam)).values_list("pk", flat=True)
        )
        assert found == {c.pk for c in made if distance_m(Point(*make.NORTH), Point(c.lat, c.long)) <= metres}


@pytest.mark.parametrize("slug", ["tip", "complaint"])
def test_sealed_and_walled_cases_are_not_there_for_others(city: City, signed_in: Any, slug: str) -> None:
    from commonbeat.cases.kind import KINDS

    hidden = opening_of(KINDS[slug]).open_one(city)
    Case.objects.filter(pk=hidden.pk).update(address="" if slug == "tip" else ADDRESS)
    here = make.concern(city.noise, address=ADDRESS).case
    answer = signed_in(city.omar).get(f"/desk/place/?case={here.reference}").content.decode()
    assert hidden.reference not in answer and "no other case here" in answer
    if slug == "complaint":
        assert hidden.reference in signed_in(city.pat).get(f"/desk/place/?address={ADDRESS}").content.decode()


def test_a_page_spends_a_fixed_number_of_statements_and_goes_on(city: City, signed_in: Any) -> None:
    client, spent = signed_in(city.sam), []
    here = make.concern(city.noise).case
    for number in (3, 55):
        for _turn in range(number):
            make.concern(city.noise)
        client.get(f"/desk/place/?case={here.reference}")
        with CaptureQueriesContext(connection) as caught:
            first = client.get(f"/desk/place/?case={here.reference}").content.decode()
        spent.append(len(caught))
    assert spent[0] == spent[1] <= 14, spent
    older = re.search(r'href="\?([^"]*older=[^"]*)"', first)
    assert older and first.count("data-row") == 50
    assert client.get("/desk/place/?" + older[1].replace("&amp;", "&")).content.decode().count("data-row") == 8


def test_places_and_addresses_of_past_cases_are_found_by_their_indexes(city: City) -> None:
    make.concern(city.noise)
    plans = {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for name, place in (("case_cell_kind", Place(*make.NORTH)), ("case_same_address", Place(address=ADDRESS))):
            sql, params = at_place(place, actor=city.actor(city.sam)).values("pk").query.sql_with_params()
            cursor.execute("EXPLAIN " + sql, params)
            plans[name] = "\n".join(row[0] for row in cursor.fetchall())
    assert all(name in plan for name, plan in plans.items()), plans


def test_problems_of_the_area_are_named(city: City, signed_in: Any) -> None:
    from commonbeat.cases.kind import KINDS
    from commonbeat.kinds.problem.models import Problem

    problem = opening_of(KINDS["problem"]).open_one(city)
    Problem.objects.filter(case=problem).update(areas=[city.north.pk])
    here = make.concern(city.noise, address="Other 1").case
    answer = signed_in(city.sam).get(f"/desk/place/?case={here.reference}&metres=50").content.decode()
    assert "Problems worked on in this area" in answer and problem.reference in answer


def test_incidents_are_counted_for_planners_without_small_numbers_points_or_sensitive_sorts(
    city: City, signed_in: Any
) -> None:
    day = dt.datetime(2026, 2, 1, 12)
    rows = [(day, make.NORTH, "BURGLARY")] * 7 + [(day, make.NORTH, "THEFT")] * 2 + [(day, make.SOUTH, "ROBBERY")] * 9
    rows += [(day, make.NORTH, "CRIM SEXUAL ASSAULT")] * 8 + [(day - dt.timedelta(days=500), make.NORTH, "ARSON")] * 9
    source(rows, slug="incidents", name="Recorded incidents")
    here = make.concern(city.noise).case
    answer = signed_in(city.sam).get(f"/desk/place/?case={here.reference}&metres=200").content.decode()
    told = answer[answer.index("Recorded incidents</h2>") :]
    assert "<li>BURGLARY: " in told and "<li>THEFT: *</li>" in told and "THEFT: 2" not in told
    assert not [word for word in ("ASSAULT", "ROBBERY", "ARSON", "100 N DEMO", "41.9") if word in told]
    assert "point at a victim are left out" in told
    assert AccessLog.objects.filter(subject_kind="source", what="counted around a place").count() == 1
    officers = signed_in(city.omar).get(f"/desk/place/?case={here.reference}&metres=200").content.decode()
    assert "Recorded incidents" not in officers
