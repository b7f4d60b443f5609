"""What everybody reads about a kind of talks: how they ended, whether agreements lasted; small counts hidden."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day, setting, zone
from commonbeat.core.numbers import SuppressedTable, suppress_table
from commonbeat.talks.models import Check
from commonbeat.talks.vocabulary import FOLLOW_UPS, WORST


@dataclass(frozen=True)
class Numbers:
    """Talks that ended, by year and outcome; agreements by follow-up and how they stood then."""

    outcomes: SuppressedTable[str, str]
    lasting: SuppressedTable[str, str]
    until: dt.date


def public_numbers(kind: str, *, at: dt.datetime) -> Numbers:
    """Count what ended before this quarter began, so that no number that grew today tells of somebody's talks."""
    today = local_day(at)
    quarter = dt.date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    before = dt.datetime.combine(quarter, dt.time(), tzinfo=zone())
    minimum = int(setting("minimum_count"))
    outcomes = suppress_table(_outcomes(kind, before), minimum=minimum)
    lasting = suppress_table(_lasting(kind, before), minimum=minimum)
    return Numbers(outcomes, lasting, quarter - dt.timedelta(days=1))


def _outcomes(kind: str, before: dt.datetime) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    rows = Case.objects.filter(kind=kind, closed_at__lt=before).order_by("closed_at")
    for closed, outcome in rows.values_list("closed_at", "outcome"):
        assert closed is not None  # the filter says so
        counts.setdefault(str(local_day(closed).year), Counter())[outcome] += 1
    return counts


def _lasting(kind: str, before: dt.datetime) -> dict[str, Counter[str]]:
    """Each agreement counts once a follow-up, by the worst that a side said of one of its points."""
    worst: dict[tuple[int, int], int] = {}
    rows = Check.objects.filter(point__case__kind=kind, point__case__closed_at__lt=before, point__struck_at=None)
    for case, days, found in rows.values_list("point__case_id", "days", "found"):
        place = WORST.index(found)
        worst[case, days] = min(place, worst.get((case, days), place))
    counts: dict[str, Counter[str]] = {str(days): Counter() for days in FOLLOW_UPS}
    for (_case, days), place in worst.items():
        counts.setdefault(str(days), Counter())[WORST[place]] += 1
    return {days: row for days, row in counts.items() if row}
