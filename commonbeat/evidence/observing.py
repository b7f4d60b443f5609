"""Observations: measures are counted once after each change and stored; every page and report reads what is stored."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from commonbeat.community.models import Area
from commonbeat.evidence.areas import AreaSet, area_set, sets
from commonbeat.evidence.measures import MEASURES, Measure, measure, measures
from commonbeat.evidence.models import CountedMeasure, Observation, Refresh
from commonbeat.evidence.periods import Calendar, Period, months_between

MOST_AREAS = 3000
"""Levels with more areas than this are counted when a study asks, not after each import."""
_INSERT = """INSERT INTO evidence_observation (measure, area_id, "on", value, n)
    SELECT %s, * FROM unnest(%s::bigint[], %s::date[], %s::float8[], %s::int[])"""


@dataclass(frozen=True)
class Observed:
    """What is stored of a measure for one set of areas: months × values, and what was left out of them."""

    measure: Measure
    areas: AreaSet
    months: Calendar
    value: NDArray[np.float64]
    n: NDArray[np.float64]
    refresh: Refresh

    @property
    def events(self) -> int:
        """How many events or cases stand behind it."""
        return int(self.n.sum())


def fingerprint(one: Measure, areas: AreaSet) -> str:
    """Changes when counting again would give other numbers."""
    return hashlib.sha256(f"{one.slug}\n{one.state()}\n{areas.fingerprint}".encode()).hexdigest()


def refresh(one: Measure, areas: AreaSet, *, at: dt.datetime) -> bool:
    """Count and store, unless what is stored is what would be counted. Returns whether anything was written."""
    stamp, months = fingerprint(one, areas), one.span()
    if Refresh.objects.filter(measure=one.slug, areas=areas.slug, fingerprint=stamp).exists():
        return False
    columns: tuple[list[Any], ...] = ([], [], [], [])
    told = {"events": 0, "placeless": 0, "outside": 0}
    if months is not None:
        counts = one.count(areas, months)
        keys, days = [area.pk for area in areas.rows], [months.first_day(index) for index in range(months.count)]
        area, month = np.nonzero(counts.n > 0)
        columns = (
            [keys[a] for a in area.tolist()], [days[m] for m in month.tolist()], counts.value[area, month].tolist(),
            counts.n[area, month].astype(np.int64).tolist(),
        )  # fmt: skip
        told = {"events": int(counts.n.sum()), "placeless": counts.placeless, "outside": counts.outside}
    _store(one, areas, months, columns, told, stamp, at=at)
    return True


@transaction.atomic
def _store(
    one: Measure, areas: AreaSet, months: Calendar | None, columns: tuple[list[Any], ...], told: dict[str, int],
    stamp: str, *, at: dt.datetime,
) -> None:  # fmt: skip
    Observation.objects.filter(measure=one.slug, area__in=areas.rows).delete()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [one.slug, *columns])
    Refresh.objects.update_or_create(
        measure=one.slug, areas=areas.slug,
        defaults=told | {"fingerprint": stamp, "at": at, "first_on": months.start if months else None,
                         "last_on": months.first_day(months.count - 1) if months else None},
    )  # fmt: skip


def used_sets() -> list[AreaSet]:
    """The sets of areas that are in use and not too many."""
    found = [area_set(f"{level}@{revision}") for level, revision, used in sets() if used]
    return [one for one in found if len(one.rows) <= MOST_AREAS]


def refresh_source(source_id: int, *, at: dt.datetime) -> int:
    """Count every measure of a source again; returns how many were written."""
    slugs = CountedMeasure.objects.filter(source=source_id, retired_at=None).values_list("slug", flat=True)
    every = used_sets()
    return sum(refresh(measure(slug), areas, at=at) for slug in slugs for areas in every)


def serving_set(*, outlines: bool = True) -> AreaSet | None:
    """The set that concerns are filed under."""
    area = Area.objects.filter(retired_at__isnull=True, serves=True).defer("geometry").first()
    return area_set(f"{area.level}@{area.revision}", outlines=outlines) if area else None


def refresh_records(*, at: dt.datetime) -> int:
    """Count the measures of the product's own records again."""
    areas = serving_set()
    return sum(refresh(one, areas, at=at) for one in MEASURES) if areas else 0


def refresh_all(*, at: dt.datetime) -> int:
    """Count everything that is out of date: after new boundaries, or by hand."""
    every = used_sets()
    incidents = [one for one in measures() if not one.serving_only]
    return refresh_records(at=at) + sum(refresh(one, areas, at=at) for one in incidents for areas in every)


def observed(
    one: Measure, areas: AreaSet, *, first: dt.date | None = None, last: dt.date | None = None
) -> Observed | None:
    """What is stored, from the month of `first` to that of `last`; None when it was never counted or is empty."""
    stored = Refresh.objects.filter(measure=one.slug, areas=areas.slug).first()
    if stored is None or stored.first_on is None or stored.last_on is None:
        return None
    start = max(stored.first_on, first.replace(day=1)) if first else stored.first_on
    stop = min(stored.last_on, last.replace(day=1)) if last else stored.last_on
    if stop < start:
        return None
    months = Calendar(start, months_between(start, stop), Period.MONTH)
    index = {area.pk: number for number, area in enumerate(areas.rows)}
    table = np.zeros((2, len(index), months.count))
    rows = Observation.objects.filter(measure=one.slug, area__in=list(index), on__gte=start, on__lte=stop)
    for area, on, value, n in rows.values_list("area_id", "on", "value", "n"):
        column = (on.year - start.year) * 12 + on.month - start.month
        table[0, index[area], column], table[1, index[area], column] = value, n
    return Observed(one, areas, months, table[0], table[1], stored)
