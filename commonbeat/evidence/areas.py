"""Sets of areas: one level in one revision. Whatever is counted is counted for one set; two revisions never mix."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from commonbeat.community.models import Area
from commonbeat.evidence.assign import GridAssigner

_EARTH_M = 111_195.0
_remembered: dict[str, GridAssigner] = {}
_MOST_REMEMBERED = 4


class NoAreas(LookupError):
    """There is no such set of areas; the message names those that exist."""


@dataclass(frozen=True)
class AreaSet:
    """The areas of one level and revision, by code. `slug` is `level@revision`."""

    level: str
    revision: str
    rows: tuple[Area, ...]

    @property
    def slug(self) -> str:
        """How requests name it."""
        return f"{self.level}@{self.revision}"

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in the order in which everything is counted."""
        return tuple(area.code for area in self.rows)

    @cached_property
    def shapes(self) -> NDArray[Any]:
        """The outlines, in the same order."""
        return np.array([shapely.from_geojson(json.dumps(area.geometry)) for area in self.rows], dtype=object)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of codes and outlines: other boundaries have another."""
        digest = hashlib.sha256()
        for area in self.rows:
            digest.update(json.dumps([area.code, area.geometry], sort_keys=True).encode())
        return digest.hexdigest()

    def assigner(self) -> GridAssigner:
        """The assigner of this set; the last few are kept, since drawing the raster takes a second."""
        if self.fingerprint not in _remembered:
            while len(_remembered) >= _MOST_REMEMBERED:
                _remembered.pop(next(iter(_remembered)))
            _remembered[self.fingerprint] = GridAssigner(list(self.shapes))
        return _remembered[self.fingerprint]

    def coordinates(self) -> NDArray[np.float64]:
        """A point inside each area, in metres east and north of the middle of the set."""
        inside = shapely.point_on_surface(self.shapes)
        x, y = shapely.get_x(inside), shapely.get_y(inside)
        metres = np.column_stack([(x - x.mean()) * np.cos(np.radians(y.mean())), y - y.mean()]) * _EARTH_M
        return np.asarray(metres, dtype=np.float64)


def sets() -> list[tuple[str, str, bool]]:
    """Every level and revision that there is, and whether it is in use; those in use first."""
    rows = Area.objects.values_list("level", "revision", "retired_at").distinct()
    known: dict[tuple[str, str], bool] = {}
    for level, revision, retired in rows:
        known[level, revision] = known.get((level, revision), False) or retired is None
    return sorted(((*key, used) for key, used in known.items()), key=lambda row: (not row[2], row[0], row[1]))


def area_set(slug: str, *, outlines: bool = True) -> AreaSet:
    """The set called `level@revision`; a level alone means its present revision. Raises `NoAreas`.

    Without `outlines` they are not read, which costs most: for pages that need only names.
    """
    level, _, revision = slug.partition("@")
    rows = Area.objects.filter(level=level)
    rows = rows.filter(revision=revision) if revision else rows.filter(retired_at__isnull=True)
    found = tuple((rows if outlines else rows.defer("geometry")).order_by("code"))
    if not found:
        known = ", ".join(f"{one}@{other}" for one, other, _ in sets()) or "none"
        raise NoAreas(f"There are no areas “{slug}”. There are: {known}.")
    if len({area.revision for area in found}) > 1:
        raise NoAreas(f"The level “{level}” has areas of more than one revision in use. Name one: {level}@….")
    return AreaSet(level, found[0].revision, found)
