"""The list of the desk as a file for programs of maps: exactly its cases, no more, and noted who took it."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from commonbeat.journal.models import AccessLog
from tests import make
from tests.conftest import City

HERE = "/desk/cases.geojson?view=all"


def _told(browser: Any, address: str = HERE) -> list[dict[str, Any]]:
    answer = browser.get(address)
    assert answer["Content-Type"] == "application/geo+json" and "no-store" in answer["Cache-Control"]
    found = json.loads(b"".join(answer.streaming_content))
    assert found["type"] == "FeatureCollection"
    return found["features"]  # type: ignore[no-any-return]


def test_the_file_holds_exactly_the_filtered_list_and_is_logged(city: City, signed_in: Any) -> None:
    noise = make.concern(city.noise, text="Drums at night").case
    make.concern(city.vehicle)
    nowhere = make.concern(city.noise, place=None, area_id=city.north.pk).case
    make.concern(city.noise, place=make.SOUTH)
    browser = signed_in(city.omar)
    address = f"{HERE}&category={city.noise.pk}"
    told = {one["properties"]["reference"]: one for one in _told(browser, address)}
    assert set(told) == {noise.reference, nowhere.reference}, "neither the vehicle nor the south"
    assert told[noise.reference]["geometry"] == {"type": "Point", "coordinates": [make.NORTH[1], make.NORTH[0]]}
    assert told[nowhere.reference]["geometry"] is None
    assert told[noise.reference]["properties"]["text"] == "Drums at night"
    log = AccessLog.objects.get(what="exported as GeoJSON")
    assert log.user_id == city.omar.pk and f"category={city.noise.pk}" in log.reason
    assert f"/desk/cases.geojson?view=all&amp;category={city.noise.pk}" in browser.get(
        f"/desk/?view=all&category={city.noise.pk}"
    ).content.decode().replace("&view", "&amp;view")
    assert _told(signed_in(city.pat)) == [], "whoever sees no case takes an empty file"


def test_the_file_costs_the_same_for_one_case_and_for_many(city: City, signed_in: Any) -> None:
    browser = signed_in(city.sam)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            _told(browser)
        return len(queries)

    make.concern(city.noise)
    asked()
    before = asked()
    for _number in range(30):
        make.concern(city.noise)
    assert asked() == before
