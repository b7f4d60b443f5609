"""For each precondition, by slug: makes a panel that is fine into one that is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from commonbeat.evidence.stats import Panel
from commonbeat.evidence.stats.preconditions import first_start


def _masked(panel: Panel, treated: np.ndarray) -> Panel:
    return replace(panel, treated=treated)


def nobody_treated(panel: Panel) -> Panel:
    """The programme never starts."""
    return _masked(panel, np.zeros_like(panel.treated))


def everybody_treated(panel: Panel) -> Panel:
    """Nothing is left to compare with."""
    treated = np.zeros_like(panel.treated)
    treated[:, first_start(panel) :] = True
    return _masked(panel, treated)


def no_past(panel: Panel) -> Panel:
    """Only one period before the start."""
    return panel.take(periods=np.arange(first_start(panel), len(panel.periods)))


def no_future(panel: Panel) -> Panel:
    """The programme has not started yet."""
    return panel.take(periods=np.arange(first_start(panel)))


def two_starts(panel: Panel) -> Panel:
    """One more unit is treated, a period earlier than the rest."""
    treated = panel.treated.copy()
    treated[(~panel.ever_treated).argmax(), panel.starts[0] - 1 :] = True
    return _masked(panel, treated)


def left(panel: Panel) -> Panel:
    """One treated unit leaves in a further period."""
    treated = np.column_stack([panel.treated, panel.treated[:, -1]])
    treated[panel.ever_treated.argmax(), -1] = False
    return Panel(
        units=panel.units,
        periods=(*panel.periods, "later"),
        outcome=np.column_stack([panel.outcome, panel.outcome[:, -1]]),
        treated=treated,
        population=None if panel.population is None else np.column_stack([panel.population, panel.population[:, -1]]),
        coordinates=panel.coordinates,
        covariates=panel.covariates,
    )


def negative(panel: Panel) -> Panel:
    """An outcome below zero."""
    outcome = panel.outcome.copy()
    outcome[0, 0] = -1
    return replace(panel, outcome=outcome)


def halves(panel: Panel) -> Panel:
    """An outcome that is not a whole number."""
    outcome = panel.outcome.copy()
    outcome[0, 0] += 0.5
    return replace(panel, outcome=outcome)


def silent(panel: Panel) -> Panel:
    """The treated units have no event before the start."""
    outcome = panel.outcome.copy()
    outcome[panel.ever_treated, : first_start(panel)] = 0
    return replace(panel, outcome=outcome)


def nowhere(panel: Panel) -> Panel:
    """Nobody knows where the units are."""
    return replace(panel, coordinates=None)


def all_treated_but(keep: int) -> Callable[[Panel], Panel]:
    """All units treated, except a few."""

    def broken(panel: Panel) -> Panel:
        treated = np.zeros_like(panel.treated)
        treated[keep:, first_start(panel) :] = True
        return _masked(panel, treated)

    return broken


def few_ways(panel: Panel) -> Panel:
    """So few units that the programme could hardly have been elsewhere."""
    ever = panel.ever_treated
    return panel.take(units=np.concatenate([np.flatnonzero(ever)[:3], np.flatnonzero(~ever)[:3]]))


def unmoving(panel: Panel) -> Panel:
    """Nothing ever changes where nobody was treated."""
    outcome = panel.outcome.copy()
    outcome[~panel.ever_treated] = 1
    return replace(panel, outcome=outcome)


def scattered(panel: Panel) -> Panel:
    """Every unit a hundred kilometres from the next."""
    return replace(panel, coordinates=1e5 * np.column_stack([np.arange(len(panel.units)), np.zeros(len(panel.units))]))


def crowded(panel: Panel) -> Panel:
    """All units in one square kilometre."""
    assert panel.coordinates is not None
    return replace(panel, coordinates=panel.coordinates / 100)


BREAKERS: dict[str, Callable[[Panel], Panel]] = {
    "treated-units": nobody_treated,
    "treated-at-most": all_treated_but(1),
    "comparison-units": everybody_treated,
    "periods-before": no_past,
    "periods-after": no_future,
    "one-start": two_starts,
    "absorbing": left,
    "counts": negative,
    "whole-counts": halves,
    "events": silent,
    "positions": nowhere,
    "assignments": few_ways,
    "placebo-sets": all_treated_but(30),
    "twice-as-many": all_treated_but(11),
    "movement": unmoving,
    "neighbours": scattered,
    "units-beyond": crowded,
    "events-before": silent,
}
