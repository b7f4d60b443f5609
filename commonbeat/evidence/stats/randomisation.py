"""Randomisation inference: what would the result be if the programme had run in other, similar places?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq

from . import checks, twoway
from .design import Design, Situation, register
from .did import LEAST_BEFORE, LEAST_UNITS, estimand, floats, informative, placebo_start, trend_checks
from .effect import Check, Effect, Scale, Series, State
from .panel import Bools, Floats, Panel
from .phrase import N_, Phrase, phrase
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
from .strata import baseline_strata, log_assignments, moved

LEAST_ASSIGNMENTS = 200
FARTHEST = math.log(100)
"""Effects beyond a hundredfold change are not looked for: the interval is then open on that side."""
BARS = 21
PRECISION = 1e-4
"""How closely the ends of the interval are found, on the scale of the log ratio."""
HALF = 0.5
"""Added to totals of events, so that places without any event in one half have a finite ratio."""


@register
@dataclass(frozen=True)
class RandomisationInference(Design):
    """Moves the programme to other places of the same baseline, many times, and asks how unusual the real ones are."""

    slug: ClassVar[str] = "randomisation"
    title: ClassVar[str] = N_("Stratified randomisation inference")
    question: ClassVar[str] = N_("Would similar places without a programme have shown the same change?")
    compares: ClassVar[str] = N_("Areas of a similar level before the start, drawn again and again")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.MANY_AREAS, Situation.FEW_AREAS)

    permutations: int = 999
    strata: int = 4
    """Groups of areas by events before the start, within which the programme is moved."""
    level: float = 0.95

    def preconditions(self) -> tuple[Precondition, ...]:
        return (
            counts(), absorbing(), one_start(), treated_units(LEAST_UNITS), comparison_units(LEAST_UNITS),
            periods_before(LEAST_BEFORE), periods_after(1), events_in_every_corner(), self._assignments(),
        )  # fmt: skip

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        told = informative(panel)
        stratum = baseline_strata(told, self.strata)
        test = PermutationTest(told, moved(told.ever_treated, stratum, self.permutations, rng))
        centre = test.estimate()
        low, high = (math.exp(test.bound(centre, side, 1 - self.level)) for side in (-1, 1))
        ratio = math.exp(centre)
        sizes = checks.sizes(panel, dropped=len(panel.units) - len(told.units))
        total = float(told.outcome[told.treated].sum())
        people = float(panel.exposure[panel.treated].sum())
        spread = np.exp(np.quantile(test.placebos - test.placebos.mean(), [0.05, 0.5, 0.95]))
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=estimand(panel),
            scale=Scale.RATIO,
            estimate=ratio,
            interval=(low, high),
            p=test.p(0.0),
            level=self.level,
            sizes=sizes,
            outcome=panel.outcome_name,
            events=_events(total, ratio),
            events_interval=(_events(total, low), _events(total, high)),
            base_rate=None if panel.population is None else total / ratio / people,
            series=_histogram(test, panel.unit_name),
            checks=(
                _placebo_space(spread, self.permutations),
                *trend_checks(told),
                placebo_start(told),
                checks.small_counts(sizes),
                checks.dropped(sizes.dropped, panel),
                checks.denominator(panel),
            ),
            extra={"assignments_log10": log_assignments(told.ever_treated, stratum) / math.log(10)},
        )  # fmt: skip

    def _assignments(self) -> Precondition:
        """Enough other ways to place the programme; with few, no result could ever be unusual."""

        def check(panel: Panel) -> Phrase | None:
            heard = panel.outcome.sum(axis=1) > 0
            told = panel.take(units=heard) if heard.any() else panel
            ways = log_assignments(told.ever_treated, baseline_strata(told, self.strata))
            if ways >= math.log(LEAST_ASSIGNMENTS):
                return None
            return phrase(N_("{ways:.0f} ways to place the programme among similar places."), ways=math.exp(ways))

        return Precondition("assignments", phrase(N_("at least {least}."), least=LEAST_ASSIGNMENTS), check)


class PermutationTest:
    """The permutation test of “the ratio is exp(λ)”, for any λ, with the same permutations.

    Under that hypothesis the events of the treated cells divided by exp(λ) are what would have happened anyway. They
    get a two-way fit; the statistic of an assignment is the log of observed over expected after the start minus the
    same before it, in its places minus in the others. (With constant populations this is the coefficient of the
    Poisson regression; otherwise its first step.) The mean over all assignments is taken off, because similar places
    may share a trend of their own: a hot group falls back by itself. What is left is divided by its standard error, as
    the real places have fewer events, and thus more chance in them, after a programme that worked.
    """

    def __init__(self, panel: Panel, moved: Bools) -> None:
        self.panel = panel
        self.halves = (slice(0, first_start(panel)), slice(first_start(panel), None))
        self.assigned = np.vstack([panel.ever_treated, moved]).astype(np.float64)
        ours, others = self._totals(panel.outcome)
        self.errors: Floats = np.sqrt((1 / (ours + HALF) + 1 / (others + HALF)).sum(axis=1))
        """Standard errors of the statistics under Poisson chance, up to the same dispersion for all."""

    def _totals(self, table: Floats) -> tuple[Floats, Floats]:
        """Before and after the start, by assignment: totals of its places, and of the others."""
        halves = np.column_stack([table[:, half].sum(axis=1) for half in self.halves])
        ours = self.assigned @ halves
        return ours, halves.sum(axis=0) - ours

    def statistics(self, shift: float) -> Floats:
        """Of the true assignment (first) and all others, for λ = `shift`."""
        outcome = np.where(self.panel.treated, self.panel.outcome * math.exp(-shift), self.panel.outcome)
        seen = self._totals(outcome)
        due = self._totals(twoway.fit(outcome, self.panel.exposure).expected)
        ours, others = (np.log((events + HALF) / (fitted + HALF)) for events, fitted in zip(seen, due, strict=True))
        return np.asarray((ours - others) @ np.array([-1.0, 1.0]))

    def centred(self, shift: float) -> float:
        """The true assignment's statistic minus the mean: 0 at the estimate."""
        values = self.statistics(shift)
        return float(values[0] - values.mean())

    def distances(self, shift: float) -> Floats:
        """How far from the mean each assignment lies, in standard errors."""
        values = self.statistics(shift)
        return np.asarray(np.abs(values - values.mean()) / self.errors)

    def p(self, shift: float) -> float:
        """Share of assignments (the true one included) that are at least as far from the mean."""
        distance = self.distances(shift)
        return float((distance >= distance[0] * (1 - 1e-9)).mean())

    @cached_property
    def placebos(self) -> Floats:
        """Statistics of the drawn assignments when the programme did nothing."""
        return self.statistics(0.0)[1:]

    def estimate(self) -> float:
        """The λ at which the real places are in the middle (Hodges and Lehmann)."""
        if self.centred(-FARTHEST) * self.centred(FARTHEST) > 0:
            raise CannotEstimate(
                "settles",
                needed=phrase(N_("more events.")),
                found=phrase(N_("No ratio between 1/100 and 100 fits these numbers.")),
            )
        return float(brentq(self.centred, -FARTHEST, FARTHEST, xtol=1e-9))

    def bound(self, centre: float, side: int, alpha: float) -> float:
        """The λ on one side of the estimate beyond which the test rejects; infinite when it never does."""
        inner, step = centre, 0.05
        while self.p(outer := inner + side * step) > alpha:
            inner, step = outer, 2 * step
            if abs(outer) > FARTHEST:
                return side * math.inf
        while abs(outer - inner) > PRECISION:
            middle = (inner + outer) / 2
            if self.p(middle) > alpha:
                inner = middle
            else:
                outer = middle
        return inner


