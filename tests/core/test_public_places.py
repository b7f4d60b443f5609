"""The public point never tells where within its square a report was made (rule 11)."""

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonbeat.core.geography import BadPlace, Point, distance_m
from commonbeat.core.public_places import COARSEST_M, FARTHEST, NEAREST, grid_side, public_point

SALT = b"a secret of this town"
TOWN = st.tuples(st.floats(41.6, 42.1), st.floats(-88.0, -87.4))
WORLD = st.tuples(st.floats(-75, 75), st.floats(-180, 180))
PRECISIONS = st.sampled_from([10, 25, 50, 100, 150, 200, 400, 1000, COARSEST_M])
ROUNDING_M = 1.0


@settings(max_examples=500, deadline=None)
@given(WORLD, PRECISIONS)
def test_the_public_point_is_never_the_reported_one_and_never_far_from_it(place, precision):
    shown = public_point(*place, precision_m=precision, salt=SALT)
    away = distance_m(Point(*place), Point(*shown))
    side = grid_side(precision)
    slack = 0.02 * side + ROUNDING_M  # the squares widen a little within their band
    assert NEAREST * side - slack < away < FARTHEST * side + slack
    assert shown != place


@settings(max_examples=500, deadline=None)
@given(TOWN, PRECISIONS)
def test_in_a_town_the_distance_keeps_to_its_bounds(place, precision):
    shown = public_point(*place, precision_m=precision, salt=SALT)
    away, side = distance_m(Point(*place), Point(*shown)), grid_side(precision)
    assert NEAREST * side * 0.97 - ROUNDING_M < away < FARTHEST * side * 1.003 + ROUNDING_M


@given(TOWN, PRECISIONS)
def test_publishing_again_gives_the_same_point(place, precision):
    assert public_point(*place, precision_m=precision, salt=SALT) == public_point(
        *place, precision_m=precision, salt=SALT
    )


def test_the_mean_of_many_cases_at_one_place_is_no_nearer_to_it():
    """Reports from one house, placed by different people within 3 m, give at most the points of the squares
    that they fall in: no cloud whose middle is the house."""
    rng = random.Random(7)
    for _ in range(200):
        house = (41.88 + rng.random() / 20, -87.65 + rng.random() / 20)
        cases = [(house[0] + rng.gauss(0, 1) / 111_195, house[1] + rng.gauss(0, 1) / 83_000) for _ in range(50)]
        shown = {public_point(*case, precision_m=100, salt=SALT) for case in cases}
        assert len(shown) <= 4
        if len(shown) == 1:
            assert distance_m(Point(*house), Point(*shown.pop())) > 0.05 * 100


def test_all_places_of_one_square_show_one_point_whatever_the_case():
    rng = random.Random(3)
    seen: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for _ in range(20_000):
        place = (41.880 + rng.random() / 200, -87.640 + rng.random() / 150)
        seen.setdefault(public_point(*place, precision_m=100, salt=SALT), []).append(place)
    assert 40 <= len(seen) <= 60  # about 556 m by 553 m in squares of 100 m
    full = [places for places in seen.values() if len(places) > 590]
    assert len(full) >= 9
    for places in full:
        height = (max(lat for lat, _ in places) - min(lat for lat, _ in places)) * 111_195
        width = (max(long for _, long in places) - min(long for _, long in places)) * 82_800
        # What a public point tells is a whole square of the promised size, not less.
        assert 85 < height < 101 and 85 < width < 101


def test_where_a_point_lies_in_its_square_does_not_change_the_shift():
    """The direction from report to public point has no preference that could be subtracted."""
    rng = random.Random(11)
    directions = []
    for _ in range(4000):
        lat, long = 41.7 + rng.random() * 0.3, -87.9 + rng.random() * 0.3
        shown = public_point(lat, long, precision_m=100, salt=SALT)
        directions.append(math.atan2(shown[0] - lat, (shown[1] - long) * math.cos(math.radians(lat))))
    assert abs(statistics.fmean(math.cos(turn) for turn in directions)) < 0.06
    assert abs(statistics.fmean(math.sin(turn) for turn in directions)) < 0.06


def test_coarse_and_fine_squares_are_nested_so_that_two_precisions_tell_no_more_than_the_finer():
    rng = random.Random(5)
    coarse_of: dict[tuple[float, float], set[tuple[float, float]]] = {}
    for _ in range(20_000):
        place = (41.85 + rng.random() / 50, -87.65 + rng.random() / 50)
        fine = public_point(*place, precision_m=100, salt=SALT)
        coarse_of.setdefault(fine, set()).add(public_point(*place, precision_m=400, salt=SALT))
    assert len(coarse_of) > 300
    assert all(len(coarse) == 1 for coarse in coarse_of.values())


@given(TOWN)
def test_another_salt_gives_another_point(place):
    shown = {public_point(*place, precision_m=200, salt=salt) for salt in (b"salt of A", b"salt of B", b"salt of C")}
    assert len(shown) >= 2


def test_a_sensitive_category_shows_no_point():
    assert public_point(41.88, -87.63, precision_m=None, salt=SALT) is None


def test_a_precision_in_between_is_rounded_to_the_coarser_square():
    assert [grid_side(m) for m in (1, 25, 26, 100, 101, 300)] == [25, 25, 50, 100, 200, 400]


def test_mistakes_are_refused():
    for precision in (0, -5, math.nan, COARSEST_M + 1):
        with pytest.raises(ValueError, match="precision"):
            public_point(41.88, -87.63, precision_m=precision, salt=SALT)
    with pytest.raises(ValueError, match="salt"):
        public_point(41.88, -87.63, precision_m=100, salt=b"short")
    with pytest.raises(BadPlace):
        public_point(95, 0, precision_m=100, salt=SALT)
