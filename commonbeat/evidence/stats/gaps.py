"""Gaps between groups: did the programme do more in some places, or for one sort of incident, than for others?

The effect in each group is the rate ratio of `poisson-did`; the gap is one divided by the other. Both lean on the same
places to compare with (or are counted in the same places), so their errors hang together: each unit's influence on the
two log ratios is subtracted before anything is squared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .clusters import Uncertain
from .design import Design
from .did import PoissonDiD, informative, rate_ratio
from .panel import Floats, Panel
from .phrase import N_, phrase
from .refusal import CannotEstimate, Refusal, Shortfall
from .twoway import residual

LEAST_EVENTS = 10
"""In each group of treated places, before and after: fewer could point at somebody, and tell nothing."""


@dataclass(frozen=True)
class Gap:
    """Two groups and what lies between them. Ratios: 1 is no difference."""

    ratios: tuple[float, float]
    intervals: tuple[tuple[float, float], tuple[float, float]]
    gap: float
    """Ratio of the first group over that of the second."""
    interval: tuple[float, float]
    p: float
    units: tuple[int, int]
    """Treated units behind each."""

    @property
    def clear(self) -> bool:
        """Whether the interval leaves “no gap” out."""
        return not self.interval[0] <= 1.0 <= self.interval[1]


def gap(one: Panel, other: Panel, *, level: float = 0.95, least: int = LEAST_EVENTS) -> Gap | Refusal:
    """The effects in two groups and the gap between them, or why it cannot be told.

    `least` events are needed in each group, before and after.

    `one` and `other` are panels of the same periods: of different treated units and the same others, or of the same
    units with different incidents.
    """
    design = PoissonDiD(level=level)
    for panel in (one, other):
        shortfalls = _missing(design, panel, least)
        if shortfalls:
            return Refusal("gap", shortfalls)
    try:
        first, second = _influences(one.in_order()), _influences(other.in_order())
    except CannotEstimate as impossible:
        return Refusal("gap", (impossible.shortfall,))
    units = sorted(first.parts.keys() | second.parts.keys())
    apart = np.array([first.parts.get(unit, 0.0) - second.parts.get(unit, 0.0) for unit in units])
    freedom = min(first.found.freedom, second.found.freedom)
    between = Uncertain(first.found.value - second.found.value, float(np.sqrt((apart**2).sum())), freedom)
    return Gap(
        (math.exp(first.found.value), math.exp(second.found.value)),
        (_exp(first.found.interval(level)), _exp(second.found.interval(level))),
        math.exp(between.value), _exp(between.interval(level)), between.p,
        (int(one.ever_treated.sum()), int(other.ever_treated.sum())),
    )  # fmt: skip


def _exp(bounds: tuple[float, float]) -> tuple[float, float]:
    # Beyond e^±50 nothing is told apart any more, and larger powers are infinite.
    low, high = (math.exp(min(max(bound, -50.0), 50.0)) for bound in bounds)
    return low, high


def _missing(design: Design, panel: Panel, least: int) -> tuple[Shortfall, ...]:
    found = [s for need in design.preconditions() if (s := need.shortfall(panel)) is not None]
    if not found:
        mine, start = panel.outcome[panel.ever_treated], panel.starts[0]
        if min(mine[:, :start].sum(), mine[:, start:].sum()) < least:
            # How many there are stays unsaid: small numbers may point at somebody.
            said = phrase(N_("Fewer than {least} {outcome} in one group, before or after."), least=least,
                          outcome=panel.outcome_name)  # fmt: skip
            found.append(Shortfall("events-of-groups", phrase(N_("at least {least} in each."), least=least), said))
    return tuple(found)


@dataclass(frozen=True)
class _Influences:
    found: Uncertain
    parts: dict[str, float]


def _influences(panel: Panel) -> _Influences:
    """The log rate ratio, and by unit how far it pulls it, mended as `Groups.covariance` mends it."""
    told = informative(panel)
    fitted, found, groups = rate_ratio(told)
    left = residual(told.treated.astype(np.float64), fitted.expected)
    information = (fitted.expected * left**2).sum(axis=1)
    influence: Floats = (left * (told.outcome - fitted.expected)).sum(axis=1) / information.sum()
    mended = influence / np.sqrt(np.maximum(1 - groups.share, 1e-9))
    return _Influences(found, dict(zip(told.units, mended.tolist(), strict=True)))
