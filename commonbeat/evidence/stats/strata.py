"""Groups of similar areas, within which a programme could as well have been elsewhere."""

from __future__ import annotations

import math

import numpy as np

from .panel import Bools, Integers, Panel
from .preconditions import first_start


def baseline_strata(panel: Panel, strata: int) -> Integers:
    """By unit: the number of its group, groups being of about equal size by events before the first start."""
    before = panel.outcome[:, : first_start(panel)].sum(axis=1)
    rank = np.lexsort((np.arange(len(before)), before)).argsort()
    return np.asarray(rank * strata // len(before), dtype=np.int64)


def log_assignments(treated: Bools, stratum: Integers) -> float:
    """Natural logarithm of the number of ways to place the programme with as many treated units in each group."""
    total = 0.0
    for group in np.unique(stratum):
        inside = stratum == group
        size, chosen = int(inside.sum()), int(treated[inside].sum())
        total += math.lgamma(size + 1) - math.lgamma(chosen + 1) - math.lgamma(size - chosen + 1)
    return total


def moved(treated: Bools, stratum: Integers, times: int, rng: np.random.Generator) -> Bools:
    """`times` assignments drawn at random (rows) with as many treated units in each group as in truth."""
    draws = np.zeros((times, len(treated)), dtype=np.bool_)
    for group in np.unique(stratum):
        inside = np.flatnonzero(stratum == group)
        chosen = int(treated[inside].sum())
        order = rng.random((times, len(inside))).argsort(axis=1)[:, :chosen]
        draws[np.arange(times)[:, None], inside[order]] = True
    return draws
