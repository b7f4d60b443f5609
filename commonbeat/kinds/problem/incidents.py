"""Recorded incidents of a problem: counted by a stored query, as of a day. Points never leave this module."""

from __future__ import annotations

import datetime as dt
import math

from commonbeat.cases.near import METRES_PER_DEGREE
from commonbeat.community.agency import local_day
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.evidence import store
from commonbeat.evidence.at_place import DAYS, is_sensitive
from commonbeat.evidence.ending import DEPENDANTS, Dependants
from commonbeat.evidence.models import IncidentSource
from commonbeat.kinds.problem.models import IncidentCount

UNKNOWN_SORTS = N_("The records have no such sorts: %(sorts)s. Write them as the records do.")
TOO_SENSITIVE = N_("Sorts that could tell who suffered something are not counted for single places: %(sorts)s.")
NO_RECORDS = N_("The records of this source are not here any more, so nothing can be counted.")


def known_sorts(source: IncidentSource, text: str) -> list[str]:
    """The sorts that were typed, as the source writes them. Raises `Invalid` for unknown ones."""
    known = {" ".join(name.split()).lower(): name for name in source.categories}
    wanted = [part for part in (" ".join(part.split()) for part in text.split(";")) if part]
    unknown = [part for part in wanted if part.lower() not in known]
    if unknown:
        raise Invalid([Wrong("sorts", UNKNOWN_SORTS, {"sorts": "; ".join(unknown)})])
    return list(dict.fromkeys(known[part.lower()] for part in wanted))


def sorts_of(source: IncidentSource, text: str) -> list[str]:
    """The sorts that were typed, for a count around a place. Raises `Invalid` for sensitive ones, too."""
    found = known_sorts(source, text)
    if sensitive := [name for name in found if is_sensitive(name)]:
        raise Invalid([Wrong("sorts", TOO_SENSITIVE, {"sorts": "; ".join(sensitive)})])
    return found


def count(row: IncidentCount, *, at: dt.datetime) -> None:
    """Write into the row how many there are, for which days, and when they were counted. Reads a file."""
    source = row.source
    if source is None or not store.points_of(source.slug, source.content).exists():
        raise Invalid([Wrong("source", NO_RECORDS)])
    last = min(filter(None, (row.last_on, source.last_on, local_day(at))))
    first = row.first_on or last - dt.timedelta(days=DAYS - 1)
    row.n, row.counted_from, row.counted_until, row.counted_at = _count(row, source, first, last), first, last, at


def _count(row: IncidentCount, source: IncidentSource, first: dt.date, last: dt.date) -> int:
    import ibis

    from commonbeat.evidence import counting

    points = counting.connect().read_parquet(str(store.points_of(source.slug, source.content)))
    sorts = row.sorts or [name for name in source.categories if not is_sensitive(name)]
    start, end = (dt.datetime.combine(day, dt.time()) for day in (first, last + dt.timedelta(days=1)))
    rows = points.filter(points.moment >= ibis.literal(start), points.moment < ibis.literal(end))
    rows = rows.filter(rows.category.isin(sorts))
    if row.area is None:
        place, radius = row.place, float(row.radius_m or 0)
        assert place is not None and place.lat is not None and place.long is not None
        high = radius / METRES_PER_DEGREE
        wide = high / max(math.cos(math.radians(place.lat)), 0.01)
        north, east = (rows.lat - place.lat) / high, (rows.long - place.long) / wide
        return int(rows.filter(east * east + north * north <= 1).count().to_pyarrow().as_py())
    return _inside(row.area.geometry, rows)


def _inside(geometry: dict[str, object], rows: object) -> int:
    """How many points lie in an area: those in its box, asked one by one."""
    import shapely
    from shapely.geometry import shape

    outline = shape(geometry)
    west, south, east, north = outline.bounds
    near = rows.filter(rows.long.between(west, east), rows.lat.between(south, north))  # type: ignore[attr-defined]
    found = near.select("lat", "long").to_pyarrow()
    inside = shapely.contains_xy(outline, found["long"].to_numpy(), found["lat"].to_numpy())
    return int(inside.sum())


def counted_from(source: IncidentSource) -> list[str]:
    """The problems that count incidents of a source, for people who decide about it."""
    rows = IncidentCount.objects.filter(source=source).select_related("problem__case").order_by("problem_id")
    cases = {row.problem_id: row.problem.case for row in rows}
    return [f"{case.reference} {case.detail('title', '')}".strip() for case in cases.values()]


DEPENDANTS.add(Dependants("problems", N_("Problems that count its incidents"), counted_from))
