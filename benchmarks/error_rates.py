"""`python -m benchmarks.error_rates`: how often each design is wrong, on simulated data and on real history.

On data without an effect a design should find one in about 5 % of cases, and its 95 % interval should hold a known
effect in about 95 %. Targets: 2–8 % and 93–97 %, allowing two standard errors of the simulation itself.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import SHAPES, Simulated, simulate
from tests.evidence.chicago import assaults
from tests.evidence.trials import truth_is_inside

RESULTS = Path(__file__).parent / "results"
REJECTS = (0.02, 0.08)
COVERS = (0.93, 0.97)
KNOWN = 0.75
MONTHS = 12
TREATED = (5, 20)
"""How many of Chicago's 77 areas get a programme, in reality and in the simulation of many areas."""

Draw = Callable[[np.random.Generator, float], Simulated]


@dataclass
class Rate:
    """What came of many runs of one design on one sort of data."""

    design: str
    data: str
    runs: int
    refused: int
    rejects: float
    covers: float
    power: float
    ms: float

    def met(self) -> dict[str, bool]:
        """Whether the targets are met, up to the noise of the simulation."""
        told = max(self.runs - self.refused, 1)
        return {
            "rejects 2–8 %": _within(self.rejects, REJECTS, told),
            "covers 93–97 %": _within(self.covers, COVERS, told),
        }


def _within(share: float, bounds: tuple[float, float], runs: int) -> bool:
    low, high = (
        bound - sign * 2 * np.sqrt(bound * (1 - bound) / runs) for bound, sign in zip(bounds, (1, -1), strict=True)
    )
    return bool(low <= share <= high)


def history(treated: int) -> Draw:
    """A fake programme at a random date in random areas of Chicago; a known effect thins the recorded assaults."""
    panel = assaults()
    areas, months = panel.shape

    def draw(rng: np.random.Generator, ratio: float) -> Simulated:
        start = int(rng.integers(MONTHS, months - MONTHS + 1))
        cut = panel.take(periods=np.arange(start - MONTHS, start + MONTHS))
        mask = np.zeros(cut.shape, dtype=bool)
        mask[rng.choice(areas, treated, replace=False), MONTHS:] = True
        thinned = np.where(mask, rng.binomial(cut.outcome.astype(int), ratio), cut.outcome)
        return Simulated(replace(cut, outcome=thinned, treated=mask), ratio, cut.outcome)

    return draw


def sorts(design: type[stats.Design]) -> Iterator[tuple[str, Draw]]:
    """The sorts of data that a design is tried on."""
    for situation in design.situations:
        if situation is stats.Situation.MANY_AREAS:
            for treated in TREATED:
                shape = replace(SHAPES[situation], treated=treated)
                yield (
                    f"simulated, {treated} of 77",
                    lambda rng, ratio, s=shape: simulate(stats.Situation.MANY_AREAS, rng, ratio=ratio, shape=s),
                )
                yield f"Chicago, {treated} of 77", history(treated)
        else:
            yield f"simulated, {situation}", lambda rng, ratio, s=situation: simulate(s, rng, ratio=ratio)


def measure(design: stats.Design, data: str, draw: Draw, runs: int) -> Rate:
    """Half of the work is on data without an effect, half with a known one."""
    rejected = covered = found = refused = 0
    began = time.perf_counter()
    for ratio in (1.0, KNOWN):
        rng = stats.generator(2024)
        for _ in range(runs):
            simulated = draw(rng, ratio)
            result = design.fit(simulated.panel, rng)
            if isinstance(result, stats.Refusal):
                refused += ratio == 1.0
                continue
            if ratio == 1.0:
                rejected += result.p < 1 - result.level
            else:
                found += result.p < 1 - result.level
                covered += truth_is_inside(result, simulated)
    told = max(runs - refused, 1)
    ms = 1000 * (time.perf_counter() - began) / (2 * runs)
    return Rate(design.slug, data, runs, refused, rejected / told, covered / told, found / told, ms)


@click.command()
@click.argument("slugs", nargs=-1)
@click.option("--runs", default=1000, show_default=True)
def main(slugs: tuple[str, ...], runs: int) -> None:
    """Every design, or only those named."""
    path = RESULTS / "error_rates.json"
    kept: dict[str, Any] = json.loads(path.read_text())["results"] if path.exists() else {}
    for slug in slugs or tuple(stats.DESIGNS):
        for data, draw in sorts(stats.DESIGNS[slug]):
            rate = measure(stats.design(slug), data, draw, runs)
            met = rate.met()
            kept[f"{slug}: {data}"] = asdict(rate) | {"targets": met}
            click.echo(
                f"{slug:<26} {data:<24} rejects {rate.rejects:6.1%}  covers {rate.covers:6.1%}  "
                f"finds −25 % {rate.power:6.1%}  refused {rate.refused}  {rate.ms:.0f} ms  "
                f"{'met' if all(met.values()) else 'MISSED'}"
            )
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "results": kept}, indent=2) + "\n")


if __name__ == "__main__":
    main()
