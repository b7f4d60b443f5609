"""How sure: standard errors from whole units (areas), so that neither their history nor overdispersion matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from .panel import Bools, Floats


@dataclass(frozen=True)
class Uncertain:
    """A number on an additive scale with its standard error and degrees of freedom."""

    value: float
    error: float
    freedom: int

    @property
    def p(self) -> float:
        """Two-sided p-value for the value being 0."""
        if self.error == 0:
            return 1.0 if self.value == 0 else float(np.finfo(float).tiny)
        p = 2 * float(stdtr(self.freedom, -abs(self.value / self.error)))
        return max(p, float(np.finfo(float).tiny))

    def interval(self, level: float) -> tuple[float, float]:
        """The confidence interval."""
        reach = critical(self.freedom, level) * self.error
        return self.value - reach, self.value + reach


def critical(freedom: float, level: float = 0.95) -> float:
    """The two-sided critical value of Student's t."""
    return float(stdtrit(freedom, 0.5 + level / 2))


@dataclass(frozen=True, eq=False)
class Groups:
    """Which units are treated, and how much of its group's information each unit carries (0 to 1)."""

    treated: Bools
    share: Floats

    @classmethod
    def of(cls, treated: Bools, information: Floats) -> Groups:
        """Shares from each unit's information."""
        share = np.empty(len(treated))
        for group in (treated, ~treated):
            share[group] = information[group] / information[group].sum()
        return cls(treated, share)

    @property
    def freedom(self) -> int:
        """k − 1, with k the number of units in the smaller group: the group that limits what can be known."""
        return int(min(self.treated.sum(), (~self.treated).sum())) - 1

    @property
    def largest(self) -> float:
        """The largest share of one unit among the treated."""
        return float(self.share[self.treated].max())

    def covariance(self, influence: Floats) -> Floats:
        """Covariance of estimates from each unit's influence on them (units × estimates).

        A unit that carries the share h of its group pulls the fit towards itself, so its residual is too small;
        1 / (1 − h) mends that to first order (the CR2 correction for a group mean). Without it, five treated areas
        of unequal size reject a true null about half as often again as they should.
        """
        mended = influence / np.sqrt(np.maximum(1 - self.share, 1e-9))[:, None]
        return np.asarray(mended.T @ mended)

    def uncertain(self, value: float, influence: Floats) -> Uncertain:
        """One estimate with its standard error."""
        return Uncertain(value, float(np.sqrt(self.covariance(influence[:, None])[0, 0])), self.freedom)


def joint_p(values: Floats, covariance: Floats, freedom: int) -> float:
    """p-value for all values being 0: Hotelling's T² as an F, which stays honest with few units.

    Needs more degrees of freedom than values.
    """
    size = len(values)
    statistic = float(values @ np.linalg.pinv(covariance) @ values)
    scaled = statistic * (freedom + 1 - size) / (size * freedom)
    return float(fdtrc(size, freedom + 1 - size, max(scaled, 0.0)))
