"""Which other places are like those of a programme: matched on level, trend and population before it starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .panel import Bools, Floats, Panel, PanelError

HALF = 0.5
"""Added to counts before logarithms, so that a quiet place is not infinitely unlike."""


@dataclass(frozen=True)
class Likeness:
    """What is compared, by unit, and how far each unit is from the nearest treated one."""

    level: Floats
    """Events per period."""
    trend: Floats
    """Change from the first half of the time to the second, as a share."""
    population: Floats | None
    distance: Floats
    """In standard deviations of what is compared; 0 for treated units."""


def likeness(history: Panel, chosen: Bools) -> Likeness:
    """Level, trend and population of every unit over a history without the programme."""
    return _likeness(history, chosen)[0]


def alike(history: Panel, chosen: Bools, *, each: int = 3, out_of_reach: Sequence[int] = ()) -> tuple[int, ...]:
    """Indices of comparison units: for every chosen one the `each` most similar others; nobody is taken twice.

    Level and trend come first and population third, each in standard deviations. Units `out_of_reach` (near enough to
    be touched by the programme) are never taken. Busy places choose first, since few others are like them. Gives fewer
    when there are not enough others. Raises PanelError when no unit is chosen, or all are.
    """
    if not chosen.any() or chosen.all():
        raise PanelError("Choose some of the units, but not all: the others are what they are compared with.")
    found, traits = _likeness(history, chosen)
    free = ~chosen
    free[list(out_of_reach)] = False
    pool = np.flatnonzero(free)
    treated = np.flatnonzero(chosen)
    room = max(1, min(each, len(pool) // len(treated)))
    taken: list[int] = []
    for unit in treated[np.argsort(-found.level[treated], kind="stable")]:
        away = np.sqrt(((traits[pool] - traits[unit]) ** 2).sum(axis=1))
        nearest = pool[np.argsort(away, kind="stable")[:room]]
        taken += nearest.tolist()
        pool = np.setdiff1d(pool, nearest)
    return tuple(sorted(taken))


def within(history: Panel, chosen: Bools, metres: float) -> tuple[int, ...]:
    """Indices of units that are not chosen but lie so near to a chosen one; none where positions are unknown."""
    if history.coordinates is None or metres <= 0 or not chosen.any():
        return ()
    away = history.coordinates[:, None, :] - history.coordinates[None, chosen, :]
    nearest = np.sqrt((away**2).sum(axis=2)).min(axis=1)
    return tuple(np.flatnonzero((nearest <= metres) & ~chosen).tolist())


def _likeness(history: Panel, chosen: Bools) -> tuple[Likeness, Floats]:
    periods = len(history.periods)
    if periods < 2:
        raise PanelError("At least two periods are needed to see a level and a trend.")
    middle = periods // 2
    level = history.outcome.mean(axis=1)
    first, second = history.outcome[:, :middle].mean(axis=1), history.outcome[:, middle:].mean(axis=1)
    noise = HALF / middle
    columns = [np.log(level + noise), np.log((second + noise) / (first + noise))]
    people = None
    if history.population is not None:
        people = history.population.mean(axis=1)
        columns.append(np.log(people + 1))
    table = np.column_stack(columns)
    spread = table.std(axis=0)
    traits = table / np.where(spread > 0, spread, 1)
    distance = np.zeros(len(history.units))
    if chosen.any():
        away = traits[:, None, :] - traits[None, chosen, :]
        distance = np.sqrt((away**2).sum(axis=2)).min(axis=1)
    trend = np.divide(second, first, out=np.ones(len(first)), where=first > 0) - 1
    return Likeness(level, trend, people, np.where(chosen, 0.0, distance)), traits
