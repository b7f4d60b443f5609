"""Where events gather more than chance explains: Getis and Ord's Gi*, rates with a steady hand, and near repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from .panel import Floats, Integers
from .several import false_discovery


@dataclass(frozen=True)
class HotSpots:
    """Gi* of each area as a standard score, its p-value against random places, and the one adjusted for many areas."""

    score: Floats
    p_value: Floats
    adjusted: Floats

    def kinds(self, level: float = 0.05) -> Integers:
        """1 for hot, -1 for cold, 0 for neither, at most a share of `level` of them by chance."""
        sure = self.adjusted <= level
        return np.where(sure, np.sign(self.score), 0).astype(np.int64)


def gi_star(
    values: ArrayLike, neighbours: Sequence[Sequence[int]], rng: np.random.Generator, *, permutations: int = 9999
) -> HotSpots:
    """Getis and Ord's Gi* (1995) with binary weights; each area is a neighbour of itself.

    `neighbours` are lists of indices by area, without the area itself. The p-value is the two-sided share of
    permutations in which the other areas' values, dealt out anew, give the neighbourhood a sum as far out; it is
    adjusted by Benjamini and Hochberg. The score is 0 where all values are alike.
    """
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    if n != len(neighbours):
        raise ValueError(f"{n} values, but neighbours of {len(neighbours)} areas.")
    size = np.array([len(set(around) | {i}) for i, around in enumerate(neighbours)])
    total = np.array([x[sorted(set(around) | {i})].sum() for i, around in enumerate(neighbours)])
    mean, spread = x.mean(), x.std()
    if n < 3 or spread == 0:
        return HotSpots(np.zeros(n), np.ones(n), np.ones(n))
    with np.errstate(invalid="ignore", divide="ignore"):
        score = (total - mean * size) / (spread * np.sqrt((n * size - size**2) / (n - 1)))
    score = np.nan_to_num(score)
    draws = _draws(n - 1, min(int(size.max()) - 1, n - 1) or 1, permutations, rng)
    p = np.array([_chance(x, i, int(size[i]) - 1, total[i], draws) for i in range(n)])
    return HotSpots(score, p, np.array(false_discovery(list(p))))


def _draws(others: int, most: int, permutations: int, rng: np.random.Generator) -> Integers:
    """Rows of `most` different indices below `others`; all areas use the same ones, which costs n times less."""
    rows = [rng.random((min(1000, permutations - done), others)).argpartition(most - 1, axis=1)[:, :most]
            for done in range(0, permutations, 1000)]  # fmt: skip
    return rng.permuted(np.concatenate(rows), axis=1)


def _chance(x: Floats, area: int, around: int, total: float, draws: Integers) -> float:
    """Two-sided pseudo p-value of a neighbourhood's sum, with the area itself in its place."""
    if not around or around >= len(x) - 1:
        return 1.0
    drawn = draws[:, :around]
    sums = x[area] + x[drawn + (drawn >= area)].sum(axis=1)
    above, below = int((sums >= total - 1e-9).sum()), int((sums <= total + 1e-9).sum())
    return min(1.0, 2 * (min(above, below) + 1) / (len(draws) + 1))


def shrunken_rates(events: ArrayLike, exposure: ArrayLike) -> Floats:
    """Rates drawn to the common one as far as their smallness asks (Marshall 1991): few residents, little weight.

    An area without exposure gets the common rate.
    """
    count, base = np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    if base.sum() <= 0:
        raise ValueError("Rates need some exposure.")
    common = count.sum() / base.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(base > 0, count / base, common)
    variance = (base * (rate - common) ** 2).sum() / base.sum() - common / base.mean()
    variance = max(variance, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(base > 0, variance / (variance + common / base), 0.0)
    return np.asarray(common + np.nan_to_num(weight) * (rate - common))


@dataclass(frozen=True)
class NearRepeat:
    """Knox's table: pairs of events by distance and time, how many chance gives, and how often chance gives as many."""

    pairs: Integers
    expected: Floats
    p_value: Floats


def near_repeat(
    x: ArrayLike, y: ArrayLike, day: ArrayLike, rng: np.random.Generator, *,
    distances: Sequence[float] = (1, 100, 200, 400), days: Sequence[int] = (7, 14, 28), permutations: int = 199,
    tell: Callable[[float], None] = lambda share: None,
) -> NearRepeat:  # fmt: skip
    """How often another event follows near by soon, against the same places with their days dealt out anew.

    `x` and `y` are metres; rows of the table are distances up to each bound (the first means the same place), columns
    are days up to each bound, both rising. Permuting days keeps where and when events happen, and breaks only that
    they go together. `tell` hears what share is done.
    """
    points = np.column_stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
    when = (np.asarray(day, dtype=np.int64) - np.min(day)).astype(np.int32)
    pairs = cKDTree(points).query_pairs(max(distances), output_type="ndarray")
    apart = np.sqrt(((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2).sum(axis=1))
    ring = np.searchsorted(np.asarray(distances, np.float64), apart)
    order = np.argsort(ring, kind="stable")
    one, other = np.ascontiguousarray(pairs[order].T)
    ends = np.searchsorted(ring[order], np.arange(1, len(distances) + 1))

    def table(dates: NDArray[np.int32]) -> Integers:
        gap = np.abs(dates.take(one) - dates.take(other))
        parts = np.split(gap, ends)[: len(distances)]
        soon = np.array([[np.count_nonzero(part <= most) for most in days] for part in parts])
        return np.diff(soon, prepend=0, axis=1).astype(np.int64)

    seen = table(when)
    total, as_many = np.zeros(seen.shape), np.ones(seen.shape)
    for turn in range(permutations):
        drawn = table(rng.permutation(when))
        total += drawn
        as_many += drawn >= seen
        tell((turn + 1) / permutations)
    return NearRepeat(seen, total / permutations, as_many / (permutations + 1))
