"""Poisson regression with an effect for every unit and every period, solved by closed-form alternation.

The model is μ(unit, period) = exposure × unit effect × period effect × ratio^treated. Given two of the three sorts of
parameters, the third has a closed form: it makes the expected totals equal to the observed ones. Going round
converges to the maximum of the likelihood (it is iterative proportional fitting), at a rate that depends on the
share of treated units and not on their number: 500 × 260 cells take about 40 rounds and 2 ms, where a
regression with dummy columns takes minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .panel import Bools, Floats
from .phrase import N_, phrase
from .refusal import CannotEstimate

TOLERANCE = 1e-12
"""Change of the logarithm of the ratio (or of any period effect) in one round at which to stop."""
MOST_ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class TwoWay:
    """A fit: `expected` is μ, units × periods; `log_ratio` is 0 where no effect was fitted."""

    log_ratio: float
    expected: Floats
    periods: Floats
    """Period effects, up to a constant factor."""
    rounds: int


def fit(outcome: Floats, exposure: Floats, treated: Bools | None = None) -> TwoWay:
    """The two-way fit; with a `treated` mask (units × periods) also the ratio.

    Every unit and every period must have events (drop the others first: they say nothing about a ratio), and so
    must the treated cells. Raises CannotEstimate where the rounds do not settle, which happens when a ratio
    cannot be told from unit and period effects.
    """
    of_units, of_periods = outcome.sum(axis=1), outcome.sum(axis=0)
    plain = exposure if treated is None else np.where(treated, 0.0, exposure)
    lifted = None if treated is None else np.where(treated, exposure, 0.0)
    target = 0.0 if treated is None else float(outcome[treated].sum())
    ratio = 1.0
    periods = of_periods / exposure.sum(axis=0)
    for rounds in range(1, MOST_ROUNDS + 1):
        in_plain = plain @ periods
        in_lifted = 0.0 if lifted is None else lifted @ periods
        units = of_units / (in_plain + ratio * in_lifted)
        before = ratio
        if lifted is not None:
            ratio = target / float(units @ in_lifted)
        cells = units @ plain if lifted is None else units @ plain + ratio * (units @ lifted)
        renewed = of_periods / cells
        change = max(abs(np.log(ratio / before)), float(np.abs(np.log(renewed / periods)).max()))
        periods = renewed
        if change < TOLERANCE:
            lift = 1.0 if treated is None else np.where(treated, ratio, 1.0)
            return TwoWay(float(np.log(ratio)), units[:, None] * periods * exposure * lift, periods, rounds)
    raise CannotEstimate(
        "settles",
        needed=phrase(N_("treated and untreated cells in the same periods.")),
        found=phrase(N_("The fit did not settle after {rounds} rounds."), rounds=MOST_ROUNDS),
    )


def residual(column: Floats, weights: Floats) -> Floats:
    """What is left of a column (units × periods) after weighted effects of units and periods are taken out."""
    of_units, of_periods = weights.sum(axis=1), weights.sum(axis=0)
    left = column.astype(np.float64)
    for _ in range(MOST_ROUNDS):
        left = left - ((weights * left).sum(axis=1) / of_units)[:, None]
        shift = (weights * left).sum(axis=0) / of_periods
        left = left - shift
        if float(np.abs(shift).max()) < TOLERANCE:
            break
    return left


def dispersion(outcome: Floats, expected: Floats, parameters: int) -> float:
    """φ: how many times more variable the counts are than Poisson chance (Pearson's χ² over degrees of freedom).

    1 where no degree of freedom is left to tell.
    """
    there = expected > 0
    free = int(there.sum()) - parameters
    chi = float(((outcome[there] - expected[there]) ** 2 / expected[there]).sum())
    return chi / free if free > 0 else 1.0
