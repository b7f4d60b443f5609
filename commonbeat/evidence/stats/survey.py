"""Means, shares, gaps and changes of a survey, with intervals that know how the sample was drawn.

Everything is a weighted mean, a ratio of two weighted totals: ȳ = Σ w d y ÷ Σ w d, where d is 1 for respondents who
belong (to a group) and answered, else 0. Its variance is Taylor's: with z = w d (y − ȳ) ÷ Σ w d, added up within each
cluster c of each stratum h with n_h clusters,

    var(ȳ) = Σ_h  n_h ÷ (n_h − 1)  Σ_c (z_hc − z̄_h)²

(Binder 1983; Lohr 2022, ch. 9). Respondents outside the group stay in with z = 0: their number is itself by chance.
Clusters are taken as drawn with replacement, which makes intervals a little too wide rather than too narrow. A gap
between groups is the variance of the difference of their z, so what they share cancels. Intervals of means and gaps use
Student's t; those of shares are Korn and Graubard's (1998), exact binomial with the effective number of respondents,
which neither leave 0 to 100 % nor shrink to nothing when everybody agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, t

from .panel import Floats, Integers

LEVEL = 0.95


class SurveyError(ValueError):
    """The answers and the design do not fit each other."""


class TooFew(SurveyError):
    """Nobody, or only one cluster, answered: no interval can be given."""


@dataclass(frozen=True)
class Sample:
    """How respondents came to be asked: a weight for each, and the stratum and cluster they were drawn in."""

    weights: Floats
    strata: Integers
    clusters: Integers

    @classmethod
    def of(cls, weights: ArrayLike, *, strata: ArrayLike | None = None, clusters: ArrayLike | None = None) -> Sample:
        """A sample; without strata there is one, without clusters everybody is one of their own."""
        w = np.asarray(weights, dtype=float)
        if w.ndim != 1 or not len(w) or not (np.isfinite(w).all() and (w >= 0).all()):
            raise SurveyError("Weights must be numbers that are not negative, one for each respondent.")
        n = len(w)
        layer = np.zeros(n, dtype=np.int64) if strata is None else _numbered(strata)
        group = np.arange(n) if clusters is None else _numbered(clusters)
        if len(layer) != n or len(group) != n:
            raise SurveyError("Strata and clusters need one entry for each respondent.")
        # A cluster's name may occur in several strata; they are different clusters.
        joint = _numbered(layer * (int(group.max()) + 1) + group)
        return cls(w, layer, joint)

    def spread(self, z: Floats) -> float:
        """Taylor's variance of a total whose parts are `z`."""
        clusters = int(self.clusters.max()) + 1
        sums = np.bincount(self.clusters, weights=z, minlength=clusters)
        layer = np.zeros(clusters, dtype=np.int64)
        layer[self.clusters] = self.strata
        many = np.bincount(layer).astype(float)
        means = np.bincount(layer, weights=sums) / np.maximum(many, 1)
        # The only cluster of a stratum is compared with nothing: it counts with its whole distance from the estimate.
        apart = np.where(many[layer] > 1, sums - means[layer], sums)
        factor = np.where(many > 1, many / np.maximum(many - 1, 1), 1.0)
        return float((factor[layer] * apart**2).sum())

    def freedom(self, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
        """Degrees of freedom: clusters with somebody inside, less their strata."""
        return len(np.unique(self.clusters[inside])) - len(np.unique(self.strata[inside]))


@dataclass(frozen=True)
class Estimate:
    """A number of the population, with its interval. `n` people answered; `effective_n` is what they are worth."""

    value: float
    error: float
    """Standard error."""
    low: float
    high: float
    n: int
    effective_n: float
    freedom: float

    @property
    def is_clear(self) -> bool:
        """For a gap or change: whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def mean(answers: ArrayLike, sample: Sample, *, among: ArrayLike | None = None) -> Estimate:
    """The mean answer, of all or of those `among`. NaN is no answer. Raises `TooFew`."""
    value, z, inside = _linear(answers, sample, among)
    freedom = _freedom(sample, inside)
    error = sqrt(sample.spread(z))
    reach = float(t.ppf((1 + LEVEL) / 2, freedom)) * error
    return Estimate(
        value, error, value - reach, value + reach, int(inside.sum()), kish(sample.weights[inside]), freedom
    )


def share(yes: ArrayLike, sample: Sample, *, among: ArrayLike | None = None) -> Estimate:
    """The share of those for whom `yes` is 1 (0 otherwise, NaN without an answer). Raises `TooFew`."""
    value, z, inside = _linear(yes, sample, among)
    freedom, n = _freedom(sample, inside), int(inside.sum())
    variance, worth = sample.spread(z), kish(sample.weights[inside])
    if 1e-12 < value < 1 - 1e-12 and variance > 0:
        # How many people drawn one by one would tell as much; never more than there are.
        plain = value * (1 - value) / max(n - 1, 1)
        exact = n * plain / variance * (t.ppf(0.975, max(n - 1, 1)) / t.ppf(0.975, freedom)) ** 2
        effective = min(float(n), float(exact))
    else:
        effective = worth
    low, high = _exact(value * effective, effective)
    return Estimate(value, sqrt(variance), low, high, n, worth, freedom)


def gap(answers: ArrayLike, sample: Sample, *, one: ArrayLike, other: ArrayLike) -> Estimate:
    """By how much the mean (or share) of one group lies above that of another. Raises `TooFew`."""
    first, z_one, in_one = _linear(answers, sample, one)
    second, z_other, in_other = _linear(answers, sample, other)
    if (in_one & in_other).any():
        raise SurveyError("Somebody belongs to both groups.")
    freedom = min(_freedom(sample, in_one), _freedom(sample, in_other))
    error = sqrt(sample.spread(z_one - z_other))
    reach = float(t.ppf((1 + LEVEL) / 2, freedom)) * error
    both = in_one | in_other
    worth = kish(sample.weights[both])
    return Estimate(
        first - second, error, first - second - reach, first - second + reach, int(both.sum()), worth, freedom
    )


def change(before: Estimate, after: Estimate) -> Estimate:
    """By how much a number rose between two waves that asked different people (Welch's degrees of freedom)."""
    value, variance = after.value - before.value, before.error**2 + after.error**2
    parts = before.error**4 / max(before.freedom, 1) + after.error**4 / max(after.freedom, 1)
    freedom = variance**2 / parts if parts > 0 else before.freedom + after.freedom
    reach = float(t.ppf((1 + LEVEL) / 2, freedom)) * sqrt(variance)
    n, worth = before.n + after.n, before.effective_n + after.effective_n
    return Estimate(value, sqrt(variance), value - reach, value + reach, n, worth, freedom)


def kish(weights: Floats) -> float:
    """Kish's effective number: how many with equal weights would be as informative."""
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _linear(
    answers: ArrayLike, sample: Sample, among: ArrayLike | None
) -> tuple[float, Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The mean, each respondent's part z in its error, and who is in it."""
    y = np.asarray(answers, dtype=float)
    if y.shape != sample.weights.shape:
        raise SurveyError("There must be one answer for each respondent; write NaN where somebody gave none.")
    inside = np.isfinite(y) & (sample.weights > 0)
    if among is not None:
        inside &= np.asarray(among, dtype=bool)
    total = float(sample.weights[inside].sum())
    if not total:
        raise TooFew("Nobody answered.")
    w = np.where(inside, sample.weights, 0.0) / total
    filled = np.where(inside, y, 0.0)
    value = float(w @ filled)
    return value, np.where(inside, w * (filled - value), 0.0), inside


def _freedom(sample: Sample, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    freedom = sample.freedom(inside)
    if freedom < 1:
        raise TooFew("At least two people, of different clusters, must have answered.")
    return freedom


def _exact(yes: float, n: float) -> tuple[float, float]:
    """Clopper and Pearson's interval; the numbers need not be whole."""
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, yes, n - yes + 1)) if yes > 1e-9 else 0.0
    high = float(beta.ppf(1 - tail, yes + 1, n - yes)) if n - yes > 1e-9 else 1.0
    return low, high


def _numbered(labels: ArrayLike) -> Integers:
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)
