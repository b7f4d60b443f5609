"""Points, areas and nearness."""

import math

import h3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from commonbeat.core.geography import (
    AreaIndex,
    BadPlace,
    Box,
    Point,
    bounds,
    box_around,
    cells_within,
    distance_m,
    h3_cell,
)

TOWN = st.tuples(st.floats(41.6, 42.1), st.floats(-88.0, -87.4))
GLOBE = st.tuples(st.floats(-85, 85), st.floats(-180, 180))
SQUARES = AreaIndex(
    [
        ("west", "beat", box(-88, 41, -87.5, 42)),
        ("east", "beat", box(-87.5, 41, -87, 42)),
        ("town", "city", box(-88, 41, -87, 42)),
        ("watch", "watch", box(-87.6, 41.4, -87.4, 41.6)),
    ]
)


def moved(lat, long, metres, bearing):
    """The point so many metres away in a direction; the inverse problem of distance, by other formulas."""
    angle, lat, long = metres / 6_371_008.8, math.radians(lat), math.radians(long)
    there = math.asin(math.sin(lat) * math.cos(angle) + math.cos(lat) * math.sin(angle) * math.cos(bearing))
    turn = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(lat), math.cos(angle) - math.sin(lat) * math.sin(there)
    )
    return math.degrees(there), (math.degrees(long + turn) + 540) % 360 - 180


def test_the_distance_between_two_known_places_is_right():
    city_hall, airport = Point(41.8837, -87.6320), Point(41.9786, -87.9048)
    assert distance_m(city_hall, airport) == pytest.approx(24_930, rel=0.006)
    assert distance_m(Point(0, 0), Point(0, 1)) == pytest.approx(111_195, rel=1e-4)
    assert distance_m(Point(0, 179.9), Point(0, -179.9)) == pytest.approx(22_239, rel=1e-3)


@given(GLOBE, st.floats(0, 50_000), st.floats(0, 2 * math.pi))
def test_a_box_holds_every_point_within_its_radius(place, radius, bearing):
    there = Point(*moved(*place, radius * 0.999999, bearing))
    assert distance_m(Point(*place), there) <= radius + 0.01
    box_here = box_around(*place, radius + 0.01)
    assert there in box_here


def test_a_box_across_the_date_line_or_a_pole_still_holds_its_points():
    assert Point(0, -179.99) in box_around(0, 179.99, 5000)
    assert Point(0, 0) not in box_around(0, 179.99, 5000)
    assert Point(89.99, 120) in box_around(89.99, -60, 5000)


@given(TOWN, st.floats(0, 1500), st.floats(0, 2 * math.pi))
def test_the_cells_around_a_place_cover_everything_within_the_radius(place, radius, bearing):
    assert h3_cell(*moved(*place, radius, bearing)) in cells_within(*place, radius)


@given(GLOBE, st.floats(0, 3000), st.floats(0, 2 * math.pi))
def test_the_cells_cover_the_radius_anywhere_on_the_globe(place, radius, bearing):
    assert h3_cell(*moved(*place, radius, bearing), 9) in cells_within(*place, radius, 9)


def test_a_cell_is_the_one_that_the_h3_library_names_and_fits_the_column():
    cell = h3_cell(41.8837, -87.6320)
    assert h3.int_to_str(cell) == h3.latlng_to_cell(41.8837, -87.6320, 10)
    assert 0 < cell < 2**63


def test_a_radius_too_wide_for_the_cells_is_refused():
    with pytest.raises(ValueError, match="too far"):
        cells_within(41.88, -87.63, 50_000)
    assert cells_within(41.88, -87.63, 50_000, 6)
    for radius in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match="radius"):
            cells_within(41.88, -87.63, radius)


@pytest.mark.parametrize(("lat", "long"), [(91, 0), (0, 181), (math.nan, 0), (0, math.inf)])
def test_a_place_off_the_globe_is_refused(lat, long):
    for ask in (Point, h3_cell, SQUARES.locate):
        with pytest.raises(BadPlace):
            ask(lat, long)


def test_a_point_is_in_one_area_of_each_level():
    assert SQUARES.locate(41.5, -87.7) == ["west", "town"]
    assert SQUARES.locate(41.5, -87.45) == ["east", "town", "watch"]
    assert SQUARES.locate(41.5, -87.7, level="beat") == ["west"]
    assert SQUARES.locate(40, -87.7) == []


def test_a_point_on_a_shared_border_belongs_to_the_first_area_only():
    assert SQUARES.locate(41.2, -87.5, level="beat") == ["west"]
    assert SQUARES.locate(42, -88, level="beat") == ["west"]
    assert SQUARES.locate_many([41.2], [-87.5], "beat") == ["west"]


def test_an_area_that_holds_the_point_wins_over_one_that_it_touches():
    index = AreaIndex([("touched", "a", box(0, 0, 1, 1)), ("holding", "a", box(0.5, 0, 2, 1))])
    assert index.locate(0.5, 1.0) == ["holding"]
    assert index.locate_many([0.5], [1.0], "a") == ["holding"]
    assert index.locate(0.5, 0.7) == ["touched", "holding"]


def test_a_hole_is_not_in_the_area():
    ring = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6), (3, 6)]])
    index = AreaIndex([(1, "a", ring)])
    assert index.locate(4, 4) == []
    assert index.locate(1, 1) == [1]


GRID_STEPS = st.integers(-2, 22).map(lambda step: step * 0.05 + 41)


@given(st.lists(st.tuples(GRID_STEPS, GRID_STEPS.map(lambda lat: lat - 129)), min_size=1, max_size=30))
def test_many_points_at_once_are_located_as_one_by_one(points):
    lats, longs = zip(*points, strict=True)
    alone = [(SQUARES.locate(lat, long, level="beat") or [None])[0] for lat, long in points]
    assert SQUARES.locate_many(lats, longs, "beat") == alone


def test_unknown_points_and_empty_indexes_find_nothing():
    assert SQUARES.locate_many([math.nan, 41.5], [-87.7, -87.7], "beat") == [None, "west"]
    assert SQUARES.locate_many([], [], "beat") == []
    assert AreaIndex([]).locate(41, -87) == []
    assert AreaIndex([]).locate_many([41], [-87], "beat") == [None]
    with pytest.raises(ValueError, match="equal length"):
        SQUARES.locate_many([1, 2], [1], "beat")


def test_the_box_around_areas_tells_where_a_map_opens():
    assert bounds([box(-88, 41, -87.5, 42), box(-87.5, 41, -87, 42.5)]) == Box(41, -88, 42.5, -87)
    assert bounds([]) is None
