"""Repeats a design on simulated data whose truth is known, and counts how often it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import Shape, Simulated, simulate

RUNS = 60
SLOW: dict[str, tuple[int, dict[str, Any]]] = {
    "synthetic-control": (25, {"placebos": 39}),
    "synthetic-did": (10, {}),
}
"""Designs that draw much at random get fewer runs and cheaper options: the whole suite's share is 20 seconds."""


@dataclass
class Trials:
    """What came of the runs."""

    runs: int = 0
    rejected: int = 0
    covered: int = 0
    refused: int = 0


def truth_is_inside(effect: stats.Effect, simulated: Simulated) -> bool:
    """Whether the interval holds the truth: the ratio, or where the design knows none, the number of events."""
    if effect.scale is stats.Scale.RATIO:
        (low, high), truth = effect.interval, simulated.ratio
    else:
        assert effect.events_interval is not None
        (low, high), truth = effect.events_interval, simulated.events
    return low <= truth <= high


def trials(
    design: stats.Design, situation: stats.Situation, *, ratio: float, runs: int, seed: int, shape: Shape | None = None
) -> Trials:
    """Run a design many times, each time on new data and with new random numbers."""
    counted = Trials()
    for number in range(runs):
        simulated = simulate(situation, stats.generator(seed + number), ratio=ratio, shape=shape)
        result = design.fit(simulated.panel, stats.generator(seed + number))
        counted.runs += 1
        if isinstance(result, stats.Refusal):
            counted.refused += 1
            continue
        counted.rejected += result.p < 1 - result.level
        counted.covered += truth_is_inside(result, simulated)
    return counted


def few_trials(design: type[stats.Design], *, ratio: float) -> Trials:
    """The small run of the suite; a fixed number, so that it comes out the same everywhere."""
    runs, options = SLOW.get(design.slug, (RUNS, {}))
    return trials(design(**options), design.situations[0], ratio=ratio, runs=runs, seed=100)
