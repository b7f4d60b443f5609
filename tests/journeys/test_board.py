"""The dashboard shows what is stored and counts nothing; maps of areas have colours, words and a file of areas only."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commonbeat.cases.models import Case
from commonbeat.evidence import board
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.measures import measure, measures
from commonbeat.evidence.models import CountedMeasure, Observation
from commonbeat.evidence.observing import observed, refresh_records, refresh_source
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source

HERE = "/desk/evidence/board/"


@pytest.fixture
def town(city: City, signed_in: Any) -> Client:
    """An analyst's browser, and a town with four years of burglaries: two a week in the north, one in the south."""
    days = [dt.datetime(2010, 1, 1, 12) + dt.timedelta(days=7 * week) for week in range(208)]
    rows = [(day, place, "A") for day in days for place in (make.NORTH, make.NORTH, make.SOUTH)]
    row = source([*rows, (dt.datetime(2013, 12, 31, 12), make.SOUTH, "A")])
    CountedMeasure.objects.create(slug="burglary", name="Burglaries", noun="burglaries", source=row)
    refresh_source(row.pk, at=make.NOW)
    return signed_in(make.user("Devi Analyst", "analyst"))  # type: ignore[no-any-return]


def test_the_dashboard_shows_every_measure_and_one_by_area_and_year(town: Client) -> None:
    page = town.get(HERE).content.decode()
    assert "Burglaries" in page and "twelve months until December 2013" in page
    assert "in the twelve months before" in page and "within the expected" in page and "<path d=" in page
    rows = re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', page, re.S)
    told = {name: re.findall(r">(\d+)</td>", cells) for name, cells in rows}
    assert told["North"][1] == "104" and told["South"][1] == "52" and told["All areas"][1] == "156"
    assert "shade--5" in page
    file = town.get("/desk/evidence/board.csv").content.decode("utf-8-sig")
    table = {row["code"]: row for row in csv.DictReader(io.StringIO(file))}
    assert table["north"]["2011"] == "104.0" and table["south"]["2011"] == "52.0"


def test_the_numbers_are_those_of_the_looks_and_nothing_is_counted_anew(town: Client, city: City) -> None:
    areas = area_set("community_area")
    line = next(one for one in board.lines(measures(), areas) if one.measure.slug == "burglary")
    seen = observed(measure("burglary"), areas)
    assert seen is not None and (line.n == seen.n.sum(axis=0)).all()
    table = board.by_year(line, areas)
    assert table.n.sum() == seen.events and list(table.years) == [2010, 2011, 2012, 2013] and all(table.whole)
    assert (table.shades() > 0).all() and table.shades().max() == 5

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert town.get(HERE).status_code == 200
        return len(queries)

    asked()
    before, row = asked(), CountedMeasure.objects.get(slug="burglary").source
    for number in range(6):
        CountedMeasure.objects.create(slug=f"more-{number}", name=f"More {number}", noun="x", source=row)
    refresh_source(row.pk, at=make.NOW)
    assert asked() == before, "however many measures there are"
    assert "More 5" in town.get(HERE).content.decode()


def test_shares_are_of_all_cases_and_few_cases_give_no_percentage(city: City) -> None:
    first = make.concern(city.noise).case
    Case.objects.filter(pk=first.pk).update(opened_at=dt.datetime(2026, 1, 1, 18, tzinfo=dt.UTC))
    refresh_records(at=make.NOW)
    areas = area_set("community_area")
    for area, met, n in ((areas.rows[0], 0.5, 40), (areas.rows[1], 1.0, 4)):
        Observation.objects.create(measure="concerns-on-time", area=area, on=dt.date(2026, 2, 1), value=met, n=n)
    line = next(one for one in board.lines(measures(), areas) if one.measure.slug == "concerns-on-time")
    assert line.months.labels[:2] == ("2026-01", "2026-02") and line.expected() is None
    assert np.isnan(line.values[0]) and line.values[1] == pytest.approx(100 * 24 / 44)
    table = board.by_year(line, areas)
    assert table.values[0, 0] == 50 and np.isnan(table.values[1, 0]) and table.shades()[1, 0] == 0


def test_unknown_areas_and_measures_are_no_page_and_a_new_town_has_an_empty_one(
    city: City, town: Client, signed_in: Any
) -> None:
    assert town.get(HERE + "?areas=moon@1").status_code == 404
    assert town.get(HERE + "?measure=height").status_code == 404
    assert signed_in(city.omar).get(HERE).status_code == 404
    assert signed_in(city.omar).get("/desk/evidence/board.csv").status_code == 404
    Observation.objects.all().delete()
    CountedMeasure.objects.all().delete()
    assert "Nothing is counted yet" in town.get(HERE).content.decode()
    assert town.get("/desk/evidence/board.csv")["Location"] == "/desk/evidence/board/"


def test_a_map_has_a_picture_without_scripts_and_a_file_of_areas_without_points(town: Client) -> None:
    page = town.get("/desk/evidence/look/burglary/map/").content.decode()
    assert 'data-areas="/desk/evidence/look/burglary/map.geojson' in page
    assert re.search(r'<div class="map__instead"><img src="/desk/evidence/look/burglary/map.svg', page)
    assert "Areas (GeoJSON)" in page
    file = town.get("/desk/evidence/look/burglary/map.geojson?save")
    assert file["Content-Type"] == "application/geo+json" and "attachment" in file["Content-Disposition"]
    told = {one["properties"]["code"]: one for one in file.json()["features"]}
    assert told["north"]["properties"]["said"] == "416 (burglaries)"
    assert told["north"]["properties"]["fill"] != told["south"]["properties"]["fill"]
    assert {one["geometry"]["type"] for one in told.values()} <= {"Polygon", "MultiPolygon"}
    assert town.get("/desk/evidence/look/burglary/trend.geojson").status_code == 404
    assert "GeoJSON" not in town.get("/desk/evidence/look/burglary/trend/").content.decode()
