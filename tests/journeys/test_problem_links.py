"""What a problem is linked with: places on a map, organisations with a role, incidents as counts, never as points."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from commonbeat.community.models import Organisation, Team
from commonbeat.evidence.ending import dependants
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.models import IncidentCount, Partner, Place
from tests import make
from tests.conftest import City
from tests.evidence import incidents
from tests.journeys.test_problem import NOW, Desk, _concerns, _start
from tests.reading_pdf import text_of

LAT, LONG = make.NORTH
POINT = f"{LAT}, {LONG}"


def _last(desk: Desk) -> Entry:
    return Entry.objects.about("case", desk.case.pk).latest("number")


def test_a_place_is_a_row_with_point_area_and_role_and_its_changes_stay_readable(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 1))
    desk.done("add_place", name="Park gate", role="scene", point=POINT, note="No light")
    place = Place.objects.get()
    assert (place.lat, place.long, place.area, place.role) == (LAT, LONG, city.north, "scene")
    assert "Park gate" in desk.page() and "Where it happens" in desk.page()

    form = desk.page(f"?step=change_place&place={place.pk}")
    assert 'value="Park gate"' in form and f"{LAT:.6f}, {LONG:.6f}" in form
    desk.done("change_place", place=place.pk, name="Park gate, north", role="source", point=POINT)
    place.refresh_from_db()
    assert (place.name, place.role) == ("Park gate, north", "source")
    assert _last(desk).data["was"]["name"] == "Park gate"

    desk.done("remove_place", place=place.pk, reason="Another problem's.")
    assert not Place.objects.exists()
    assert "Another problem&#x27;s." in desk.page() and _last(desk).data["was"]["name"] == "Park gate, north"


def test_a_place_without_a_point_lies_where_earlier_cases_at_that_address_lie(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 1, lat=LAT, long=LONG))
    desk.done("add_place", name="100  n state ST", role="scene")
    desk.done("add_place", name="Somewhere else", role="affected", area=city.south.pk)
    first, second = Place.objects.order_by("pk")
    assert (first.lat, first.area) == (LAT, city.north)
    assert (second.lat, second.area) == (None, city.south) and "not on the map" in desk.page()


def test_a_point_that_cannot_be_read_or_lies_outside_is_refused_and_kept_for_correction(
    city: City, signed_in: Any
) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 1))
    for point, said in (("north of the gate", "two numbers in degrees"), ("91, 0", "two numbers in degrees"),
                        ("10.0, 10.0", "outside the area that we serve")):  # fmt: skip
        answer = desk.take("add_place", name="Gate", role="scene", point=point)
        page = answer.content.decode()
        assert answer.status_code == 422 and said in page and point in page
    assert not Place.objects.exists()


def test_cases_close_to_a_place_are_offered_until_they_are_linked(city: City, signed_in: Any) -> None:
    linked, near, far = (
        make.concern(city.noise, at=NOW - dt.timedelta(days=2), address="1 A St", lat=LAT + north, long=LONG).case
        for north in (0, 0.0005, 0.02)
    )
    desk = _start(city, signed_in(city.omar), [linked])
    assert "close to these places" not in desk.page()
    desk.done("add_place", name="Park gate", role="scene", point=POINT)
    page = desk.page()
    assert "1 case close to these places is not linked" in page and f"references={near.reference}" in page
    assert f"references={far.reference}" not in page and f"references={linked.reference}" not in page
    desk.done("connect", references=near.reference)
    assert "close to these places" not in desk.page()


def test_the_map_shows_places_and_linked_cases_to_insiders_alone(city: City, signed_in: Any) -> None:
    case = make.concern(city.noise, at=NOW - dt.timedelta(days=2), lat=LAT, long=LONG).case
    desk = _start(city, signed_in(city.omar), [case])
    desk.done("add_place", name="Park gate", role="scene", point=POINT)
    found = desk.client.get(f"{desk.url}places.geojson").json()["features"]
    assert [row["properties"]["title"] for row in found] == ["Park gate", case.reference]
    assert desk.client.get(f"/desk/{case.reference}/places.geojson").status_code == 404, "no problem, no places"
    assert desk.client.get("/desk/nonsense/places.geojson").status_code == 404
    body = Organisation.objects.create(name="Park District")
    team = Team.objects.create(name="Park crew", organisation=body)
    partner = make.user("Paula Park", "partner", team=team)
    desk.done("assign", team=team.pk)
    paula = signed_in(partner)
    assert paula.get(desk.url).status_code == 200 and "Park gate" not in paula.get(desk.url).content.decode()
    assert paula.get(f"{desk.url}places.geojson").status_code in {403, 404}


def test_an_organisation_has_a_role_that_can_change_and_be_taken_off(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 1))
    body = Organisation.objects.create(name="Park District")
    desk.done("add_partner", organisation=body.pk, role="manager", note="Owns the gate")
    assert desk.take("add_partner", organisation=body.pk, role="manager").status_code == 422, "once in a role"
    row = Partner.objects.get()
    assert "In charge of the place" in desk.page() and "Owns the gate" in desk.page()
    desk.done("change_partner", partner=row.pk, role="super")
    assert "Can move those who could control it" in desk.page()
    assert _last(desk).data["was"] == {"role": "manager", "note": "Owns the gate"}
    desk.done("remove_partner", partner=row.pk, reason="Sold it.")
    assert not Partner.objects.exists() and "Sold it." in desk.page()


def _records() -> Any:
    day = NOW.replace(tzinfo=None, hour=12) - dt.timedelta(days=3)
    at_gate = [(day - dt.timedelta(days=n), (LAT, LONG), "VANDALISM") for n in range(7)]
    others = [(day, (LAT + 0.03, LONG), "VANDALISM"), (day, (LAT, LONG), "SEX OFFENSE"), (day, None, "VANDALISM")]
    return incidents.source([*at_gate, *others], slug="records", name="Records")


def test_incidents_are_a_stored_query_with_a_count_as_of_a_day(city: City, signed_in: Any) -> None:
    source, sam = _records(), signed_in(city.sam)
    desk = _start(city, sam, _concerns(city, 1))
    desk.done("add_place", name="Park gate", role="scene", point=POINT)
    place = Place.objects.get()
    desk.done("count_incidents", source="records", sorts="vandalism", around=place.pk, radius_m=200)
    desk.done("count_incidents", source="records", area=city.north.pk)
    near, whole = IncidentCount.objects.order_by("pk")
    assert (near.n, near.sorts, whole.n) == (7, ["VANDALISM"], 8), "the sensitive sort and the one nowhere are left out"
    page = desk.page()
    assert 'Records: <span class="numbers">7</span>' in page and "within 200 metres of Park gate" in page
    said = " ".join(text_of(sam.get(f"{desk.url}brief.pdf").content).text.split())
    assert "Park gate" in said and "within 200 metres" in said

    IncidentCount.objects.filter(pk=near.pk).update(n=2)
    page = desk.page()
    assert 'Records: <span class="numbers">2<' not in page and "within 200 metres" in page, "small ones are hidden"
    desk.done("count_again", counted=near.pk)
    near.refresh_from_db()
    assert near.n == 7 and _last(desk).data["was"]["n"] == 2
    named = dict(dependants(source))["Problems that count its incidents"]
    assert named == [f"{desk.case.reference} Loud music in the park"], "whoever ends the source reads which, once"
    source.delete()
    desk.done("remove_count", counted=near.pk, reason="Counted twice.")
    assert desk.take("count_again", counted=whole.pk).status_code == 422, "its records are gone, the count stays"
    assert IncidentCount.objects.get() == whole


def test_a_count_needs_known_sorts_that_are_not_sensitive_and_one_where(city: City, signed_in: Any) -> None:
    _records()
    desk = _start(city, signed_in(city.sam), _concerns(city, 1))
    for data, said in (
        ({"sorts": "WITCHCRAFT", "area": city.north.pk}, "no such sorts"),
        ({"sorts": "Sex offense", "area": city.north.pk}, "could tell who suffered"),
        ({}, "Choose either a place"),
        ({"area": city.north.pk, "first_on": "2026-02-01", "last_on": "2026-01-01"}, "Turn them round"),
    ):
        answer = desk.take("count_incidents", source="records", **data)
        assert answer.status_code == 422 and said in answer.content.decode(), data
    assert not IncidentCount.objects.exists()
    omar = Desk(signed_in(city.omar), desk.case)
    assert omar.take("count_incidents", source="records", area=city.north.pk).status_code in {403, 409, 422}
    assert not IncidentCount.objects.exists(), "officers do not count by place"


def test_the_page_spends_as_many_statements_on_ten_places_as_on_two(city: City, signed_in: Any) -> None:
    desk = _start(city, signed_in(city.omar), _concerns(city, 1))

    def spent(count: int) -> int:
        for number in range(count):
            desk.done("add_place", name=f"Gate {number}", role="scene", point=POINT)
            body = Organisation.objects.create(name=f"Body {Organisation.objects.count()}")
            desk.done("add_partner", organisation=body.pk, role="manager")
        desk.page()
        with CaptureQueriesContext(connection) as made:
            desk.page()
        return len(made)

    assert spent(2) == spent(8)
