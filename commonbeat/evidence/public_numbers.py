"""What residents see of a measure: whole years by area, with small numbers hidden by the one function that does it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from commonbeat.community.agency import setting
from commonbeat.core.numbers import SuppressedTable, suppress_table
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import Measure, measure
from commonbeat.evidence.models import CountedMeasure
from commonbeat.evidence.observing import Observed, observed, serving_set

MOST_YEARS = 10


@dataclass(frozen=True)
class YearNumbers:
    """Areas by name × whole years as they may be published; the set, and the areas' places in it by name."""

    years: Sequence[str]
    table: SuppressedTable[str, str]
    minimum: int
    names: Sequence[str]
    areas: AreaSet
    seen: Observed


@dataclass(frozen=True)
class PublicNumbers:
    """A table that may be published: areas by name × years."""

    row: CountedMeasure
    years: Sequence[str]
    table: SuppressedTable[str, str]
    minimum: int
    names: Sequence[str]
    areas: AreaSet


def public_measures() -> list[CountedMeasure]:
    """Measures that residents may see, by name."""
    rows = CountedMeasure.objects.filter(public=True, retired_at=None, source__retired_at=None)
    return list(rows.select_related("source").order_by("name"))


def public_numbers(slug: str, *, outlines: bool = False) -> PublicNumbers | None:
    """The table of a public measure; None when there is none, or no whole year was counted."""
    row = next((one for one in public_measures() if one.slug == slug), None)
    areas = serving_set(outlines=outlines)
    found = yearly(measure(slug), areas) if row and areas else None
    if row is None or found is None:
        return None
    return PublicNumbers(row, found.years, found.table, found.minimum, found.names, found.areas)


def yearly(one: Measure, areas: AreaSet) -> YearNumbers | None:
    """Whole years of a count by area, small numbers hidden; None where no whole year was counted.

    Years that the data do not cover from beginning to end are left out: they would be taken for a drop. Whatever is
    published of a measure comes from this one table, so that no two tables give a hidden number away.
    """
    seen = observed(one, areas)
    years = whole_years(one, seen) if seen else []
    if seen is None or not years:
        return None
    names = _names(areas)
    cells: dict[str, dict[str, int]] = {name: {} for name in names}
    for year in years:
        for name, number in zip(names, seen.n[:, months_of(seen, year)].sum(axis=1), strict=True):
            cells[name][str(year)] = int(number)
    minimum = int(setting("minimum_count"))
    told = [str(year) for year in years]
    return YearNumbers(told, suppress_table(cells, minimum=minimum), minimum, names, areas, seen)


def whole_years(one: Measure, seen: Observed) -> list[int]:
    """The last years that are known from beginning to end."""
    months = seen.months
    first, last = one.days() or (months.start, months.end)
    first = max(first, months.start)
    return [year for year in range(months.start.year, months.end.year + 1)
            if first <= dt.date(year, 1, 4) and last >= dt.date(year, 12, 28)][-MOST_YEARS:]  # fmt: skip


def months_of(seen: Observed, year: int) -> list[int]:
    """The places of a year's months."""
    return [i for i in range(seen.months.count) if seen.months.first_day(i).year == year]


def _names(areas: AreaSet) -> list[str]:
    """A name for each area, with its code where two have the same."""
    often = Counter(area.name for area in areas.rows)
    return [area.name if often[area.name] == 1 else f"{area.name} ({area.code})" for area in areas.rows]
