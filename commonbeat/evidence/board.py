"""The dashboard: every measure at a glance, and one of them by area and year; read from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import FEWEST_CASES, whole_months
from commonbeat.evidence.looks.over_time import expected_range
from commonbeat.evidence.measures import SHARE, Measure
from commonbeat.evidence.models import Refresh
from commonbeat.evidence.periods import Calendar, Period, months_between

MONTHS = 12
YEARS = 10
_BY_MONTH = """SELECT measure, "on", sum(n), sum(value * n) FROM evidence_observation
    WHERE measure = ANY(%s) AND area_id = ANY(%s) GROUP BY 1, 2"""
_BY_YEAR = """SELECT area_id, extract(year FROM "on")::int, sum(n), sum(value * n) FROM evidence_observation
    WHERE measure = %s AND area_id = ANY(%s) AND "on" BETWEEN %s AND %s GROUP BY 1, 2"""


@dataclass(frozen=True)
class Line:
    """One measure over all areas by whole month: how many, and for a share how many of them were met."""

    measure: Measure
    months: Calendar
    n: NDArray[np.float64]
    met: NDArray[np.float64]
    refresh: Refresh

    @property
    def is_share(self) -> bool:
        """True for measures in percent."""
        return self.measure.sort == SHARE

    @property
    def values(self) -> NDArray[np.float64]:
        """What a small picture draws: numbers, or percent where there are cases."""
        if not self.is_share:
            return self.n
        return np.divide(100 * self.met, self.n, out=np.full(len(self.n), np.nan), where=self.n > 0)

    def of_year(self, ago: int = 0) -> float | None:
        """The last twelve whole months, or those so many years before; None where not all are known, or too few."""
        end = len(self.n) - MONTHS * ago
        if end < MONTHS:
            return None
        part = slice(end - MONTHS, end)
        if not self.is_share:
            return float(self.n[part].sum())
        cases = self.n[part].sum()
        return float(100 * self.met[part].sum() / cases) if cases >= FEWEST_CASES else None

    def expected(self) -> tuple[float, float, float] | None:
        """The last whole month, and the range in which the season and the year before lead to expect it."""
        if self.is_share or not len(self.n):
            return None
        _, low, high = expected_range(self.n)
        return None if np.isnan(low[-1]) else (float(self.n[-1]), float(low[-1]), float(high[-1]))


@dataclass(frozen=True)
class YearTable:
    """One measure by area and year. `whole` says which years are known from beginning to end."""

    years: Sequence[int]
    whole: Sequence[bool]
    n: NDArray[np.float64]
    values: NDArray[np.float64]

    def shades(self, steps: int = 5) -> NDArray[np.int64]:
        """1 to `steps`, as many cells in each, for a reader's eye; 0 where nothing is known."""
        known = self.values[np.isfinite(self.values)]
        if not len(known):
            return np.zeros(self.values.shape, dtype=np.int64)
        edges = np.quantile(known, np.linspace(0, 1, steps + 1)[1:-1])
        return np.where(np.isfinite(self.values), np.searchsorted(edges, self.values, side="right") + 1, 0)


def lines(measures: Sequence[Measure], areas: AreaSet) -> list[Line]:
    """Every measure that is counted for these areas, with its whole months; two statements for all of them."""
    stored = {row.measure: row for row in Refresh.objects.filter(areas=areas.slug, first_on__isnull=False)}
    told = [one for one in measures if one.slug in stored]
    found: dict[str, list[tuple[object, float, float]]] = {one.slug: [] for one in told}
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH, [list(found), [area.pk for area in areas.rows]])
        for slug, on, n, met in cursor.fetchall():
            found[slug].append((on, n, met))
    return [_line(one, stored[one.slug], found[one.slug]) for one in told]


def _line(one: Measure, row: Refresh, found: Sequence[tuple[object, float, float]]) -> Line:
    first, last = row.first_on, row.last_on
    assert first is not None and last is not None
    months = Calendar(first, months_between(first, last), Period.MONTH)
    place = {months.first_day(index): index for index in range(months.count)}
    table = np.zeros((2, months.count))
    for on, n, met in found:
        table[:, place[on]] = n, met  # type: ignore[index]
    whole = np.flatnonzero(whole_months(one, months))
    if not len(whole):
        return Line(one, months, table[0, :0], table[1, :0], row)
    begin, end = int(whole[0]), int(whole[-1]) + 1
    kept = Calendar(months.first_day(begin), end - begin, Period.MONTH)
    return Line(one, kept, table[0, begin:end], table[1, begin:end], row)


def by_year(line: Line, areas: AreaSet) -> YearTable:
    """The last ten years of a measure by area."""
    months, start = line.months, line.months.start.year
    ended = months.first_day(months.count - 1)
    years = list(range(max(start, ended.year - YEARS + 1), ended.year + 1))
    index = {area.pk: number for number, area in enumerate(areas.rows)}
    table = np.zeros((2, len(index), len(years)))
    with connection.cursor() as cursor:
        cursor.execute(_BY_YEAR, [line.measure.slug, list(index), months.start, ended])
        for area, year, n, met in cursor.fetchall():
            if year >= years[0]:
                table[:, index[area], year - years[0]] = n, met
    whole = [(year > start or months.start.month == 1) and (year < ended.year or ended.month == MONTHS)
             for year in years]  # fmt: skip
    values = table[0]
    if line.is_share:
        unknown = np.full(table[0].shape, np.nan)
        values = np.divide(100 * table[1], table[0], out=unknown, where=table[0] >= FEWEST_CASES)
    return YearTable(years, whole, table[0], values)
