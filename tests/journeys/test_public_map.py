"""Residents see the numbers of a year as a map of areas: without scripts, to take away, small numbers hidden."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from commonbeat.community.models import Area
from commonbeat.evidence.models import CountedMeasure, Observation
from commonbeat.evidence.observing import refresh_source
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source

HERE = "/numbers/burglary/"


@pytest.fixture
def resident(city: City) -> Client:
    """Two years of burglaries in four areas; in one of them three in the last year."""
    east, west = make.area("East", at=(41.9, -87.5)), make.area("West", at=(41.9, -87.9))
    assert east.pk and west.pk
    weeks = [dt.datetime(2012, 1, 1, 12) + dt.timedelta(days=7 * week) for week in range(105)]
    places = (make.NORTH, make.NORTH, make.SOUTH, (41.9, -87.5))
    rows = [(day, place, "A") for day in weeks for place in places] + [(dt.datetime(2013, 12, 31), make.NORTH, "A")]
    rows += [(day, (41.9, -87.9), "A") for day in weeks[-20:-17]]
    row = source(rows)
    CountedMeasure.objects.create(slug="burglary", name="Burglaries", noun="burglaries", source=row, public=True)
    refresh_source(row.pk, at=make.NOW)
    return Client()


def _areas(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{HERE}map.geojson{query}")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/geo+json"
    told = answer.json()["features"]
    assert {one["geometry"]["type"] for one in told} <= {"Polygon", "MultiPolygon"}, "never a point"
    return {one["properties"]["code"]: one["properties"] for one in told}


def test_a_year_is_a_map_with_a_picture_without_scripts_a_legend_and_words(resident: Client) -> None:
    page = resident.get(HERE).content.decode()
    assert re.search(r'<div class="map__instead"><img src="/numbers/burglary/map.svg\?year=2013', page)
    assert 'data-areas="/numbers/burglary/map.geojson?year=2013' in page
    assert "Burglaries, 2013: North had the highest number, 105" in page and "with a number that may be shown" in page
    assert "not shown (*)" in page and "Download these areas" in page
    picture = resident.get(f"{HERE}map.svg?year=2012")
    assert picture.content.startswith(b"<svg") and b"burglaries, 2012" in picture.content
    save = resident.get(f"{HERE}map.geojson?save")
    assert "attachment" in save["Content-Disposition"]
    told = resident.get(f"{HERE}?rate=1").content.decode()
    assert "Burglaries per 1,000 residents, 2013: North had the highest number, 2.1" in told
    rate = _areas(resident, "?year=2013&rate=1")
    assert rate["north"]["said"].startswith("2.1 (burglaries per 1,000 residents, 2013)")
    Area.objects.filter(code="east").update(population={})
    assert "Per 1,000 residents" not in resident.get(HERE).content.decode(), "residents of one area are not known"
    assert resident.get(f"{HERE}?rate=1").status_code == 404
    for wrong in ("?year=1999", "?year=x"):
        assert resident.get(HERE + wrong).status_code == 404
        assert resident.get(f"{HERE}map.geojson{wrong}").status_code == 404
    assert resident.get("/numbers/other/map.svg").status_code == 404


def test_rule_11_what_the_table_hides_the_map_hides(resident: Client) -> None:
    told = _areas(resident)
    assert told["west"]["count"] is None and told["west"]["fill"] == "#ffffff" and told["west"]["said"].startswith("*")
    hidden = {code for code, one in told.items() if one["count"] is None}
    assert len(hidden) >= 2, "one more protects it"
    shown = {code: one["count"] for code, one in told.items() if one["count"] is not None}
    assert not any(word == "3" for one in told.values() for word in re.findall(r"\d+", one["class"]))
    table = resident.get("/numbers/burglary.csv").content.decode()
    for line in table.splitlines()[1:]:
        name, _first, last = line.split(",")
        assert last == str(shown.get(name.lower(), "*"))
    page = resident.get(HERE).content.decode()
    assert f"of the {len(shown)} of 4 areas" in page
    Observation.objects.all().delete()
    assert resident.get(HERE).status_code in {200, 404}
    CountedMeasure.objects.update(public=False)
    for address in (HERE, f"{HERE}map.svg", f"{HERE}map.geojson"):
        assert resident.get(address).status_code == 404


def test_a_measure_without_a_whole_year_says_so_and_its_files_are_not_there(city: City) -> None:
    months = [dt.datetime(2013, month, 5, 12) for month in range(2, 9)]
    row = source([(day, make.NORTH, "A") for day in months])
    CountedMeasure.objects.create(slug="burglary", name="Burglaries", noun="burglaries", source=row, public=True)
    refresh_source(row.pk, at=make.NOW)
    client = Client()
    assert HERE in client.get("/numbers/").content.decode(), "what the list names opens"
    page = client.get(HERE)
    assert page.status_code == 200 and "No whole year is known yet" in page.content.decode()
    for address in (f"{HERE}?year=2013", f"{HERE}map.svg", f"{HERE}map.geojson", "/numbers/burglary.csv"):
        assert client.get(address).status_code == 404
    CountedMeasure.objects.update(public=False)
    assert client.get(HERE).status_code == 404
