"""What residents see of a measure: whole years by area, with small numbers hidden by the one function that does it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from commonbeat.community.agency import setting
from commonbeat.core.numbers import SuppressedTable, suppress_table
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import measure
from commonbeat.evidence.models import CountedMeasure
from commonbeat.evidence.observing import observed, serving_set

MOST_YEARS = 10


@dataclass(frozen=True)
class PublicNumbers:
    """A table that may be published: areas by name × years."""

    row: CountedMeasure
    years: Sequence[str]
    table: SuppressedTable[str, str]
    minimum: int


def public_measures() -> list[CountedMeasure]:
    """Measures that residents may see, by name."""
    rows = CountedMeasure.objects.filter(public=True, retired_at=None, source__retired_at=None)
    return list(rows.select_related("source").order_by("name"))


def public_numbers(slug: str) -> PublicNumbers | None:
    """The table of a public measure; None when there is none, or no whole year was counted.

    Years that the data do not cover from beginning to end are left out: they would be taken for a drop.
    """
    row = next((one for one in public_measures() if one.slug == slug), None)
    areas = serving_set()
    seen = observed(measure(slug), areas) if row and areas else None
    if row is None or areas is None or seen is None:
        return None
    months = seen.months
    first, last = measure(slug).days() or (months.start, months.end)
    whole = [year for year in range(months.start.year, months.end.year + 1)
             if first <= dt.date(year, 1, 4) and last >= dt.date(year, 12, 28)][-MOST_YEARS:]  # fmt: skip
    cells: dict[str, dict[str, int]] = {name: {} for name in _names(areas)}
    for year in whole:
        inside = [i for i in range(months.count) if months.first_day(i).year == year]
        for name, number in zip(cells, seen.n[:, inside].sum(axis=1), strict=True):
            cells[name][str(year)] = int(number)
    if not whole:
        return None
    minimum = int(setting("minimum_count"))
    table = suppress_table(cells, minimum=minimum)
    return PublicNumbers(row, [str(year) for year in whole], table, minimum)


def _names(areas: AreaSet) -> list[str]:
    """A name for each area, with its code where two have the same."""
    often = Counter(area.name for area in areas.rows)
    return [area.name if often[area.name] == 1 else f"{area.name} ({area.code})" for area in areas.rows]
