"""Several outcomes in one study: the more one looks at, the more is found by chance; these p-values allow for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .panel import Floats, Panel, PanelError
from .randomisation import PermutationTest, RandomisationInference
from .refusal import Refusal
from .strata import baseline_strata, moved


def false_discovery(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg's adjusted p-values, in the order given.

    Calling everything below 0.05 a finding, at most about one in twenty findings is chance. For long lists in which a
    few errors are bearable (which of 40 areas stand out); for the outcomes of one study use `stepdown`.
    """
    given = np.asarray(p_values, dtype=np.float64)
    if given.ndim != 1 or not ((given >= 0) & (given <= 1)).all():
        raise ValueError("A p-value lies between 0 and 1.")
    count = len(given)
    order = np.argsort(given, kind="stable")
    scaled = given[order] * count / np.arange(1, count + 1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return tuple(float(p) for p in adjusted)


def stepdown(
    outcomes: Mapping[str, Panel], rng: np.random.Generator, plan: RandomisationInference | None = None
) -> dict[str, float] | Refusal:
    """Romano and Wolf's adjusted p-values of the outcomes of one study, by name.

    The chance that any outcome without an effect falls below 0.05 is at most 5 %, and less is given away than by
    Bonferroni's rule, because the programme is moved to the same places for all outcomes, which keeps how they hang
    together. All panels need the same units, periods and treated mask. Refuses when the design would.
    """
    plan = plan or RandomisationInference()
    panels = {name: panel.in_order() for name, panel in outcomes.items()}
    first = _alike(panels)
    for panel in panels.values():
        shortfalls = tuple(s for need in plan.preconditions() if (s := need.shortfall(panel)) is not None)
        if shortfalls:
            return Refusal(plan.slug, shortfalls)
    together = replace(first, outcome=np.sum([panel.outcome for panel in panels.values()], axis=0), population=None)
    places = moved(first.ever_treated, baseline_strata(together, plan.strata), plan.permutations, rng)
    tests = (PermutationTest(panel.take(periods=panel.outcome.any(axis=0)), places) for panel in panels.values())
    distances = np.column_stack([test.distances(0.0) for test in tests])
    adjusted = _adjusted(distances / np.sqrt((distances**2).mean(axis=0)))
    return dict(zip(panels, adjusted, strict=True))


def _adjusted(distances: Floats) -> tuple[float, ...]:
    """Step-down maxima: rows are assignments (the real one first), columns are outcomes."""
    order = np.argsort(-distances[0], kind="stable")
    adjusted, worst = np.empty(distances.shape[1]), 0.0
    for step, column in enumerate(order):
        largest = distances[:, order[step:]].max(axis=1)
        worst = max(worst, float((largest >= distances[0, column] * (1 - 1e-9)).mean()))
        adjusted[column] = worst
    return tuple(float(p) for p in adjusted)


def _alike(panels: Mapping[str, Panel]) -> Panel:
    if not panels:
        raise PanelError("There is no outcome to adjust for.")
    (name, first), *rest = panels.items()
    for other, panel in rest:
        same = (panel.units, panel.periods) == (first.units, first.periods)
        if not same or (panel.treated != first.treated).any():
            raise PanelError(f"“{other}” and “{name}” need the same units, periods and treated places.")
    return first
