"""The path of treated places relative to the others, period by period: for event studies and checks of trends before.

Without an effect in the model, treated and compared units are two separate two-way fits; the logarithm of their period
effects, one minus the other, is the path. A contrast of it (weights that add up to 0) is an estimate on the scale of
log rate ratios, and each unit's influence on it gives its standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from . import twoway
from .clusters import Groups, Uncertain, joint_p
from .panel import Bools, Floats, Integers, Panel
from .phrase import N_, phrase
from .refusal import CannotEstimate


@dataclass(frozen=True, eq=False)
class Bins:
    """Periods put together, counted from the start so that no bin holds time before and after it."""

    first: Integers
    """Index of the first period of each bin."""
    before: int
    """How many bins lie before the start."""

    @classmethod
    def around(cls, start: int, periods: int, width: int) -> Bins:
        """Bins of `width` periods; a rest that fills no bin goes to the oldest or the latest."""
        past = np.arange(start, 0, -width)[1:][::-1] if start > width else np.array([0])
        past = np.concatenate([[0], past[past >= width]])
        future = np.arange(start, periods - width + 1, width)
        first = np.unique(np.concatenate([past, future if len(future) else [start]])).astype(np.int64)
        return cls(first, int((first < start).sum()))

    def total(self, values: Floats) -> Floats:
        """Sums by bin (units × bins)."""
        return np.asarray(np.add.reduceat(values, self.first, axis=1))

    def labels(self, periods: tuple[str, ...]) -> tuple[str, ...]:
        """The first period of each bin."""
        return tuple(periods[i] for i in self.first)

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, eq=False)
class Path:
    """`values` are log rate ratios up to a constant; `influence` is units × bins."""

    values: Floats
    influence: Floats
    groups: Groups
    before: int

    def contrast(self, weights: Floats) -> Uncertain:
        """A weighted sum; the weights must add up to 0."""
        return self.groups.uncertain(float(weights @ self.values), self.influence @ weights)

    @cached_property
    def drift(self) -> Uncertain:
        """Change per bin of the path before the start: the slope of a straight line. Needs two bins."""
        time = np.arange(self.before) - (self.before - 1) / 2
        weights = np.zeros(len(self.values))
        weights[: self.before] = time / (time @ time)
        return self.contrast(weights)

    def flat_before_p(self) -> float | None:
        """p-value for a flat path before the start; None where there are too few units or bins to ask.

        With few units, neighbouring bins are put together until there are half as many contrasts as degrees of
        freedom: a joint test of many values on few units would say nothing.
        """
        parts = min(self.before, max(2, self.groups.freedom // 2 + 1))
        if self.before < 2 or self.groups.freedom < 2:
            return None
        members = np.array_split(np.arange(self.before), parts)
        weights = np.zeros((len(self.values), parts))
        for part, bins in enumerate(members):
            weights[bins, part] = 1 / len(bins)
        contrasts = weights[:, :-1] - weights[:, -1:]
        return joint_p(contrasts.T @ self.values, contrasts.T @ self._covariance @ contrasts, self.groups.freedom)

    @cached_property
    def _covariance(self) -> Floats:
        return self.groups.covariance(self.influence)


def relative_path(panel: Panel, treated: Bools, bins: Bins) -> Path:
    """The path of the `treated` units (a mask) relative to the rest. Raises CannotEstimate for bins without events."""
    outcome, exposure = bins.total(panel.outcome), bins.total(panel.exposure)
    totals = {group: outcome[mask].sum(axis=0) for group, mask in ((True, treated), (False, ~treated))}
    empty = [int((total == 0).sum()) for total in totals.values()]
    if any(empty):
        raise CannotEstimate(
            "events-in-every-bin",
            needed=phrase(N_("at least one in each; put more periods together (a larger width).")),
            found=phrase(N_("{found} of {bins} steps in time have no {outcome} in one of the groups."),
                         found=sum(empty), bins=len(bins), outcome=panel.outcome_name),
        )  # fmt: skip
    values = np.zeros(len(bins))
    influence = np.zeros(outcome.shape)
    information = np.zeros(len(treated))
    for sign, mask in ((1.0, treated), (-1.0, ~treated)):
        fitted = twoway.fit(outcome[mask], exposure[mask])
        expected = fitted.expected
        mass = expected.sum(axis=0)
        hessian = np.diag(mass) - expected.T @ (expected / expected.sum(axis=1)[:, None])
        values += sign * np.log(fitted.periods)
        influence[mask] = sign * (outcome[mask] - expected) @ np.linalg.pinv(hessian, hermitian=True)
        information[mask] = expected.sum(axis=1)
    return Path(values, influence, Groups.of(treated, information), bins.before)
