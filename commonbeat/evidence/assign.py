"""Which area each of many points lies in: a raster of sure answers, and the exact test where a border runs through.

The borders are drawn on the raster, a little wider than they are. Cells that no border touches and that hang together
lie in the same areas, so one look settles all of them; only points in the cells of a border are tested exactly. Ten
million points cost a second, with the same answer as asking shapely for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

OUTSIDE = -1
"""Stands for points that lie in no area."""
_NONE = np.iinfo(np.int32).max
_CELLS = 1024
_SLACK = 1e-6  # of a cell: borders are drawn wider by this, so that rounding of a point's cell cannot matter
_FLAT = 0.01  # of a cell: what rises less is drawn in its whole width, as dividing by the rise would not be exact
_BLOCK = 1 << 16

Integers = NDArray[np.int32]
Floats = NDArray[np.float64]


class GridAssigner:
    """Finds areas by point. Where areas overlap, and on common borders, the first in the list has the point.

    `areas` are polygons in degrees. `cells` is the side of the raster; a frame of one cell surrounds it.
    """

    def __init__(self, areas: Sequence[Any], *, cells: int = _CELLS) -> None:
        self.areas = np.array(list(areas), dtype=object)
        if not len(self.areas):
            raise ValueError("There are no areas to assign points to.")
        self._side = cells + 2
        west, south, east, north = shapely.total_bounds(self.areas)
        self._west, self._south = float(west), float(south)
        self._per_x, self._per_y = cells / ((east - west) or 1e-9), cells / ((north - south) or 1e-9)
        shapely.prepare(self.areas)
        cell, area = self._borders()
        self._settle(cell, area)

    def _columns(self, longitude: Floats) -> Floats:
        return (longitude - self._west) * self._per_x + 1.0

    def _rows(self, latitude: Floats) -> Floats:
        return (latitude - self._south) * self._per_y + 1.0

    def _borders(self) -> tuple[NDArray[np.int64], Integers]:
        """Every pair of a cell and an area whose border touches it, ordered by cell and area."""
        lines, owner = shapely.get_parts(shapely.boundary(self.areas), return_index=True)
        points, line = shapely.get_coordinates(lines, return_index=True)
        x, y = self._columns(points[:, 0]), self._rows(points[:, 1])
        start = np.flatnonzero(line[1:] == line[:-1])
        x0, y0, x1, y1 = x[start], y[start], x[start + 1], y[start + 1]
        rise, run = y1 - y0, x1 - x0
        first, last = self._span(y0, y1)
        piece = np.repeat(np.arange(len(start)), last - first + 1)
        row = first[piece] + _within(last - first + 1)
        x0, y0, rise, run = x0[piece], y0[piece], rise[piece], run[piece]
        flat = np.abs(rise) <= np.maximum(_FLAT, 1e-5 * np.abs(run))
        safe = np.where(flat, 1.0, rise)
        below = np.where(flat, 0.0, np.clip((row - _SLACK - y0) / safe, 0, 1))
        above = np.where(flat, 1.0, np.clip((row + 1 + _SLACK - y0) / safe, 0, 1))
        left, right = self._span(x0 + below * run, x0 + above * run)
        many = right - left + 1
        column = np.repeat(left, many) + _within(many)
        areas = len(self.areas)
        pairs = np.repeat(row * self._side, many) + column
        key = np.unique(pairs * areas + np.repeat(owner[line[start]][piece], many))
        return key // areas, (key % areas).astype(np.int32)

    def _span(self, one: Floats, other: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last cell of stretches along one side, a little widened."""
        low = np.floor(np.minimum(one, other) - _SLACK).astype(np.int64)
        high = np.floor(np.maximum(one, other) + _SLACK).astype(np.int64)
        return np.clip(low, 0, self._side - 1), np.clip(high, 0, self._side - 1)

    def _settle(self, cell: NDArray[np.int64], area: Integers) -> None:
        """Fill the raster: a cell's area, or OUTSIDE, or below that the number of a border cell with its candidates."""
        from scipy import ndimage  # the web process starts without it

        on_border, number = np.unique(cell, return_inverse=True)
        raster = np.zeros((self._side, self._side), dtype=np.int32)
        raster.ravel()[on_border] = 1
        part, parts = ndimage.label(raster == 0)
        a_cell = np.zeros(parts + 1, dtype=np.int64)
        a_cell[part.ravel()] = np.arange(part.size)
        a_cell[0] = 0
        answer = self._holders(a_cell)
        answer[answer == _NONE] = OUTSIDE
        raster = answer[part]
        whole = self._holders(on_border, known=(cell, area))
        # What comes after an area that holds the cell wholly can never be the first.
        open_still = area < whole[number]
        area, number = area[open_still], number[open_still]
        many = np.bincount(number, minlength=len(on_border))
        tested = many > 0
        self._whole = np.where(whole == _NONE, OUTSIDE, whole)
        self._candidates, self._many = area, many.astype(np.int32)
        self._first = (np.cumsum(many) - many).astype(np.int32)
        raster.ravel()[on_border] = np.where(tested, OUTSIDE - 1 - np.arange(len(on_border)), self._whole)
        self._raster = raster.ravel()

    def _holders(self, cells: NDArray[np.int64], known: Any = None) -> Integers:
        """The first area that holds the middle of each cell, but for `known` pairs of both; _NONE without one."""
        row, column = np.divmod(cells, self._side)
        x, y = (column - 0.5) / self._per_x + self._west, (row - 0.5) / self._per_y + self._south
        cell, area = shapely.STRtree(self.areas).query(shapely.points(x, y))
        if known is not None:
            areas = len(self.areas)
            key, seen = cells[cell] * areas + area, known[0] * areas + known[1]
            new = seen[np.minimum(np.searchsorted(seen, key), len(seen) - 1)] != key
            cell, area = cell[new], area[new]
        order = np.argsort(area, kind="stable")  # one area after the other: its prepared form stays at hand
        cell, area = cell[order], area[order].astype(np.int32)
        found = np.full(len(cells), _NONE, dtype=np.int32)
        hit = shapely.intersects_xy(self.areas[area], x[cell], y[cell])
        np.minimum.at(found, cell[hit], area[hit])
        return found

    def assign(self, longitude: ArrayLike, latitude: ArrayLike) -> Integers:
        """The index of each point's area, or OUTSIDE; points that are not finite are OUTSIDE."""
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        answer = np.empty(len(x), dtype=np.int32)
        for begin in range(0, len(x), _BLOCK):  # blocks that stay in the processor's cache
            block = slice(begin, begin + _BLOCK)
            column, row = self._inside(self._columns(x[block])), self._inside(self._rows(y[block]))
            np.take(self._raster, row * self._side + column, out=answer[block])
        self._test(answer, np.flatnonzero(answer < OUTSIDE), x, y)
        return answer

    def _inside(self, place: Floats) -> Integers:
        """Cells along one side; what lies beyond, or is no number, falls into the frame."""
        return np.fmin(np.fmax(place, 0.0), self._side - 1.0).astype(np.int32)

    def _test(self, answer: Integers, points: NDArray[np.int64], x: Floats, y: Floats) -> None:
        """The exact test of points in border cells: against the first candidate, then the others until one has it."""
        number = OUTSIDE - 1 - answer[points]
        answer[points] = self._whole[number]
        turn = 0
        while len(points):
            area = self._candidates[self._first[number] + turn]
            order = np.argsort(area, kind="stable")
            points, number, area = points[order], number[order], area[order]
            hit = shapely.intersects_xy(self.areas[area], x[points], y[points])
            answer[points[hit]] = area[hit]
            turn += 1
            left = ~hit & (self._many[number] > turn)
            points, number = points[left], number[left]


def _within(many: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … for each of the stretches that are so long."""
    return np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
