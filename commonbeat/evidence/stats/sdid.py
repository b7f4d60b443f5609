"""Weights of synthetic difference in differences, as its authors' own software finds them.

Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), Algorithm 1. Weights are found by Frank–Wolfe steps with an
exact line search; where these stop is part of the published numbers, so the same rule is kept: stop when a step gains
less than (10⁻⁵ σ)², start once more from the weights above a quarter of the largest, σ being the noise of first
differences.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .panel import Bools, Floats

ROUNDS_FIRST = 100
ROUNDS = 10_000
ROUNDS_PLACEBO = 1_000
_AT_ONCE = 250


class Weighting(StrEnum):
    """Which of the three related estimators."""

    SYNTHETIC_DID = "synthetic-did"
    SYNTHETIC_CONTROL = "synthetic-control"
    DID = "did"


@dataclass(frozen=True)
class Weighted:
    """An estimate with the weights of comparison units and of periods before; both add up to one, or are all zero."""

    estimate: float
    units: Floats
    periods: Floats
    path: Floats
    """Treated minus weighted comparison, period by period, with its weighted mean before taken out."""


@dataclass(frozen=True)
class _Tuning:
    """The penalties and the gain below which the search stops."""

    units: float
    periods: float
    gain: float


def synthetic_did(
    outcome: Floats,
    treated: Bools,
    start: int,
    *,
    weighting: Weighting = Weighting.SYNTHETIC_DID,
    rounds: int = ROUNDS,
) -> Weighted:
    """The mean effect on the treated units from period `start` on; `outcome` is units × periods.

    Raises ValueError when there is no comparison unit, fewer than two periods before or none after.
    """
    if treated.all() or not treated.any():
        raise ValueError("synthetic_did needs treated units and others to compare with")
    if not 2 <= start < outcome.shape[1]:
        raise ValueError("synthetic_did needs two periods before the start and one after it")
    others, mean = outcome[~treated], outcome[treated].mean(axis=0)
    tuning = _tuning(others, int(treated.sum()), start, weighting)
    studies = _Studies(others, mean[None], np.ones((1, len(others)), dtype=bool), start)
    return studies.solve(weighting, tuning, None, None, rounds)[0]


def placebos(others: Floats, sets: list[NDArray[np.int64]], start: int, real: Weighted, weighting: Weighting) -> Floats:
    """The same estimate for sets of comparison units (rows of `others`, which holds no treated unit).

    Penalties stay those of the real study and the search starts at its weights (the authors' Algorithm 4).
    """
    tuning = _tuning(others, len(sets[0]), start, weighting)
    found: list[float] = []
    for first in range(0, len(sets), _AT_ONCE):
        some = sets[first : first + _AT_ONCE]
        pool = np.ones((len(some), len(others)), dtype=bool)
        for row, chosen in zip(pool, some, strict=True):
            row[chosen] = False
        means = np.stack([others[chosen].mean(axis=0) for chosen in some])
        begin = np.where(pool, real.units, 0.0)
        total = begin.sum(axis=1, keepdims=True)
        equal = pool / pool.sum(axis=1, keepdims=True)
        begin = np.where(total > 0, begin / np.where(total > 0, total, 1), equal)
        solved = _Studies(others, means, pool, start).solve(weighting, tuning, begin, real.periods, ROUNDS_PLACEBO)
        found += [one.estimate for one in solved]
    return np.array(found)


def _tuning(others: Floats, treated: int, start: int, weighting: Weighting) -> _Tuning:
    noise = float(np.std(np.diff(others[:, :start], axis=1), ddof=1))
    after = others.shape[1] - start
    eta = (treated * after) ** 0.25 if weighting is Weighting.SYNTHETIC_DID else 1e-6
    return _Tuning(units=eta * noise, periods=1e-6 * noise, gain=1e-5 * noise)


@dataclass(frozen=True)
class _Studies:
    """Several studies side by side on the same comparison units, of which each may use those in its `pool`."""

    others: Floats
    means: Floats
    """By study and period: the mean of its (real or placebo) treated units."""
    pool: Bools
    start: int

    def solve(
        self, weighting: Weighting, tuning: _Tuning, units: Floats | None, periods: Floats | None, rounds: int
    ) -> list[Weighted]:
        """Weights and estimate of each study; `units` and `periods` are weights to begin with."""
        studies = len(self.means)
        equal = self.pool / self.pool.sum(axis=1, keepdims=True)
        over = np.full((studies, self.start), 1 / self.start)
        if weighting is Weighting.SYNTHETIC_DID:
            problem = self._periods(tuning)
            over = problem.search(over if periods is None else np.tile(periods, (studies, 1)), tuning.gain, rounds)
        elif weighting is Weighting.SYNTHETIC_CONTROL:
            over = np.zeros_like(over)
        across = equal
        if weighting is not Weighting.DID:
            problem = self._units(tuning, centred=weighting is Weighting.SYNTHETIC_DID)
            across = problem.search(equal if units is None else units, tuning.gain, rounds)
        gaps = self.means - across @ self.others
        levels = (over * gaps[:, : self.start]).sum(axis=1)
        return [
            Weighted(float((gap[self.start :] - level).mean()), unit, period, gap - level)
            for gap, level, unit, period in zip(gaps, levels, across, over, strict=True)
        ]

    def _units(self, tuning: _Tuning, *, centred: bool) -> _Simplex:
        columns, target = self.others[:, : self.start].T, self.means[:, : self.start]
        if centred:
            columns = columns - columns.mean(axis=0)
            target = target - target.mean(axis=1, keepdims=True)
        return _Simplex(columns.T @ columns, target @ columns, self.pool, self.start, tuning.units)

    def _periods(self, tuning: _Tuning) -> _Simplex:
        before, after = self.others[:, : self.start], self.others[:, self.start :].mean(axis=1)
        count = int(self.pool[0].sum())
        grams, crosses = [], []
        for mask in self.pool:
            rows = before[mask] - before[mask].mean(axis=0)
            grams.append(rows.T @ rows)
            crosses.append((after[mask] - after[mask].mean()) @ rows)
        allowed = np.ones((len(self.pool), self.start), dtype=bool)
        return _Simplex(np.stack(grams), np.stack(crosses), allowed, count, tuning.periods)


@dataclass(frozen=True)
class _Simplex:
    """Minimise ‖A w − b‖² / rows + penalty² ‖w‖² over weights that add up to one, for several studies at once."""

    gram: Floats
    """AᵀA: one for all studies, or one for each."""
    cross: Floats
    """By study: Aᵀb."""
    allowed: Bools
    rows: int
    penalty: float

    def search(self, begin: Floats, gain: float, rounds: int) -> Floats:
        """Two passes: the second begins at the larger weights of the first."""
        first = self._descend(begin, gain, ROUNDS_FIRST)
        sparse = np.where(first <= first.max(axis=1, keepdims=True) / 4, 0.0, first)
        return self._descend(sparse / sparse.sum(axis=1, keepdims=True), gain, rounds)

    def _descend(self, begin: Floats, gain: float, rounds: int) -> Floats:
        """Frank–Wolfe steps; each study stops by itself, once a step gains too little."""
        weights, ridge = begin.copy(), self.rows * self.penalty**2
        live = np.arange(len(weights))
        shared = self.gram.ndim == 2
        gram = self.gram if shared else self.gram.copy()
        diagonal = np.diagonal(gram, axis1=-2, axis2=-1)
        fitted = weights @ gram if shared else np.einsum("sn,snm->sm", weights, gram)
        mine, cross = weights.copy(), self.cross
        barred = np.where(self.allowed, 0.0, np.inf)
        here = live
        for number in range(rounds):
            slope = fitted - cross + ridge * mine
            best = (slope + barred).argmin(axis=1)
            at_best = fitted[here, best]
            square = (mine * fitted).sum(axis=1)
            size = (mine * mine).sum(axis=1)
            downhill = (slope * mine).sum(axis=1) - slope[here, best]
            own = diagonal[best] if shared else diagonal[here, best]
            curve = own - 2 * at_best + square + ridge * (1 - 2 * mine[here, best] + size)
            step = np.divide(downhill, curve, out=np.zeros(len(here)), where=curve > 0).clip(0, 1)
            column = gram[best] if shared else gram[here, best]
            fitted = fitted + step[:, None] * (column - fitted)
            mine = mine * (1 - step[:, None])
            mine[here, best] += step
            gained = (2 * step * downhill - step**2 * curve) / self.rows
            done = (gained <= gain**2) & (number > 0)
            if done.any():
                weights[live[done]] = mine[done]
                live, mine, fitted = live[~done], mine[~done], fitted[~done]
                cross, barred, here = cross[~done], barred[~done], np.arange(len(live))
                if not shared:
                    gram, diagonal = gram[~done], diagonal[~done]
                if not len(live):
                    return weights
        weights[live] = mine
        return weights
