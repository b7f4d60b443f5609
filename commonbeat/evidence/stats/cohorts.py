"""Poisson with effects by starting group and period: fitted on cells without the programme, carried into those with it.

With group and period effects and every treated cell free, treated cells fit themselves; what is left is a Poisson
model of the untreated ones (Wooldridge 2023). Sums by group and period are all it needs, so that leaving out each unit
in turn costs next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .panel import NEVER, Bools, Floats, Integers


@dataclass(frozen=True)
class Cohorts:
    """Units by starting group: their events, population, and what each unit adds."""

    starts: Integers
    """By group; NEVER for the group that never starts."""
    group: Integers
    """By unit: the number of its group."""
    outcome: Floats
    exposure: Floats
    untreated: Bools
    """Groups × periods: the cells from which the normal course is learnt."""
    hidden: Bools
    """Cells that are neither learnt from nor counted."""

    @classmethod
    def of(cls, outcome: Floats, exposure: Floats, adoption: Integers, hidden: Bools | None = None) -> Cohorts:
        """Groups of equal start; cells of a group are hidden as those of its first unit are."""
        starts, group = np.unique(adoption, return_inverse=True)
        first = np.array([int((group == number).argmax()) for number in range(len(starts))])
        periods = np.arange(outcome.shape[1])
        before = (starts[:, None] == NEVER) | (periods < starts[:, None])
        unseen = np.zeros(before.shape, dtype=bool) if hidden is None else hidden[first]
        return cls(starts.astype(np.int64), group.astype(np.int64), outcome, exposure, before & ~unseen, unseen)

    def since_start(self) -> Bools:
        """The cells with the programme."""
        return ~self.untreated & ~self.hidden

    def at(self, distance: int) -> Bools:
        """The cells so many periods after the start."""
        periods = np.arange(self.outcome.shape[1])
        return np.asarray(self.since_start() & (periods - self.starts[:, None] == distance))

    def totals(self, cells: Bools) -> tuple[float, float]:
        """Events in these cells, and events expected in them."""
        seen, expected = self._cells
        return float(seen[0][cells].sum()), float(expected[0][cells].sum())

    def error(self, cells: Bools) -> float:
        """Standard error of the log ratio of the two totals: the jackknife, each unit left out in turn.

        A group of one unit counts too: without it the total has one group less.
        """
        seen, expected = self._cells
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(seen[:, cells].sum(axis=1) / expected[:, cells].sum(axis=1))
        moves = np.where(np.isfinite(logs[1:]), logs[1:] - logs[0], 0.0)
        units = len(moves)
        return float(np.sqrt(max((units - 1) / units * float((moves**2).sum()), 1e-300)))

    @cached_property
    def _cells(self) -> tuple[Floats, Floats]:
        """Events and expected events by group and period: with all units, then without each of them."""
        member = (self.group[:, None] == np.arange(len(self.starts))).astype(float)
        events, people = member.T @ self.outcome, member.T @ self.exposure
        seen = np.concatenate([events[None], events - member[:, :, None] * self.outcome[:, None, :]])
        heads = np.concatenate([people[None], people - member[:, :, None] * self.exposure[:, None, :]])
        return seen, heads * _rates(seen, heads, self.untreated)


def _rates(seen: Floats, heads: Floats, learn: Bools) -> Floats:
    """Group effect × period effect by closed-form alternation, for every (first) index at once."""
    events, people = seen * learn, heads * learn
    by_group, by_period = events.sum(axis=2), events.sum(axis=1)
    course = _ratio(by_period, people.sum(axis=1))
    for _ in range(2000):
        level = _ratio(by_group, (people * course[:, None, :]).sum(axis=2))
        new = _ratio(by_period, (people * level[:, :, None]).sum(axis=1))
        still = np.abs(new - course) <= 1e-12 * np.abs(course) + 1e-300
        course = new
        if still.all():
            break
    return np.asarray(level[:, :, None] * course[:, None, :])


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
