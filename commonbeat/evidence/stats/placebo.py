"""What an estimate is compared with: the same estimate for places where nothing happened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np

from .effect import Interval
from .panel import Floats, Integers


def placebo_sets(candidates: int, size: int, sets: int, rng: np.random.Generator) -> Iterator[Integers]:
    """Different sets of `size` out of `candidates` units, in random order; all of them where there are few."""
    possible = comb(candidates, size)
    if possible <= 4 * sets:
        every = [np.array(chosen, dtype=np.int64) for chosen in combinations(range(candidates), size)]
        for index in rng.permutation(len(every))[:sets]:
            yield every[index]
        return
    seen: set[tuple[int, ...]] = set()
    while len(seen) < sets:
        chosen = np.sort(rng.choice(candidates, size, replace=False)).astype(np.int64)
        if tuple(chosen.tolist()) not in seen:
            seen.add(tuple(chosen.tolist()))
            yield chosen


def share_as_large(found: float, placebos: Floats) -> float:
    """Two-sided p-value: the share of placebo statistics at least as far from zero, counting the real one as one."""
    return float((1 + (np.abs(placebos) >= abs(found) * (1 - 1e-12)).sum()) / (1 + len(placebos)))


def critical(placebos: Floats, level: float) -> float:
    """The size that a placebo statistic exceeds in 1 − level of the cases; infinite where there are too few of them.

    Agrees with `share_as_large`: a statistic is larger than this exactly when its p-value is at most 1 − level.
    """
    rank = int(np.floor((1 + len(placebos)) * (1 - level) + 1e-9))
    return float(np.sort(np.abs(placebos))[-rank]) if rank >= 1 else float("inf")


def interval(estimate: float, error: float, placebos: Floats, level: float) -> Interval:
    """Everything that would not be rejected, for an estimate whose statistic is estimate ÷ error."""
    reach = critical(placebos, level) * error
    return estimate - reach, estimate + reach
