"""What residents read of a measure: whole years out of the one suppressed table that is published, nothing finer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.core.numbers import suppress_table
from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import SHARE, Measure
from commonbeat.evidence.observing import Observed, observed
from commonbeat.evidence.panels import RESIDENTS, CannotCount, denominator
from commonbeat.evidence.public_numbers import YearNumbers, months_of, whole_years, yearly
from commonbeat.evidence.readings import (
    HIDDEN,
    NO_BEFORE,
    NO_PEOPLE,
    NUMBER,
    PER,
    PERCENT,
    RATE,
    YEAR,
    Reading,
    count_reading,
    nothing,
    share_reading,
)

NO_WHOLE_YEAR = N_("No whole year is counted yet. Residents see whole years only.")
NOT_PUBLISHED = N_("The department has not published this measure.")
CITY_ONLY = N_("Shares are published for the whole city only.")


@dataclass(frozen=True)
class Published:
    """A measure as it may be published: the table of a count, or the months of a share with the years that may be
    told."""

    measure: Measure
    areas: AreaSet
    table: YearNumbers | None = None
    seen: Observed | None = None
    years: tuple[int, ...] = ()
    refused: str = ""


def published(one: Measure, areas: AreaSet) -> Published:
    """Read what is stored, if it is public; two statements."""
    if not one.public:
        return Published(one, areas, refused=_(NOT_PUBLISHED))
    if one.sort != SHARE:
        table = yearly(one, areas)
        return Published(one, areas, table=table, refused="" if table else _(NO_WHOLE_YEAR))
    seen = observed(one, areas)
    years = _tellable(seen, whole_years(one, seen)) if seen else ()
    return Published(one, areas, seen=seen, years=years, refused="" if years else _(NO_WHOLE_YEAR))


def _tellable(seen: Observed, years: list[int]) -> tuple[int, ...]:
    """Years of which neither those met nor the others are few."""
    from commonbeat.community.agency import setting

    cells = {}
    for year in years:
        inside = months_of(seen, year)
        n, met = seen.n[:, inside].sum(), (seen.value * seen.n)[:, inside].sum()
        cells[year] = {"met": round(float(met)), "not": round(float(n - met))}
    table = suppress_table(cells, minimum=int(setting("minimum_count")))
    return tuple(year for year in years if all(isinstance(cell, int) for cell in table.cells[year].values()))


def read(told: Published, *, area: int | None = None, rate: bool = False) -> Reading:
    """The last whole year beside the one before, of all areas or of the one at this place of the set."""
    unit = PERCENT if told.measure.sort == SHARE else RATE if rate else NUMBER
    if told.refused:
        return nothing(unit, told.refused)
    if told.table is None:
        return nothing(unit, _(CITY_ONLY)) if area is not None else _share(told)
    return _count(told.table, area, unit)


def _count(table: YearNumbers, area: int | None, unit: str) -> Reading:
    from commonbeat.evidence.stats import two_times

    cells = table.table.column_totals if area is None else table.table.cells[table.names[area]]
    year, seen = table.years[-1], table.seen
    before = str(int(year) - 1)
    now, was = cells[year], cells.get(before)
    if not isinstance(now, int):
        return nothing(unit, _(HIDDEN), period=year)
    people = _people(table, area) if unit == RATE else 1.0
    if people is None:
        return nothing(unit, _(NO_PEOPLE), period=year, n=now)
    months = [seen.n[:, months_of(seen, int(one))].sum(axis=0) for one in (before, year)]
    phi = two_times.dispersion(*months) if len(months[0]) == len(months[1]) == YEAR else 1.0
    facts: dict[str, Any] = {"period": year, "n": now}
    if was is None or not isinstance(was, int):
        told = count_reading(now, None, facts, unit=unit, people=people, phi=phi)
        return told if was is None else _with(told, alone=_(HIDDEN))
    facts["before_period"] = before
    return count_reading(now, was, facts, unit=unit, people=people, phi=phi)


def _with(told: Reading, **more: Any) -> Reading:
    from dataclasses import replace

    return replace(told, **more)


def _people(table: YearNumbers, area: int | None) -> float | None:
    who = slice(None) if area is None else slice(area, area + 1)
    try:
        people = denominator(RESIDENTS, table.areas, (int(table.years[-1]) + 0.5,))[who, 0].sum()
    except CannotCount:
        return None
    return float(people) * YEAR / PER or None


def _share(told: Published) -> Reading:
    seen, year = told.seen, told.years[-1]
    assert seen is not None
    now, before = months_of(seen, year), months_of(seen, year - 1) if year - 1 in told.years else []
    met = (seen.value * seen.n).sum(axis=0)
    n = seen.n.sum(axis=0)
    facts: dict[str, Any] = {"period": str(year), "n": int(n[now].sum())}
    if before:
        facts["before_period"] = str(year - 1)
    found = share_reading(met[now], n[now], met[before], n[before], facts)
    return found if before else _with(found, alone=_(NO_BEFORE))
