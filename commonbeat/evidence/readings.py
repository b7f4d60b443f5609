"""Readings: one number with its interval, how many stand behind it, and its change on the same time a year before.

A stored measure is read over its last twelve whole months beside the twelve before; a question of a survey in its
latest released wave beside the wave nearest to a year earlier. Nothing is counted anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import FEWEST_CASES, number, whole_months
from commonbeat.evidence.measures import SHARE, Measure
from commonbeat.evidence.observing import Observed, observed
from commonbeat.evidence.panels import RESIDENTS, CannotCount, denominator
from commonbeat.evidence.periods import month_after

if TYPE_CHECKING:
    from commonbeat.evidence.stats.two_times import Within

YEAR = 12
PER = 10_000
"""Residents that a rate is counted per, in each month."""
NUMBER, RATE, PERCENT, MEAN = "number", "rate", "percent", "mean"
UNITS = {
    NUMBER: N_("in twelve months"), RATE: N_("per 10,000 residents and month"), PERCENT: N_("percent"),
    MEAN: N_("on the scale"),
}  # fmt: skip

NOT_COUNTED = N_("It is not counted for these areas yet. It will be in the night after its first record.")
NO_YEAR = N_("Twelve whole months are needed. So far there are %(n)s.")
NO_PEOPLE = N_("Residents of these areas are not known, so there is no rate. Bring in a population table.")
FEW_CASES = N_("Fewer than %(fewest)s cases stand behind it: a percentage would tell chance.")
NO_BEFORE = N_("There is no year before it to compare with.")
FEW_EVENTS = N_("One of both years has fewer than %(fewest)s events: a change in percent would tell chance.")
HIDDEN = N_("The number is small, or would give a small one away, and is not shown.")


@dataclass(frozen=True)
class Change:
    """A change on the same time before: percent of a number, or points of a share or scale; with its interval."""

    value: float
    low: float
    high: float
    points: bool

    @property
    def direction(self) -> int:
        """1 when it clearly rose, -1 when it clearly fell, 0 when chance explains it."""
        return 1 if self.low > 0 else -1 if self.high < 0 else 0


@dataclass(frozen=True)
class Reading:
    """What is known of one thing. Without a `value`, `refused` says why; without a `change`, `alone` does."""

    unit: str
    period: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    before: float | None = None
    before_low: float | None = None
    before_high: float | None = None
    before_period: str = ""
    change: Change | None = None
    refused: str = ""
    alone: str = ""
    left_out: tuple[str, ...] = ()
    decimals: int = 0


def nothing(unit: str, why: str, **more: Any) -> Reading:
    """A reading that cannot be had, with the reason."""
    return Reading(unit, refused=why, **more)


@dataclass(frozen=True)
class Years:
    """The last twelve whole months of a measure by area, and the twelve before; each as met and n by area × month."""

    seen: Observed
    end: int
    """The month after the last whole one, by its place."""

    @cached_property
    def _met(self) -> NDArray[np.float64]:
        return self.seen.value * self.seen.n

    def part(self, ago: int, *, met: bool = False) -> NDArray[np.float64]:
        """Area × month of the year that ended so many years before; no month where it is not known."""
        stop = self.end - YEAR * ago
        table = self._met if met else self.seen.n
        return table[:, stop - YEAR : stop] if stop >= YEAR else table[:, :0]

    def period(self, ago: int) -> str:
        """The year in words."""
        last = self.seen.months.first_day(self.end - 1 - YEAR * ago)
        words = {"first": date_format(month_after(last, 1 - YEAR), "F Y"), "last": date_format(last, "F Y")}
        return _("%(first)s to %(last)s") % words

    @cached_property
    def middle(self) -> float:
        """The middle of the last year, as residents are known by."""
        return self.seen.months.years[self.end - 1] - 0.5


def years_of(one: Measure, areas: AreaSet) -> Years | str:
    """The two last whole years as they are stored, or why there are none; two statements."""
    seen = observed(one, areas)
    if seen is None:
        return _(NOT_COUNTED)
    whole = np.flatnonzero(whole_months(one, seen.months))
    if len(whole) < YEAR:
        return _(NO_YEAR) % {"n": len(whole)}
    return Years(seen, int(whole[-1]) + 1)


def read(one: Measure, found: Years | str, *, area: int | None = None, rate: bool = False) -> Reading:
    """A measure of all areas, or of the one at this place of the set. `rate` is for counts only."""
    unit = PERCENT if one.sort == SHARE else RATE if rate else NUMBER
    if isinstance(found, str):
        return nothing(unit, found)
    who = slice(None) if area is None else slice(area, area + 1)
    now, before = (found.part(ago)[who].sum(axis=0) for ago in (0, 1))
    facts: dict[str, Any] = {"period": found.period(0), "n": int(now.sum()), "left_out": _left_out(found, area)}
    if len(before):
        facts["before_period"] = found.period(1)
    if unit == PERCENT:
        met, met_before = (found.part(ago, met=True)[who].sum(axis=0) for ago in (0, 1))
        return share_reading(met, now, met_before, before, facts)
    people = _people(found, who) if rate else 1.0
    if people is None:
        return nothing(unit, _(NO_PEOPLE), period=facts["period"], n=facts["n"])
    phi = spread(found)
    return count_reading(now.sum(), before.sum() if len(before) else None, facts, unit=unit, people=people, phi=phi)


def spread(found: Years) -> float:
    """How much more than by chance the counts of all areas vary from month to month."""
    from commonbeat.evidence.stats import two_times

    before = found.part(1).sum(axis=0)
    return two_times.dispersion(before, found.part(0).sum(axis=0)) if len(before) else 1.0


def _people(found: Years, who: slice) -> float | None:
    try:
        people = denominator(RESIDENTS, found.seen.areas, (found.middle,))[who, 0].sum()
    except CannotCount:
        return None
    return float(people) * YEAR / PER or None


def count_reading(
    now: float, before: float | None, facts: dict[str, Any], *, unit: str, people: float, phi: float
) -> Reading:
    """A number, or one per `people` (in tens of thousands of resident months), and its change in percent."""
    from commonbeat.evidence.stats import two_times

    told = two_times.count(float(now), phi=phi)
    facts |= {"value": told.value / people, "low": told.low / people, "high": told.high / people,
              "decimals": 1 if unit == RATE else 0}  # fmt: skip
    if before is None:
        return Reading(unit, alone=_(NO_BEFORE), **facts)
    was = two_times.count(float(before), phi=phi)
    facts |= {"before": was.value / people, "before_low": was.low / people, "before_high": was.high / people}
    moved = two_times.change(float(before), float(now), phi=phi)
    if moved is None:
        return Reading(unit, alone=_(FEW_EVENTS) % {"fewest": two_times.FEWEST}, **facts)
    return Reading(unit, change=_change(moved, points=False), **facts)


def share_reading(
    met: NDArray[np.float64], n: NDArray[np.float64], met_before: NDArray[np.float64],
    n_before: NDArray[np.float64], facts: dict[str, Any],
) -> Reading:  # fmt: skip
    """A share of cases in percent, from its months, and its change in percentage points."""
    from commonbeat.evidence.stats import two_times

    few = _(FEW_CASES) % {"fewest": FEWEST_CASES}
    if n.sum() < FEWEST_CASES:
        return nothing(PERCENT, few, **facts)
    told = two_times.share(float(met.sum()), float(n.sum()), phi=two_times.share_dispersion(met, n))
    facts |= {"value": 100 * told.value, "low": 100 * told.low, "high": 100 * told.high, "decimals": 1}
    if n_before.sum() < FEWEST_CASES:
        return Reading(PERCENT, alone=few if n_before.sum() else _(NO_BEFORE), **facts)
    phi = two_times.share_dispersion(met_before, n_before)
    was = two_times.share(float(met_before.sum()), float(n_before.sum()), phi=phi)
    facts |= {"before": 100 * was.value, "before_low": 100 * was.low, "before_high": 100 * was.high}
    return Reading(PERCENT, change=_change(two_times.difference(was, told), points=True), **facts)


def _change(moved: Within, *, points: bool) -> Change:
    return Change(100 * moved.value, 100 * moved.low, 100 * moved.high, points)


def _left_out(found: Years, area: int | None) -> tuple[str, ...]:
    stored = found.seen.refresh
    lost = stored.placeless + stored.outside
    if area is not None or not lost:
        return ()
    return (_("%(n)s of all times lie in none of these areas.") % {"n": number(lost)},)


# --- words -------------------------------------------------------------------------------------------------------


def value_words(told: Reading, *, before: bool = False) -> str:
    """The number, or that of the time before, as it is read aloud with its unit; empty without one."""
    value = told.before if before else told.value
    if value is None:
        return ""
    plain = number(value, told.decimals)
    return f"{plain} %" if told.unit == PERCENT else f"{plain} {_(UNITS[told.unit])}"


def interval_words(told: Reading) -> str:
    """Its interval; empty where there is no sample or no number."""
    if told.value is None or told.low is None or told.high is None:
        return ""
    words = {"low": number(told.low, told.decimals), "high": number(told.high, told.decimals)}
    return _("95%% interval %(low)s to %(high)s") % words


_MOVED = {
    (1, False): N_("%(n)s %% more than in %(before)s (95%% interval %(low)s to %(high)s)"),
    (-1, False): N_("%(n)s %% fewer than in %(before)s (95%% interval %(low)s to %(high)s)"),
    (0, False): N_("no change on %(before)s that chance does not explain (95%% interval %(low)s to %(high)s %%)"),
    (1, True): N_("%(n)s points more than in %(before)s (95%% interval %(low)s to %(high)s)"),
    (-1, True): N_("%(n)s points fewer than in %(before)s (95%% interval %(low)s to %(high)s)"),
    (0, True): N_("no change on %(before)s that chance does not explain (95%% interval %(low)s to %(high)s points)"),
}


def change_words(told: Reading) -> str:
    """The change, or why none is said."""
    moved = told.change
    if moved is None:
        return told.alone
    decimals = 2 if told.unit == MEAN else 1 if moved.points else 0
    ends = [moved.low, moved.high] if moved.direction == 0 else sorted((abs(moved.low), abs(moved.high)))
    words = {"n": number(abs(moved.value), decimals), "before": told.before_period,
             "low": number(ends[0], decimals), "high": number(ends[1], decimals)}  # fmt: skip
    return _(_MOVED[moved.direction, moved.points]) % words
