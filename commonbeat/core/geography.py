"""Points, areas and nearness on the map, computed from memory without asking anybody."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

AreaId = TypeVar("AreaId", bound=Hashable)

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius (IUGG)
DEFAULT_RESOLUTION: Final = 10  # H3: hexagons of about 15,000 m², 76 m a side
_MOST_RINGS: Final = 80  # about 19,000 cells; a wider search should use coarser cells


class BadPlace(ValueError):
    """A latitude or longitude that is not on the globe."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in degrees (WGS 84): latitude -90 to 90, longitude -180 to 180. Raises BadPlace otherwise."""

    lat: float
    long: float

    def __post_init__(self) -> None:
        check_place(self.lat, self.long)


@dataclass(frozen=True, slots=True)
class Box:
    """South, west, north and east edges in degrees; `west` > `east` where it crosses the date line."""

    south: float
    west: float
    north: float
    east: float

    def __contains__(self, point: Point) -> bool:
        if not self.south <= point.lat <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= point.long <= self.east
        return point.long >= self.west or point.long <= self.east


def check_place(lat: float, long: float) -> None:
    """Raise BadPlace unless both are finite and on the globe."""
    if not (math.isfinite(lat) and math.isfinite(long) and -90 <= lat <= 90 and -180 <= long <= 180):
        raise BadPlace(f"not a place on the globe: {lat}, {long}")


