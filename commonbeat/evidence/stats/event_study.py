"""Event study: the path of treated places relative to the others, before and after the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import checks
from .clusters import Uncertain, critical
from .design import Design, Situation, register
from .did import LEAST_BEFORE, LEAST_UNITS, floats, informative, trend_checks
from .effect import Check, Effect, Scale, Series, State
from .panel import Floats, Panel
from .paths import Bins, Path, relative_path
from .phrase import N_, phrase
from .preconditions import (
    absorbing,
    comparison_units,
    counts,
    events_in_every_corner,
    first_start,
    one_start,
    periods_after,
    periods_before,
    treated_units,
)
from .refusal import CannotEstimate, Precondition

LEAST_BINS = 3
ROBUST = 1.0
"""How many times the largest jump before the start a jump after it may be, without the result turning."""


@register
@dataclass(frozen=True)
class EventStudy(Design):
    """Rate ratios by time from the start, and their average after it relative to the average before."""

    slug: ClassVar[str] = "event-study"
    title: ClassVar[str] = N_("Event study")
    question: ClassVar[str] = N_("When did the rate begin to differ: at the start, or long before?")
    compares: ClassVar[str] = N_("Areas without the programme, over the same time")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.MANY_AREAS,)

    width: int = 1
    """Periods in one step: 4 with weekly data gives steps of about a month."""
    level: float = 0.95

    def preconditions(self) -> tuple[Precondition, ...]:
        return (
            counts(), absorbing(), one_start(), treated_units(LEAST_UNITS), comparison_units(LEAST_UNITS),
            periods_before(max(LEAST_BEFORE, LEAST_BINS * self.width)), periods_after(self.width),
            events_in_every_corner(),
        )  # fmt: skip

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        told = informative(panel)
        bins = Bins.around(first_start(told), len(told.periods), self.width)
        if bins.before < LEAST_BINS:  # after periods without any event were left out
            raise CannotEstimate(
                "events-in-every-bin",
                needed=phrase(N_("at least {least}; choose a smaller width."), least=LEAST_BINS),
                found=phrase(N_("{found} steps with events before the start."), found=bins.before),
            )
        path = relative_path(told, told.ever_treated, bins)
        found = path.contrast(_after_minus_before(path))
        ratio = float(np.exp(found.value))
        low, high = (float(np.exp(bound)) for bound in found.interval(self.level))
        sizes = checks.sizes(panel, dropped=len(panel.units) - len(told.units))
        total = float(told.outcome[told.treated].sum())
        people = float(panel.exposure[panel.treated].sum())
        share, biggest = path.groups.largest, int(np.where(path.groups.treated, path.groups.share, 0).argmax())
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_(
                    "Average over the time from {start} to {end} of the rate of {outcome} in {treated} {units} "
                    "relative to {compared} others, divided by the same average before the start"
                ),
                outcome=panel.outcome_name, treated=sizes.treated, compared=sizes.compared, units=panel.unit_name,
                start=panel.periods[first_start(panel)], end=panel.periods[-1],
            ),
            scale=Scale.RATIO,
            estimate=ratio,
            interval=(low, high),
            p=found.p,
            level=self.level,
            sizes=sizes,
            outcome=panel.outcome_name,
            events=total * (1 - 1 / ratio),
            events_interval=(total * (1 - 1 / low), total * (1 - 1 / high)),
            base_rate=None if panel.population is None else total / ratio / people,
            series=(_series(path, bins.labels(told.periods), self.level),),
            checks=(
                *trend_checks(told),
                _breakdown(told, self.level),
                checks.small_counts(sizes),
                checks.few_units(panel),
                checks.dominance(share, told.units[biggest]),
                checks.dropped(sizes.dropped, panel),
                checks.denominator(panel),
            ),
            extra={"error": found.error, "freedom": float(found.freedom)},
        )  # fmt: skip


def _after_minus_before(path: Path) -> Floats:
    size = len(path.values)
    after = np.arange(size) >= path.before
    return np.where(after, 1 / (size - path.before), -1 / path.before)


def _against_last_before(path: Path, step: int) -> Floats:
    weights = np.zeros(len(path.values))
    weights[step] += 1
    weights[path.before - 1] -= 1
    return weights


def _series(path: Path, labels: tuple[str, ...], level: float) -> Series:
    """Each step relative to the last one before the start, which is 1 by definition."""
    steps = [path.contrast(_against_last_before(path, step)) for step in range(len(path.values))]
    bounds = np.array([step.interval(level) for step in steps])
    return Series(
        "relative-rate",
        phrase(N_("Rate relative to the other places; 1 just before the start")),
        "effect",
        labels,
        floats(np.exp(np.array([step.value for step in steps]))),
        floats(np.exp(bounds[:, 0])),
        floats(np.exp(bounds[:, 1])),
    )


def _breakdown(panel: Panel, level: float) -> Check:
    """How far from parallel the paths may be before the result turns into “no clear difference”.

    Rambachan and Roth's bound on relative magnitudes: a jump from one step to the next after the start is at most M
    times the largest one before it. The bias of the average after the start, relative to the last step before,
    is then at most M × jump × (steps + 1) / 2. The breakdown is the M at which the interval, widened by that
    bias, reaches 1. Steps are thirds of the time before: in short ones the largest jump is chance. It is estimated
    and therefore still tends to be too large, which is the safe side.
    """
    start = first_start(panel)
    path = relative_path(panel, panel.ever_treated, Bins.around(start, len(panel.periods), max(1, start // LEAST_BINS)))
    steps = len(path.values) - path.before
    weights = np.zeros(len(path.values))
    weights[path.before :] = 1 / steps
    weights[path.before - 1] = -1
    found: Uncertain = path.contrast(weights)
    jump = float(np.abs(np.diff(path.values[: path.before])).max())
    reach = abs(found.value) - critical(found.freedom, level) * found.error
    if reach <= 0:
        meaning = phrase(
            N_("Measured from the last step before the start there is no clear difference that a departure from "
               "parallel paths could undo.")
        )  # fmt: skip
        return Check("breakdown", State.NOTE, meaning)
    if jump == 0:
        return Check("breakdown", State.NOTE, phrase(N_("The paths before the start were exactly parallel.")))
    most = reach / (jump * (steps + 1) / 2)
    meaning = phrase(
        N_("The result stands as long as the paths part by at most {most:.2f} times the largest jump between two steps "
           "before the start."),
        most=most,
    )  # fmt: skip
    return Check("breakdown", State.PASS if most >= ROBUST else State.WARN, meaning)
