"""Area files as people export them: read when they can be, refused with the reason when not."""

import copy
import json

import pytest
import shapely
from shapely.geometry import box, mapping

from commonbeat.core import area_files
from commonbeat.core.area_files import BadAreas, parse_geojson_areas, simplify

SQUARE = [[[-87.7, 41.8], [-87.6, 41.8], [-87.6, 41.9], [-87.7, 41.9], [-87.7, 41.8]]]
BOW_TIE = [[[-87.7, 41.8], [-87.6, 41.9], [-87.6, 41.8], [-87.7, 41.9], [-87.7, 41.8]]]


def feature(coordinates=SQUARE, kind="Polygon", **properties):
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": copy.deepcopy(coordinates)},
        "properties": properties or {"name": "Loop"},
    }


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def problems(data, **how):
    with pytest.raises(BadAreas) as refusal:
        parse_geojson_areas(data, **how)
    return [(problem.code, problem.area) for problem in refusal.value.problems]


def test_a_collection_is_read_with_names_numbers_and_properties():
    first = feature(COMMUNITY="NEAR NORTH SIDE", area_num_1="8", id=8.0)
    [area] = parse_geojson_areas(json.dumps(collection(first)).encode())
    assert (area.name, area.external_id, area.notes) == ("NEAR NORTH SIDE", "8", ())
    assert area.geometry.geom_type == "MultiPolygon"
    assert area.properties["area_num_1"] == "8"


def test_a_feature_and_a_bare_geometry_are_read_too_and_a_byte_order_mark_does_no_harm():
    assert parse_geojson_areas(feature())[0].name == "Loop"
    named = {"type": "Feature", "id": "b12", "geometry": {"type": "Polygon", "coordinates": SQUARE}}
    [area] = parse_geojson_areas(b"\xef\xbb\xbf" + json.dumps(named).encode())
    assert (area.name, area.notes) == ("b12", ("numbered",))
    assert problems({"type": "Polygon", "coordinates": SQUARE}) == [("no-name", 1)]


def test_the_name_can_be_taken_from_a_property_of_choice():
    [area] = parse_geojson_areas(collection(feature(name="x", beat=" 1423  North ")), name_key="beat")
    assert area.name == "1423 North"
    assert problems(collection(feature(name="x")), name_key="beat") == [("no-name", 1)]


def test_crossing_lines_are_repaired_and_noted():
    [area] = parse_geojson_areas(collection(feature(BOW_TIE)))
    assert area.notes == ("repaired",)
    assert area.geometry.is_valid and area.geometry.area > 0


def test_heights_are_dropped():
    high = [[[x, y, 180.0] for x, y in SQUARE[0]]]
    [area] = parse_geojson_areas(collection(feature(high)))
    assert area.notes == ("flattened",) and not area.geometry.has_z


def test_swapped_coordinates_are_noticed():
    swapped = [[[y, x] for x, y in SQUARE[0]]]
    assert problems(collection(feature(swapped))) == [("swapped", 1)]
    berlin = mapping(box(52.3, 13.2, 52.6, 13.6))["coordinates"]
    assert problems(collection(feature(berlin)), near=(52.5, 13.4)) == [("swapped", 1)]
    seattle = mapping(box(47.5, -122.4, 47.7, -122.2))["coordinates"]
    assert problems(collection(feature(seattle))) == [("swapped", 1)]
    assert parse_geojson_areas(collection(feature()), near=(41.88, -87.63))


def test_coordinates_in_feet_and_other_reference_systems_are_noticed():
    feet = [[[x * 10_000, y * 10_000] for x, y in SQUARE[0]]]
    assert problems(collection(feature(feet))) == [("projected", 1)]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3435"}}
    with pytest.raises(BadAreas) as refusal:
        parse_geojson_areas(collection(feature(), crs=crs))
    assert (refusal.value.problems[0].code, refusal.value.problems[0].detail) == (
        "wrong-crs",
        "urn:ogc:def:crs:EPSG::3435",
    )
    usual = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert parse_geojson_areas(collection(feature(), crs=usual))


def test_every_bad_area_is_named_at_once():
    data = collection(
        feature(),
        feature([[-87.7, 41.8], [-87.6, 41.8]], kind="LineString"),
        {"type": "Feature", "geometry": None, "properties": {"name": "x"}},
        feature([[["a", "b"]]]),
        feature([[[-87.7, 41.8], [-87.6, 41.8], [-87.65, 41.8], [-87.7, 41.8]]]),
        feature([]),
        feature([[[-87.7, float("nan")], [-87.6, 41.8], [-87.6, 41.9], [-87.7, float("nan")]]]),
        {**feature(), "properties": None},
        feature([[[200, 41.8], [201, 41.8], [201, 41.9], [200, 41.8]]]),
    )
    found = problems(data)
    assert [area for _, area in found] == [2, 3, 4, 5, 6, 7, 8, 9]
    assert [code for code, _ in found] == [
        "not-a-polygon",
        "no-shape",
        "broken-shape",
        "empty-shape",
        "empty-shape",
        "broken-shape",
        "no-name",
        "off-globe",
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-json"),
        (b"PK\x03\x04", "not-json"),
        (b"\xff\xfe", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b"[]", "not-geojson"),
        (b'{"type": 3}', "not-geojson"),
        (b'{"type": "Topology"}', "not-geojson"),
        (b'{"type": "FeatureCollection"}', "not-geojson"),
        (b'{"type": "FeatureCollection", "features": [1]}', "not-geojson"),
        (b'{"type": "FeatureCollection", "features": []}', "no-areas"),
    ],
)
def test_a_file_that_is_something_else_is_refused_with_its_reason(data, code):
    assert problems(data) == [(code, None)]


def test_too_large_files_are_refused(monkeypatch):
    monkeypatch.setattr(area_files, "MAX_BYTES", 100)
    assert problems(b" " * 101) == [("too-large", None)]
    monkeypatch.setattr(area_files, "MAX_AREAS", 1)
    assert problems(collection(feature(), feature())) == [("too-many-areas", None)]
    monkeypatch.setattr(area_files, "MAX_CORNERS", 3)
    assert problems(collection(feature())) == [("too-many-corners", None)]


def test_simplified_neighbours_keep_their_common_border():
    wave = [(-87.6 + 0.0005 * (n % 2), 41.8 + n / 1000) for n in range(101)]
    west = shapely.Polygon([(-87.7, 41.8), *wave, (-87.7, 41.9)])
    east = shapely.Polygon([(-87.5, 41.8), *wave, (-87.5, 41.9)])
    areas = parse_geojson_areas(
        collection(*(feature(mapping(drawn)["coordinates"], name=name) for drawn, name in ((west, "w"), (east, "e"))))
    )
    simple = simplify(areas, tolerance_m=200)
    corners = [int(shapely.get_num_coordinates(area.geometry)) for area in simple]
    assert max(corners) < 20
    one, other = (area.geometry for area in simple)
    assert one.intersection(other).area == 0
    assert one.union(other).area == pytest.approx(west.union(east).area, rel=1e-6)
    assert simplify([], tolerance_m=10) == []
