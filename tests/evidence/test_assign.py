"""Points are given to areas exactly as shapely would, however the areas lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from commonbeat.evidence.assign import OUTSIDE, GridAssigner


def exact(areas: Any, x: Any, y: Any) -> Any:
    """The first area that each point touches, asked one by one."""
    found = np.full(len(x), OUTSIDE)
    for number in reversed(range(len(areas))):
        found[shapely.intersects_xy(areas[number], x, y)] = number
    return found


def town(seed: int, count: int) -> Any:
    """A town cut into areas without gaps."""
    rng = np.random.default_rng(seed)
    box = shapely.box(-88, 41, -87, 42)
    centres = shapely.multipoints(rng.uniform([-88, 41], [-87, 42], (count, 2)))
    return shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=box)), box)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 40), cells=st.sampled_from([1, 8, 64, 256]))
def test_every_point_lies_where_the_exact_test_says(seed: int, count: int, cells: int) -> None:
    areas = town(seed, count)
    rng = np.random.default_rng(seed + 1)
    x, y = rng.uniform(-88.1, -86.9, 3000), rng.uniform(40.9, 42.1, 3000)
    corners = shapely.get_coordinates(areas)
    borders = np.concatenate([corners, (corners[1:] + corners[:-1]) / 2])
    for limit in (-np.inf, np.inf):
        borders = np.concatenate([borders, np.nextafter(borders[: len(corners)], limit)])
    x, y = np.concatenate([x, borders[:, 0]]), np.concatenate([y, borders[:, 1]])
    assert (GridAssigner(areas, cells=cells).assign(x, y) == exact(areas, x, y)).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_overlaps_holes_and_parts_are_exact_and_the_first_area_has_the_point(seed: int) -> None:
    rng = np.random.default_rng(seed)
    middles = shapely.points(rng.uniform(0, 1, (12, 2)))
    rounds = shapely.buffer(middles, rng.uniform(0.02, 0.4, 12))
    rings = shapely.difference(rounds, shapely.buffer(middles, 0.05))
    areas = np.array([*rings, shapely.union_all(rounds[:2]), shapely.box(0.4, 0.4, 0.6, 0.6)], dtype=object)
    areas = areas[~shapely.is_empty(areas)]
    x, y = rng.uniform(-0.5, 1.5, (2, 5000))
    assert (GridAssigner(areas, cells=64).assign(x, y) == exact(areas, x, y)).all()


def test_points_on_the_lines_of_the_raster_and_no_points_are_safe() -> None:
    areas = [shapely.box(0, 0, 0.3, 1), shapely.box(0.3, 0, 1, 1)]
    x, y = map(np.ravel, np.meshgrid(np.linspace(0, 1, 65), np.linspace(0, 1, 65)))
    grid = GridAssigner(areas, cells=64)
    assert (grid.assign(x, y) == exact(areas, x, y)).all()
    assert list(grid.assign([np.nan, np.inf, 7.0], [0.5, 0.5, 0.5])) == [OUTSIDE] * 3
    assert len(grid.assign([], [])) == 0


def test_no_areas_are_an_error() -> None:
    with pytest.raises(ValueError, match="no areas"):
        GridAssigner([])
