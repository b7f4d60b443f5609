"""Two stretches of time beside each other: numbers, rates and shares, and what chance does to their change.

Counts vary more than Poisson's law says. By how much is estimated from the table of calendar months × (before, now):

    φ = Σ (O − E)² ÷ E ÷ (months − 1),   E = row total × column total ÷ total,   never below 1

Each month stands beside the same month of the year before, so the season falls out of it. Intervals are those of a
Poisson count with the number divided by φ (Garwood 1936; McCullagh and Nelder 1989, ch. 6); a change is the ratio of
two counts on the logarithmic scale, with Student's t. Shares have Wilson's interval (1927), their difference Newcombe's
(1998, method 10), with the number of cases divided by the φ of their months.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2, t

LEVEL = 0.95
FEWEST = 10
"""Of fewer events in either stretch no change in percent is said: chance alone would double or halve it."""


@dataclass(frozen=True)
class Within:
    """A number and the interval that chance leaves to it."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """For a change: whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def dispersion(before: ArrayLike, now: ArrayLike) -> float:
    """φ of the counts of the same months in two years; 1 where too little happened to tell."""
    table = np.stack([np.asarray(before, dtype=float), np.asarray(now, dtype=float)], axis=1)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 3 or not table.sum(axis=0).all():
        return 1.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return max(1.0, float(((table - expected) ** 2 / expected).sum() / (len(table) - 1)))


def share_dispersion(met: ArrayLike, n: ArrayLike) -> float:
    """φ of the shares of one year's months; 1 where too few months had cases, or all agree."""
    hits, cases = np.asarray(met, dtype=float), np.asarray(n, dtype=float)
    hits, cases = hits[cases > 0], cases[cases > 0]
    p = hits.sum() / cases.sum() if len(cases) else 0.0
    if len(cases) < 3 or not 0 < p < 1:
        return 1.0
    return max(1.0, float(((hits - p * cases) ** 2 / (cases * p * (1 - p))).sum() / (len(cases) - 1)))


def count(n: float, *, phi: float = 1.0) -> Within:
    """A count with its interval: exact for φ = 1."""
    tail, part = (1 - LEVEL) / 2, n / phi
    low = phi * float(chi2.ppf(tail, 2 * part)) / 2 if n > 0 else 0.0
    return Within(n, low, phi * float(chi2.ppf(1 - tail, 2 * (part + 1))) / 2)


def change(before: float, now: float, *, phi: float = 1.0, months: int = 12) -> Within | None:
    """By what share a count rose (0.1: by 10 %); None where either has fewer than `FEWEST` events."""
    if min(before, now) < FEWEST:
        return None
    ratio, error = log(now / before), sqrt(phi * (1 / now + 1 / before))
    reach = float(t.ppf((1 + LEVEL) / 2, max(months - 1, 1))) * error
    return Within(exp(ratio) - 1, exp(ratio - reach) - 1, exp(ratio + reach) - 1)


def share(met: float, n: float, *, phi: float = 1.0) -> Within:
    """Wilson's interval of a share. Raises ValueError without cases."""
    if n <= 0:
        raise ValueError("A share needs cases.")
    z, cases, p = 1.959963984540054, n / phi, met / n
    middle, reach = p + z * z / (2 * cases), z * sqrt(p * (1 - p) / cases + z * z / (4 * cases * cases))
    below = 1 + z * z / cases
    return Within(p, max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below))


def difference(before: Within, now: Within) -> Within:
    """By how much a share rose, by Newcombe's method 10."""
    value = now.value - before.value
    low = value - sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    high = value + sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Within(value, low, high)