def _events(total: float, ratio: float) -> float:
    """What a ratio means in events, given how many there were with the programme."""
    return total * (1 - 1 / ratio) if ratio > 0 else -math.inf


def _histogram(test: PermutationTest, units: str) -> tuple[Series, ...]:
    """How often which difference was found elsewhere, and where the real places lie among them."""
    values = test.statistics(0.0)
    percent = 100 * np.expm1(values - values.mean())
    edges = np.histogram_bin_edges(percent, bins=BARS)
    times = np.histogram(percent[1:], bins=edges)[0]
    labels = tuple(f"{middle:+z.1f} %" for middle in (edges[:-1] + edges[1:]) / 2)
    real = int(np.clip(np.searchsorted(edges, percent[0], side="right") - 1, 0, BARS - 1))
    return (
        Series("placebos", phrase(N_("Times that other {units} had this difference"), units=units), "placebos", labels,
               floats(times)),
        Series("real", phrase(N_("The real {units}"), units=units), "placebos", (labels[real],), (0.0,)),
    )  # fmt: skip


def _placebo_space(spread: Floats, permutations: int) -> Check:
    meaning = phrase(
        N_("Programmes placed at random in similar places, {times} times, would have shown between {low:+z.0f} % and "
           "{high:+z.0f} % nine times in ten, without doing anything."),
        times=permutations, low=100 * (spread[0] - 1), high=100 * (spread[2] - 1),
    )  # fmt: skip
    return Check("placebo-space", State.NOTE, meaning)
