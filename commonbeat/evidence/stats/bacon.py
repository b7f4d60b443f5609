"""What a plain two-way regression does with staggered starts, and which comparisons it makes to get there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np

from .panel import NEVER, Bools, Floats, Integers


@dataclass(frozen=True)
class TwoWay:
    """The coefficient of treatment in a linear regression with unit and period effects."""

    coefficient: float
    error: float
    """Clustered by unit, with the factor n/(n−1) · (N−1)/(N−K), K counting treatment and periods."""


def two_way(outcome: Floats, treated: Bools, weights: Floats | None = None) -> TwoWay:
    """Least squares of a complete panel (units × periods) on unit effects, period effects and treatment.

    `weights` are by unit. Shown for comparison: with staggered starts and effects that grow it mixes in comparisons
    with units that are already treated. Raises ValueError where treatment does not vary beyond units and periods.
    """
    units, periods = outcome.shape
    by_unit = np.ones(units) if weights is None else np.asarray(weights, dtype=float)
    regressor = _without_effects(treated.astype(float), by_unit)
    information = float(by_unit @ (regressor**2).sum(axis=1))
    if information <= 1e-12 * by_unit.sum():
        raise ValueError("treatment does not vary beyond unit and period effects")
    coefficient = float(by_unit @ (regressor * outcome).sum(axis=1)) / information
    left = _without_effects(outcome, by_unit) - coefficient * regressor
    scores = by_unit * (regressor * left).sum(axis=1)
    count = units * periods
    factor = units / (units - 1) * (count - 1) / (count - periods - 1)
    return TwoWay(coefficient, sqrt(factor * float(scores @ scores)) / information)


def _without_effects(values: Floats, weights: Floats) -> Floats:
    share = weights / weights.sum()
    mean = share @ values
    return np.asarray(values - values.mean(axis=1, keepdims=True) - mean + mean.mean())


class Comparison(StrEnum):
    """Who stands against whom in one of the comparisons that make up a two-way regression."""

    NEVER_TREATED = "never-treated"
    NOT_YET_TREATED = "not-yet-treated"
    ALREADY_TREATED = "already-treated"
    """The forbidden one: the effect on the earlier units is taken for their normal course."""


@dataclass(frozen=True)
class Part:
    """One difference in differences of two groups and its weight in the regression."""

    comparison: Comparison
    start: int
    """When the treated group of this comparison started."""
    other: int
    """When the other group starts or started; NEVER for those that never do."""
    weight: float
    estimate: float


def decompose(outcome: Floats, adoption: Integers) -> tuple[Part, ...]:
    """Goodman-Bacon (2021): the parts whose weighted mean is the coefficient of `two_way`; weights add up to 1.

    `adoption` is the index of the first treated period, or NEVER; units treated from the first period on are not
    allowed. Raises ValueError when nothing can be compared.
    """
    if (adoption == 0).any():
        raise ValueError("units treated from the first period on have no time before: leave them out")
    starts = [int(g) for g in np.unique(adoption) if g != NEVER]
    means = {g: outcome[adoption == g].mean(axis=0) for g in np.unique(adoption).tolist()}
    share = {g: float((adoption == g).mean()) for g in means}
    length = outcome.shape[1]
    raw: list[Part] = []
    for start in starts:
        dose = 1 - start / length
        if NEVER in means:
            weight = share[start] * share[NEVER] * dose * (1 - dose)
            estimate = _contrast(means[start], means[NEVER], 0, start, length)
            raw.append(Part(Comparison.NEVER_TREATED, start, NEVER, weight, estimate))
        for later in (g for g in starts if g > start):
            small = 1 - later / length
            both = share[start] * share[later]
            early = _contrast(means[start], means[later], 0, start, later)
            late = _contrast(means[later], means[start], start, later, length)
            weight = both * (dose - small) * (1 - dose)
            raw.append(Part(Comparison.NOT_YET_TREATED, start, later, weight, early))
            raw.append(Part(Comparison.ALREADY_TREATED, later, start, both * small * (dose - small), late))
    total = sum(part.weight for part in raw)
    if total <= 0:
        raise ValueError("no two groups can be compared")
    return tuple(Part(p.comparison, p.start, p.other, p.weight / total, p.estimate) for p in raw)


def _contrast(treated: Floats, other: Floats, begin: int, start: int, end: int) -> float:
    gap = treated - other
    return float(gap[start:end].mean() - gap[begin:start].mean())
