"""Where: which area a point lies in, from memory, and who looks after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shapely.geometry import shape

from commonbeat.community.agency import local_day
from commonbeat.community.cover import covers_for, running
from commonbeat.community.models import Area, AreaAssignment, Cover, User
from commonbeat.community.reference import Remembered
from commonbeat.core.geography import AreaIndex, h3_cell


@dataclass(frozen=True)
class Places:
    """Every current area by id, and the index that finds them by point."""

    areas: dict[int, Area]
    index: AreaIndex
    serving_level: str | None

    @property
    def serving(self) -> list[Area]:
        """The areas that concerns are filed under, by name."""
        return sorted((a for a in self.areas.values() if a.serves), key=lambda a: a.name)


def _load() -> Places:
    areas = {area.pk: area for area in Area.objects.filter(retired_at__isnull=True)}
    index = AreaIndex((area.pk, area.level, shape(area.geometry)) for area in areas.values())
    serving = next((area.level for area in areas.values() if area.serves), None)
    return Places(areas, index, serving)


places = Remembered(_load, "areas")


@dataclass(frozen=True, slots=True)
class Location:
    """A place as a case stores it; `inside` is False when a point lies outside every area."""

    lat: float | None = None
    long: float | None = None
    cell: int | None = None
    area_id: int | None = None
    address: str = ""
    inside: bool = True


def locate(
    *, lat: float | None = None, long: float | None = None, address: str = "", area_id: int | None = None
) -> Location:
    """Find the serving area of a point; an area chosen from the list stands where there is no point."""
    if lat is None or long is None:
        return Location(area_id=area_id, address=address)
    known = places()
    found = known.index.locate(lat, long, level=known.serving_level) if known.serving_level else []
    return Location(
        lat=lat,
        long=long,
        cell=h3_cell(lat, long),
        area_id=found[0] if found else area_id,
        address=address,
        inside=bool(found) or not known.serving_level,
    )


@dataclass(frozen=True, slots=True)
class Officers:
    """Who looks after an area today: `present` can be reached, `away` are covered by somebody present."""

    present: tuple[User, ...]
    away: tuple[tuple[User, Cover], ...]


def officers_of(area_id: int, *, at: dt.datetime) -> Officers:
    """The officers assigned to an area on this day, with whoever covers for those who are away."""
    today = local_day(at)
    assigned = (
        AreaAssignment.objects.filter(running(today), area_id=area_id, user__is_active=True)
        .select_related("user")
        .order_by("since", "id")
    )
    users = [row.user for row in assigned]
    covers = covers_for([user.pk for user in users], on=today)
    present = [covers[u.pk].by if u.pk in covers else u for u in users]
    away = [(u, covers[u.pk]) for u in users if u.pk in covers]
    return Officers(tuple(dict.fromkeys(present)), tuple(away))
