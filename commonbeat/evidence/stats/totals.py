"""Tests for a handful of totals: the weighted displacement difference and the Poisson E-test."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TypeAlias

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, norm, poisson
from scipy.stats import t as student

from .panel import Floats

Totals: TypeAlias = tuple[float, float]
"""Events before and after."""
NOTHING: Totals = (0.0, 0.0)


@dataclass(frozen=True)
class Displacement:
    """A weighted displacement difference: events in the time after, minus what the comparison leads to expect."""

    local: float
    local_error: float
    displaced: float
    displaced_error: float
    total: float
    error: float
    z: float
    p: float
    interval: tuple[float, float]


def wdd(
    *,
    treated: Totals,
    control: Totals,
    displacement: Totals = NOTHING,
    displacement_control: Totals = NOTHING,
    periods: Totals = (1.0, 1.0),
    matches: float = 1.0,
    displacement_matches: float = 1.0,
    dispersion: float = 1.0,
    freedom: float = np.inf,
    level: float = 0.95,
) -> Displacement:
    """Wheeler and Ratcliffe's test: change where it was treated minus change in the control, plus the same around it.

    `periods` is the length of the time before and after; the result is events over the time after. `matches` is how
    many times larger the control is than the treated area. `dispersion` (φ) multiplies the Poisson variance, and
    `freedom` are the degrees of freedom with which it was estimated.
    Raises ValueError for totals below zero.
    """
    if min(*treated, *control, *displacement, *displacement_control) < 0:
        raise ValueError("wdd needs counts of events: none may be below zero")
    if min(*periods, matches, displacement_matches, dispersion) <= 0:
        raise ValueError("periods, matches and dispersion must be above zero")
    stretch = periods[1] / periods[0]
    local, local_variance = _contrast(treated, control, matches, stretch)
    displaced, displaced_variance = _contrast(displacement, displacement_control, displacement_matches, stretch)
    total, error = local + displaced, sqrt(dispersion * (local_variance + displaced_variance))
    z = total / error if error else 0.0
    reach = float(student.ppf((1 + level) / 2, freedom) if np.isfinite(freedom) else norm.ppf((1 + level) / 2)) * error
    p = float(2 * (student.sf(abs(z), freedom) if np.isfinite(freedom) else norm.sf(abs(z))))
    return Displacement(
        local, sqrt(dispersion * local_variance), displaced, sqrt(dispersion * displaced_variance), total, error, z,
        max(p, np.finfo(float).tiny), (total - reach, total + reach),
    )  # fmt: skip


def _contrast(area: Totals, control: Totals, matches: float, stretch: float) -> tuple[float, float]:
    change = (area[1] - stretch * area[0]) - (control[1] - stretch * control[0]) / matches
    variance = (area[1] + stretch**2 * area[0]) + (control[1] + stretch**2 * control[0]) / matches**2
    return change, variance


def dispersion_of_change(before: Floats, after: Floats) -> float:
    """φ: how much more the units' changes scatter than Poisson counts with one common change would; at least 1.

    The sum of squared deviations in the table units × (before, after), divided by the sum of their Poisson variances,
    so that busy units, whose waves make up most of a total's variance, count as much as they do there. Units without
    events say nothing. Raises ValueError when fewer than two units have events.
    """
    both = before + after
    live = both > 0
    if live.sum() < 2:
        raise ValueError("dispersion needs at least two units with events")
    both, before, after = both[live], before[live], after[live]
    share = float(after.sum() / both.sum())
    if share in (0.0, 1.0):
        return 1.0
    scatter = float(((after - share * both) ** 2).sum()) / float((both * share * (1 - share)).sum())
    return max(1.0, scatter * len(both) / (len(both) - 1))


def e_test(first: float, second: float, exposure: float = 1.0, second_exposure: float = 1.0) -> float:
    """Two-sided p-value that two Poisson counts have the same rate (Krishnamoorthy and Thomson 2004).

    For large counts the sum runs over some standard errors around the common rate only; what lies beyond is below
    10⁻¹². Raises ValueError for counts that are not whole or below zero, or an exposure that is not above zero.
    """
    for count in (first, second):
        if count < 0 or count != round(count):
            raise ValueError("e_test needs counts: 0, 1, 2 …")
    if min(exposure, second_exposure) <= 0:
        raise ValueError("e_test needs exposures above zero")
    if first + second == 0:
        return 1.0
    rate = (first + second) / (exposure + second_exposure)
    # A hair less, so that rounding never leaves out tables exactly as extreme as the one that was seen.
    seen = _distance(first, second, exposure, second_exposure) * (1 - 1e-9)
    middle = rate * exposure
    counts = np.arange(max(0, np.floor(middle - 8 * sqrt(middle) - 20)), np.ceil(middle + 8 * sqrt(middle) + 30))
    low, high = _not_as_far(counts, seen, exposure, second_exposure)
    other = rate * second_exposure
    within = poisson.cdf(np.ceil(high) - 1, other) - poisson.cdf(np.floor(low), other)
    near = float((poisson.pmf(counts, middle) * np.where(high > low, np.maximum(within, 0), 0)).sum())
    return float(min(1.0, max(1 - near, np.finfo(float).tiny)))


def rate_interval(
    first: int, second: int, exposure: float = 1.0, second_exposure: float = 1.0, level: float = 0.95
) -> tuple[float, float]:
    """Interval for the ratio of two Poisson rates: binomial given the sum, with mid-p tails; 0 or infinity at a zero.

    The E-test itself cannot be turned into an interval: with unequal exposures its p-value rises again far out.
    """
    both, tail = first + second, (1 - level) / 2

    def ratio(share: float) -> float:
        return share / (1 - share) * second_exposure / exposure

    def below(share: float) -> float:
        return float(binom.cdf(first, both, share) - 0.5 * binom.pmf(first, both, share)) - tail

    def above(share: float) -> float:
        return float(binom.sf(first, both, share) + 0.5 * binom.pmf(first, both, share)) - tail

    low = ratio(brentq(above, 1e-12, 1 - 1e-12)) if first > 0 else 0.0
    high = ratio(brentq(below, 1e-12, 1 - 1e-12)) if second > 0 else float("inf")
    return low, high


def _distance(first: float, second: float, exposure: float, other: float) -> float:
    return abs(first / exposure - second / other) / sqrt(first / exposure**2 + second / other**2)


def _not_as_far(counts: Floats, seen: float, exposure: float, other: float) -> tuple[Floats, Floats]:
    """Between which second counts (exclusive) the distance stays below `seen`, for each first count."""
    rate = counts / exposure
    half = rate * other + seen**2 / 2
    # (rate − v / other)² < seen² (counts / exposure² + v / other²), solved for v.
    root = np.sqrt(np.maximum(half**2 - (rate**2 - seen**2 * counts / exposure**2) * other**2, 0))
    low, high = half - root, half + root
    if seen > 0:  # 0 and 0 are as near as can be, though the quotient says nothing
        low = np.where((counts == 0) & (low >= 0), -1.0, low)
    return np.where(low < 0, -1.0, low), high
