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
from commonbeat.evidence.stats.survey import Sample
from commonbeat.evidence.stats.survey_did import SurveyDiD, Wave, moves, wave
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


SHIFT = {True: 0.12, False: 0.3}
"""The known effect of the survey: on a share, and on a mean whose answers spread by one."""
HARDEST = "clusters, few in each"


def asked(rng: np.random.Generator, shift: float, data: str, *, is_share: bool, people: int = 480) -> Wave:
    """One wave of a survey in 16 areas, half of them with the programme, which shifts the answers by `shift`.

    Weights are unequal, a twentieth gives no answer; under `HARDEST` people live in 64 blocks that think alike.
    """
    area = rng.integers(0, 16, people)
    treated, level = area < 8, 0.4 + 0.2 * np.sin(area)
    blocks = area * 4 + rng.integers(0, 4, people)
    if data == HARDEST:
        level = level + 0.1 * rng.uniform(-1, 1, 64)[blocks]
    if is_share:
        answers = (rng.random(people) < level + shift * treated).astype(float)
    else:
        answers = 3 + level + shift * treated + rng.normal(0, 1, people)
    answers[rng.random(people) < 0.05] = np.nan
    sample = Sample.of(
        rng.uniform(0.5, 2.0, people), strata=area, clusters=blocks if data == HARDEST else None
    )  # fmt: skip
    names = [f"{code:02}" for code in area]
    return wave(answers, sample, treated=treated, compared=~treated, areas=names, name=data, is_share=is_share)


def measure_survey(data: str, runs: int, *, is_share: bool) -> Rate:
    """Rates of the survey's design; the truth is the shift itself."""
    rejected = covered = found = refused = 0
    design, scale, began = SurveyDiD(), 100 if is_share else 1, time.perf_counter()
    for shift in (0.0, SHIFT[is_share]):
        rng = stats.generator(2024)
        for _ in range(runs):
            before, after = (asked(rng, by, data, is_share=is_share) for by in (0.0, shift))
            result = design.fit("feel safe", before, after, moved=moves(before, after))
            if isinstance(result, stats.Refusal):
                refused += shift == 0.0
                continue
            if shift == 0.0:
                rejected += result.p < 1 - result.level
            else:
                found += result.p < 1 - result.level
                covered += result.interval[0] <= scale * shift <= result.interval[1]
    told, ms = max(runs - refused, 1), 1000 * (time.perf_counter() - began) / (2 * runs)
    named = f"{'share' if is_share else 'mean'}, {data}"
    return Rate(SurveyDiD.slug, named, runs, refused, rejected / told, covered / told, found / told, ms)


def rates(slug: str, runs: int) -> Iterator[Rate]:
    """Every sort of data that a design is tried on, in turn."""
    if slug == SurveyDiD.slug:
        for data in ("strata", HARDEST):
            for is_share in (True, False):
                yield measure_survey(data, runs, is_share=is_share)
        return
    for data, draw in sorts(stats.DESIGNS[slug]):
        yield measure(stats.design(slug), data, draw, runs)


@click.command()
@click.argument("slugs", nargs=-1)
@click.option("--runs", default=1000, show_default=True)
def main(slugs: tuple[str, ...], runs: int) -> None:
    """Every design, or only those named."""
    path = RESULTS / "error_rates.json"
    kept: dict[str, Any] = json.loads(path.read_text())["results"] if path.exists() else {}
    for slug in slugs or (*stats.DESIGNS, SurveyDiD.slug):
        for rate in rates(slug, runs):
            met = rate.met()
            kept[f"{slug}: {rate.data}"] = asdict(rate) | {"targets": met}
            click.echo(
                f"{slug:<26} {rate.data:<28} rejects {rate.rejects:6.1%}  covers {rate.covers:6.1%}  "
                f"finds the effect {rate.power:6.1%}  refused {rate.refused}  {rate.ms:.0f} ms  "
                f"{'met' if all(met.values()) else 'MISSED'}"
            )
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "results": kept}, indent=2) + "\n")


if __name__ == "__main__":
    main()