def distance_m(a: Point, b: Point) -> float:
    """Great-circle distance in metres (haversine on a sphere: within 0.6 % of the ellipsoid)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = math.sin((lat_b - lat_a) / 2) ** 2
    half_long = math.sin(math.radians(b.long - a.long) / 2) ** 2
    chord = half_lat + math.cos(lat_a) * math.cos(lat_b) * half_long
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def box_around(lat: float, long: float, radius_m: float) -> Box:
    """The smallest box that holds every point within `radius_m`; whole parallels near a pole."""
    check_place(lat, long)
    angle = radius_m / EARTH_RADIUS_M * (1 + 1e-9)
    south, north = lat - math.degrees(angle), lat + math.degrees(angle)
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), -180.0, min(north, 90.0), 180.0)
    reach = math.degrees(math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(lat)))))
    if reach >= 180:
        return Box(south, -180.0, north, 180.0)
    return Box(south, _wrap(long - reach), north, _wrap(long + reach))


def _wrap(long: float) -> float:
    return (long + 180) % 360 - 180 if not -180 <= long <= 180 else long


# --- H3 cells ------------------------------------------------------------------------------------


def h3_cell(lat: float, long: float, resolution: int = DEFAULT_RESOLUTION) -> int:
    """The H3 cell of a point as an integer (fits a signed 64-bit column). Raises BadPlace."""
    check_place(lat, long)
    return int(h3.latlng_to_cell(lat, long, resolution))


def cells_within(lat: float, long: float, radius_m: float, resolution: int = DEFAULT_RESOLUTION) -> list[int]:
    """H3 cells that together cover every point within `radius_m`, for `cell = ANY(...)` in a query.

    A superset: filter what comes back by `distance_m`. Raises BadPlace, and ValueError when the radius
    needs more than about 19,000 cells: ask with a coarser resolution then.
    """
    if not 0 <= radius_m < math.inf:
        raise ValueError(f"not a radius: {radius_m}")
    return list(_cells_within(lat, long, radius_m, resolution))


@lru_cache(maxsize=1024)
def _cells_within(lat: float, long: float, radius_m: float, resolution: int) -> tuple[int, ...]:
    centre = h3_cell(lat, long, resolution)
    # k rings around a hexagon of side e reach (1.5 k + 1) e from its centre; the point is at most e from it;
    # one half more and the shortest side near by make good for hexagons that differ a little in size.
    side = min(h3.edge_length(edge, unit="m") for edge in h3.origin_to_directed_edges(centre)) * 0.95
    rings = math.ceil((radius_m / side + 0.5) / 1.5)
    if rings > _MOST_RINGS:
        raise ValueError(f"{radius_m:.0f} m is too far for cells of resolution {resolution}")
    return tuple(sorted(int(cell) for cell in h3.grid_disk(centre, rings)))


# --- areas ---------------------------------------------------------------------------------------


class AreaIndex(Generic[AreaId]):
    """Finds the areas that hold a point, in some microseconds, from memory.

    Takes (id, level, geometry) with shapely polygons in degrees (x is longitude). Immutable and safe to
    share between threads; build a new one when areas change.

    A point on a shared border belongs to one area of each level, the first in the order given, so that
    counts by area add up; an area that holds the point inside always wins over one it only touches. Areas
    of one level that overlap by intention are all returned, in the order given.
    """

    def __init__(self, areas: Iterable[tuple[AreaId, str, BaseGeometry]]) -> None:
        rows = list(areas)
        self._ids: list[AreaId] = [row[0] for row in rows]
        self._levels = np.array([row[1] for row in rows], dtype=object)
        self._shapes: NDArray[Any] = np.array([row[2] for row in rows], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._places = {level: np.flatnonzero(self._levels == level) for level in {row[1] for row in rows}}
        self._trees = {level: shapely.STRtree(self._shapes[places]) for level, places in self._places.items()}

    def __len__(self) -> int:
        return len(self._ids)

    def locate(self, lat: float, long: float, level: str | None = None) -> list[AreaId]:
        """Ids of the areas that hold the point, in the order given at building; empty when none does."""
        check_place(lat, long)
        point = shapely.points(long, lat)
        if level is None:
            near = np.sort(self._tree.query(point))
        elif level in self._trees:
            near = self._places[level][np.sort(self._trees[level].query(point))]
        else:
            return []
        inside = shapely.contains_xy(self._shapes[near], long, lat)
        touched = inside | shapely.intersects_xy(self._shapes[near], long, lat)
        taken: set[str] = {self._levels[area] for area in near[inside]}
        found: list[AreaId] = []
        for area, is_inside, is_touched in zip(near, inside, touched, strict=True):
            if is_inside or (is_touched and self._levels[area] not in taken):
                taken.add(self._levels[area])
                found.append(self._ids[area])
        return found

    def locate_many(self, lats: ArrayLike, longs: ArrayLike, level: str) -> list[AreaId | None]:
        """For each point the first area of this level, as `locate` would say, or None.

        About a million points a second for areas of a few hundred corners. Points that are not finite
        get None.
        """
        x, y = np.asarray(longs, dtype=float), np.asarray(lats, dtype=float)
        if x.shape != y.shape or x.ndim != 1:
            raise ValueError("lats and longs must be two lists of equal length")
        known = np.isfinite(x) & np.isfinite(y)
        points = shapely.points(np.where(known, x, 0.0), np.where(known, y, 0.0))
        at, area = self._tree.query(points)
        keep = known[at] & (self._levels[area] == level)
        at, area = at[keep], area[keep]
        order = np.lexsort((area, at))
        at, area = at[order], area[order]
        inside = shapely.contains_xy(self._shapes[area], x[at], y[at])
        touched = inside | shapely.intersects_xy(self._shapes[area], x[at], y[at])
        answer = np.full(len(x), -1)
        for chosen in (touched & ~inside, inside):  # inside comes last and wins
            # Backwards, so that the first area of each point is written last and stays.
            answer[at[chosen][::-1]] = area[chosen][::-1]
        return [self._ids[found] if found >= 0 else None for found in answer]


def bounds(shapes: Sequence[BaseGeometry]) -> Box | None:
    """The box around all the shapes, or None when there is none: where a map should open."""
    if not shapes:
        return None
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(np.array(shapes, dtype=object)))
    return None if math.isnan(west) else Box(south, west, north, east)
