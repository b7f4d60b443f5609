"""Effects by starting group and period, and their means, after Callaway and Sant'Anna (2021), without covariates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .panel import NEVER, Bools, Floats, Integers


@dataclass(frozen=True)
class Mean:
    """A weighted mean of group-time effects and how much each unit moves it."""

    estimate: float
    influence: Floats
    """By unit; the variance of the estimate is the sum of squares divided by units²."""

    @property
    def error(self) -> float:
        """The standard error, units being independent."""
        return float(np.sqrt((self.influence**2).sum())) / len(self.influence)

    def careful_error(self, groups: Integers) -> float:
        """The standard error with Bell and McCaffrey's correction for small groups (`groups` is by unit)."""
        _, number, count = np.unique(groups, return_inverse=True, return_counts=True)
        size = count[number]
        inflated = self.influence**2 * np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
        return float(np.sqrt(inflated.sum())) / len(self.influence)


@dataclass(frozen=True)
class GroupTime:
    """Every effect ATT(g, t): for the units that started in g, in period t, against those not (yet) treated.

    Periods before g − 1 are compared with the one before them, as a test of the past.
    """

    groups: Integers
    periods: Integers
    estimates: Floats
    influence: Floats
    """Cells × units."""
    shares: Floats
    """By cell: the share of (weighted) units that belong to its group."""
    membership: Floats
    """Cells × units: weight of the unit if it is of the group."""

    def mean(self, cells: Bools) -> Mean:
        """The mean over some cells, each weighted by the size of its group; group sizes count as estimated."""
        chosen = np.flatnonzero(cells)
        shares = self.shares[chosen]
        weights = shares / shares.sum()
        effects = self.estimates[chosen]
        estimate = float(weights @ effects)
        influence = weights @ self.influence[chosen]
        influence = influence + ((effects - estimate) / shares.sum()) @ (
            self.membership[chosen] - shares[:, None]
        )  # the sizes of groups vary from sample to sample
        return Mean(estimate, influence)

    def since_start(self) -> Bools:
        """The cells in which the group has the programme."""
        return self.periods >= self.groups

    def at(self, distance: int) -> Bools:
        """The cells so many periods after the start (before it, if below zero)."""
        return np.asarray(self.periods - self.groups == distance)


def group_time(
    outcome: Floats, adoption: Integers, weights: Floats | None = None, *, not_yet: bool = False
) -> GroupTime:
    """All effects of a complete panel; `adoption` is the first treated period or NEVER, `weights` are by unit.

    Compares with units that never start, or with `not_yet` also with those that start after period t. Units treated
    from the first period on are left out. Raises ValueError when no cell can be compared.
    """
    units, length = outcome.shape
    by_unit = np.ones(units) if weights is None else np.asarray(weights, dtype=float) / float(np.mean(weights))
    groups, periods, estimates, influences, shares, members = [], [], [], [], [], []
    for group in (int(g) for g in np.unique(adoption) if g > 0):
        mine = (adoption == group) * by_unit
        for period in range(1, length):
            base = group - 1 if period >= group else period - 1
            other = adoption == NEVER
            if not_yet:
                other = other | ((adoption > max(period, base)) & (adoption != group))
            theirs = other * by_unit
            if not theirs.any():
                continue
            change = outcome[:, period] - outcome[:, base]
            up, level = _mean(change, mine)
            down, other_level = _mean(change, theirs)
            groups.append(group)
            periods.append(period)
            estimates.append(up - down)
            influences.append(mine / level * (change - up) - theirs / other_level * (change - down))
            shares.append(level)
            members.append(mine)
    if not groups:
        raise ValueError("no group can be compared with units that are not treated")
    return GroupTime(
        np.array(groups), np.array(periods), np.array(estimates), np.array(influences), np.array(shares),
        np.array(members),
    )  # fmt: skip


def _mean(values: Floats, weights: Floats) -> tuple[float, float]:
    """The weighted mean, and the mean weight."""
    return float(values @ weights / weights.sum()), float(weights.mean())
