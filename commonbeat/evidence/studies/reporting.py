"""How residents' reports from the treated areas changed in the time of a study: reporting may be the cause."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from commonbeat.evidence.areas import NoAreas, area_set
from commonbeat.evidence.observing import Observed, observed
from commonbeat.evidence.periods import BadPeriods, Calendar, Period, month_after, months_between
from commonbeat.evidence.reporting_measures import HEARD
from commonbeat.evidence.studies.plan import Plan

YEAR = 12


def reported(request: Mapping[str, Any] | None, plan: Plan, *, periods: int) -> dict[str, float] | None:
    """The change in percent with its interval, beside the same months of an earlier year; None where reports or areas
    are not on record for both. `periods` is how many the panel has.

    An empty mapping: too few reports to tell. Tables that were brought in name no areas of ours, so they have none.
    """
    span = _months(request, plan, periods)
    if request is None or span is None:
        return None
    try:
        areas = area_set(request["areas"], outlines=False)
    except NoAreas:
        return None
    seen = observed(HEARD, areas)
    inside = [areas.codes.index(code) for code in plan.treated if code in areas.codes]
    if seen is None or not inside:
        return None
    first, months = span
    back = YEAR * -(-months // YEAR)
    before = _table(seen, inside, month_after(first, -back), months)
    after = _table(seen, inside, first, months)
    if before is None or after is None:
        return None
    from commonbeat.evidence.stats import two_times

    moved = two_times.change(before.sum(), after.sum(), phi=two_times.dispersion(before, after), months=months)
    return {} if moved is None else {"change": 100 * moved.value, "low": 100 * moved.low, "high": 100 * moved.high}


def _months(request: Mapping[str, Any] | None, plan: Plan, periods: int) -> tuple[dt.date, int] | None:
    """The first whole month with the programme, and how many follow that were measured."""
    if not request or plan.starts:
        return None
    try:
        calendar = Calendar(dt.date.fromisoformat(request["start"]), periods, Period(request["period"]))
    except (BadPeriods, ValueError):
        return None
    start = _day(plan.start)
    if start is None:
        return None
    first = start if start.day == 1 else month_after(start.replace(day=1), 1)
    last = month_after(calendar.end.replace(day=1), -1)
    return (first, months_between(first, last)) if last >= first else None


def _day(label: str) -> dt.date | None:
    """The first day of a period by its name."""
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", label):
        return dt.date(int(found[1]), 3 * int(found[2]) - 2, 1)
    try:
        return dt.date.fromisoformat(label if len(label) > 7 else f"{label}-01")
    except ValueError:
        return None


def _table(seen: Observed, inside: list[int], first: dt.date, months: int) -> np.ndarray[Any, Any] | None:
    """Reports by month; None where the stretch is not on record from beginning to end."""
    place = (first.year - seen.months.start.year) * YEAR + first.month - seen.months.start.month
    if place < 0 or place + months > seen.months.count:
        return None
    return np.asarray(seen.n[inside, place : place + months].sum(axis=0))
