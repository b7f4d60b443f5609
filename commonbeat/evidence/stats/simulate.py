"""Data with a known effect, to try designs on: what the battery of tests and the benchmarks use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .design import Situation
from .panel import Floats, Panel


@dataclass(frozen=True)
class Shape:
    """How large a simulated study is, and how its events behave."""

    units: int
    treated: int
    periods: int
    start: int
    """Index of the first treated period; staggered starts follow at `gap`."""
    mean: float
    """Events per unit and period in a unit of middle size."""
    spread: float = 0.6
    """Standard deviation of the logarithm of unit sizes."""
    noise: float = 0.1
    """Coefficient of variation of a unit's rate from period to period, on top of Poisson chance."""
    season: float = 0.15
    starts: int = 1
    gap: int = 0
    growth: float = 0.0
    """Standard deviation of the units' yearly change of population."""


SHAPES: dict[Situation, Shape] = {
    Situation.MANY_AREAS: Shape(units=77, treated=20, periods=24, start=12, mean=15, growth=0.01),
    Situation.STAGGERED: Shape(units=60, treated=30, periods=20, start=8, mean=20, starts=3, gap=4),
    Situation.FEW_AREAS: Shape(units=120, treated=5, periods=16, start=12, mean=10, noise=0.05),
    Situation.ONE_AREA: Shape(units=30, treated=1, periods=24, start=16, mean=60, spread=0.3),
    Situation.FOUR_TOTALS: Shape(units=2, treated=1, periods=2, start=1, mean=200, spread=0, noise=0, season=0),
    Situation.DISPLACEMENT: Shape(units=400, treated=6, periods=2, start=1, mean=25, spread=0.3, noise=0, season=0),
    Situation.NO_CONTROL: Shape(units=3, treated=3, periods=72, start=48, mean=40, noise=0.05),
}
"""What each situation typically looks like."""


@dataclass(frozen=True)
class Simulated:
    """A panel and what is true about it."""

    panel: Panel
    ratio: float
    """Rate with the programme divided by the rate without it."""
    without: Floats
    """Events expected in each unit and period without the programme."""

    @property
    def events(self) -> float:
        """The true effect as a total over treated units and periods."""
        return float((self.ratio - 1) * self.without[self.panel.treated].sum())


def simulate(
    situation: Situation, rng: np.random.Generator, *, ratio: float = 1.0, shape: Shape | None = None
) -> Simulated:
    """One study with treated units drawn at random, seasons, unequal sizes and more variation than Poisson's."""
    shape = shape or SHAPES[situation]
    size = np.exp(rng.normal(0, shape.spread, shape.units))
    years = np.arange(shape.periods) / 12
    people = np.round(1000 * size[:, None] * np.exp(rng.normal(0, shape.growth, (shape.units, 1)) * years))
    propensity = np.exp(rng.normal(0, 0.2, shape.units)) if shape.spread else np.ones(shape.units)
    common = 1 + shape.season * np.sin(2 * np.pi * np.arange(shape.periods) / 12)
    rate = shape.mean / 1000 * propensity[:, None] * common
    without = people * rate
    lively = without
    if shape.noise:
        dispersion = shape.noise**-2
        lively = without * rng.gamma(dispersion, 1 / dispersion, without.shape)
    treated = _treated(shape, rng)
    outcome = rng.poisson(np.where(treated, ratio, 1.0) * lively).astype(np.float64)
    side = int(np.ceil(np.sqrt(shape.units)))
    panel = Panel(
        units=tuple(f"area {i + 1:03}" for i in range(shape.units)),
        periods=tuple(f"{2020 + t // 12}-{t % 12 + 1:02}" for t in range(shape.periods)),
        outcome=outcome,
        treated=treated,
        population=people,
        coordinates=500.0 * np.column_stack(np.divmod(np.arange(shape.units), side)),
        covariates={"residents": people[:, 0], "propensity": propensity},
        outcome_name="burglaries",
        period_name="months",
    )
    return Simulated(panel, ratio, without)


def _treated(shape: Shape, rng: np.random.Generator) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    treated = np.zeros((shape.units, shape.periods), dtype=np.bool_)
    chosen = rng.permutation(shape.units)[: shape.treated]
    for order, unit in enumerate(chosen):
        treated[unit, shape.start + shape.gap * (order % shape.starts) :] = True
    return treated
