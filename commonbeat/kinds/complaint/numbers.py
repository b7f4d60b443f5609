"""What the public reads about complaints: numbers of whole years, with small ones hidden: they point at nobody."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day, setting, zone
from commonbeat.core.numbers import Suppressed, SuppressedTable, suppress_table
from commonbeat.core.text import N_
from commonbeat.kinds.complaint.models import Allegation
from commonbeat.kinds.complaint.vocabulary import ALLEGATIONS, FINDINGS, LEVELS, OUTCOMES

NOT_SET, STILL_OPEN, NO_FINDING = "not_set", "open", "none"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "levels": {**{one.key: one.label for one in LEVELS}, NOT_SET: N_("Level not set")},
    "outcomes": {**{one.slug: one.label for one in OUTCOMES}, STILL_OPEN: N_("Not decided yet")},
    "findings": {**{one.slug: one.label for one in FINDINGS}, NO_FINDING: N_("No finding")},
}
"""Columns of each table with their words."""
SORTS = {one.key: one.label for one in ALLEGATIONS}
Counts = dict[str, Counter[str]]


@dataclass(frozen=True)
class Numbers:
    """Three tables: complaints by year and level, by year and outcome, and allegations by sort and finding.

    `few` are years with so few complaints that no table can show them.
    """

    levels: SuppressedTable[str, str]
    outcomes: SuppressedTable[str, str]
    findings: SuppressedTable[str, str]
    few: tuple[str, ...]
    until: dt.date
    decided_before: dt.date


def public_numbers(*, at: dt.datetime) -> Numbers:
    """Count complaints of the years that are over, decided before this quarter began.

    A number that grew today would tell whoever is concerned that somebody complained. The tables of levels and of
    outcomes share the totals of years; so a year is in both only where both show its total, else in none: then the one
    table gives nothing of the other away.
    """
    today = local_day(at)
    until, quarter = dt.date(today.year, 1, 1), dt.date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    levels, outcomes, cases = _count(until, quarter)
    minimum = int(setting("minimum_count"))
    few: list[str] = []
    while True:
        tables = [suppress_table(_only(counts, few), minimum=minimum) for counts in (levels, outcomes)]
        hidden = [year for year in levels if year not in few and _hides_total(year, tables)]
        if not hidden:
            break
        few.append(min(hidden, key=lambda year: levels[year].total()))  # the others may show theirs without it
    shown = [number for number, year in cases if year not in few]
    findings = suppress_table(_findings(shown, quarter), minimum=minimum)
    return Numbers(tables[0], tables[1], findings, tuple(sorted(few)), until - dt.timedelta(days=1), quarter)


def _start(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=zone())


def _count(until: dt.date, quarter: dt.date) -> tuple[Counts, Counts, list[tuple[int, str]]]:
    levels: Counts = {}
    outcomes: Counts = {}
    cases = []
    rows = Case.objects.filter(kind="complaint", opened_at__lt=_start(until)).order_by("opened_at")
    for number, opened, details, outcome, closed in rows.values_list(
        "pk", "opened_at", "details__level", "outcome", "closed_at"
    ):
        year = str(local_day(opened).year)
        decided = closed is not None and closed < _start(quarter)
        levels.setdefault(year, Counter())[details or NOT_SET] += 1
        outcomes.setdefault(year, Counter())[outcome if decided else STILL_OPEN] += 1
        cases.append((number, year))
    return levels, outcomes, cases


def _findings(cases: Iterable[int], quarter: dt.date) -> Counts:
    counts: Counts = {}
    rows = Allegation.objects.filter(case__in=list(cases), struck_at=None, case__closed_at__lt=_start(quarter))
    for sort, finding in rows.values_list("sort", "finding"):
        counts.setdefault(sort, Counter())[finding or NO_FINDING] += 1
    return counts


def _only(counts: Counts, few: Iterable[str]) -> Counts:
    left_out = set(few)
    return {year: row for year, row in counts.items() if year not in left_out}


def _hides_total(year: str, tables: Iterable[SuppressedTable[str, str]]) -> bool:
    return any(isinstance(table.row_totals[year], Suppressed) for table in tables)
