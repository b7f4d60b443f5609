"""How many tips came in and what became of them: counted from what outlives a tip, small counts hidden."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from commonbeat.cases.categories import by_code, categories
from commonbeat.cases.models import Case
from commonbeat.cases.safeguards import Tombstone
from commonbeat.community.agency import local_day, setting
from commonbeat.core.numbers import SuppressedTable, suppress_table

OPEN = "open"
KIND = "tip"
MONTHS = 12


@dataclass(frozen=True)
class Numbers:
    """Tips of the last twelve whole months: by category and outcome, and by month.

    `months` is None where the sum of all is hidden: together the two tables would give it away.
    """

    since: dt.date
    until: dt.date
    table: SuppressedTable[str, str]
    months: SuppressedTable[str, str] | None


def _rows(since: dt.date, until: dt.date) -> Iterator[tuple[dt.date, str, str]]:
    """Day, category and outcome of each tip, also of those that were destroyed."""
    known = {pk: found.row.code for pk, found in categories().items()}
    rows = Case.objects.filter(kind=KIND, opened_at__date__gte=since - dt.timedelta(days=1))
    for opened, category, outcome in rows.values_list("opened_at", "category_id", "outcome"):
        yield local_day(opened), known.get(category, ""), outcome or OPEN
    stones = Tombstone.objects.filter(kind=KIND, opened_on__gte=since, opened_on__lt=until)
    yield from stones.values_list("opened_on", "category_code", "outcome")


def _months(until: dt.date) -> list[dt.date]:
    found = [until]
    for _turn in range(MONTHS):
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found[:0:-1]


def count(*, at: dt.datetime) -> Numbers:
    """The numbers as everybody may read them."""
    until = local_day(at).replace(day=1)
    months = _months(until)
    rows = [row for row in _rows(months[0], until) if months[0] <= row[0] < until]
    minimum = int(setting("minimum_count"))
    by_kind = Counter((category, outcome) for _day, category, outcome in rows)
    by_month = Counter(f"{day:%Y-%m}" for day, _category, _outcome in rows)
    cells: dict[str, dict[str, int]] = {}
    for (category, outcome), number in sorted(by_kind.items()):
        cells.setdefault(category, {})[outcome] = number
    table = suppress_table(cells, minimum=minimum)
    series = suppress_table({f"{day:%Y-%m}": {"tips": by_month[f"{day:%Y-%m}"]} for day in months}, minimum=minimum)
    shown = isinstance(table.total, int) and (not rows or len(rows) >= minimum)
    return Numbers(months[0], until, table, series if shown else None)


def category_name(code: str, language: str) -> str:
    """A category's name, also of one that is no longer used."""
    known = by_code(code)
    return known.text(language).name if known else code
