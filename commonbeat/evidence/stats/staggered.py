"""Designs for staggered starts: Poisson with effects by group and period, and Callaway and Sant'Anna."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import t as student

from . import preconditions
from .bacon import Comparison, decompose, two_way
from .cohorts import Cohorts
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Series, Sizes, State
from .group_time import GroupTime, Mean, group_time
from .panel import NEVER, Floats, Panel
from .phrase import N_, phrase
from .refusal import CannotEstimate, Precondition

_EARLIEST, _LATEST = -6, 12
"""Periods around the start that are drawn."""


@dataclass(frozen=True)
class _Staggered(Design):
    level: float = 0.95
    least_before: int = 3

    situations: ClassVar[tuple[Situation, ...]] = (Situation.STAGGERED,)

    def _base(self) -> tuple[Precondition, ...]:
        return (
            preconditions.treated_units(5),
            preconditions.comparison_units(5),
            preconditions.absorbing(),
            preconditions.periods_before(self.least_before),
            preconditions.periods_after(1),
        )

    def _reach(self, panel: Panel) -> float:
        return float(student.ppf((1 + self.level) / 2, _freedom(panel)))


@register
@dataclass(frozen=True)
class StaggeredPoisson(_Staggered):
    """Rates of each starting group against those who have not started, as a ratio; effects may differ and grow."""

    slug: ClassVar[str] = "staggered-poisson"
    title: ClassVar[str] = N_("Poisson with staggered starts")
    question: ClassVar[str] = N_("Did rates change once the programme arrived, when it arrived at different times?")
    compares: ClassVar[str] = N_("Areas that have not started yet or never do")

    def preconditions(self) -> tuple[Precondition, ...]:
        """Counts, a past for every group, and areas that never start."""
        return (*self._base(), preconditions.counts(), preconditions.events_in_every_corner())

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """Events since the starts, divided by the events expected without."""
        cohorts = Cohorts.of(panel.outcome, panel.exposure, panel.adoption)
        seen, expected = cohorts.totals(cohorts.since_start())
        if not 0 < expected < np.inf or seen <= 0:
            raise CannotEstimate(
                "events-expected",
                needed=phrase(N_("events before and after the starts in some group.")),
                found=phrase(N_("No starting group had events both before and after its start.")),
            )
        found = float(np.log(seen / expected))
        error = cohorts.error(cohorts.since_start())
        reach = self._reach(panel) * error
        low, high = float(np.exp(found - reach)), float(np.exp(found + reach))
        heads = float((panel.exposure * panel.treated).sum())
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_("Events in the {treated} treated units since their starts, divided by the events expected from "
                   "their own past and the course of those who had not started."),
                treated=int(panel.ever_treated.sum()),
            ),
            scale=Scale.RATIO,
            estimate=seen / expected,
            interval=(low, high),
            p=_p(found / error, _freedom(panel)),
            sizes=_sizes(panel),
            outcome=panel.outcome_name,
            level=self.level,
            events=seen - expected,
            events_interval=(expected * (low - 1), expected * (high - 1)),
            base_rate=expected / heads if panel.population is not None else None,
            series=(self._by_distance(panel, cohorts),),
            checks=(self._earlier(panel), *_forbidden(panel)),
            extra={"log_ratio": found, "standard_error": error, "expected": expected},
        )  # fmt: skip

    def _by_distance(self, panel: Panel, cohorts: Cohorts) -> Series:
        """The ratio by periods since the start; only from the start on, since the past is what it is fitted to."""
        at, values, low, high = [], [], [], []
        for distance in range(_LATEST + 1):
            cells = cohorts.at(distance)
            seen, expected = cohorts.totals(cells)
            if not seen or not expected:
                continue
            reach = self._reach(panel) * cohorts.error(cells)
            at.append(f"{distance:+d}" if distance else "0")
            values.append(seen / expected)
            low.append(seen / expected * float(np.exp(-reach)))
            high.append(seen / expected * float(np.exp(reach)))
        label = phrase(N_("Ratio by time since the start"))
        return Series("by-distance", label, "distance", tuple(at), tuple(values), tuple(low), tuple(high))

    def _earlier(self, panel: Panel) -> Check:
        """The same with starts pretended earlier, on periods before the real ones."""
        early = max(1, min(4, (panel.starts[0] - 1) // 2))
        pretended = np.where(panel.adoption == NEVER, NEVER, panel.adoption - early)
        cohorts = Cohorts.of(panel.outcome, panel.exposure, pretended, hidden=panel.treated)
        seen, expected = cohorts.totals(cohorts.since_start())
        if not seen or not expected:
            return Check("placebo-start", State.NOTE, phrase(N_("Too few events before the starts to test the past.")))
        found, error = float(np.log(seen / expected)), cohorts.error(cohorts.since_start())
        p = _p(found / error, _freedom(panel))
        meaning = phrase(
            N_("With starts pretended {early} periods too early the design finds {percent:+.0f} % (p = {p:.2f}); "
               "about 0 is right."),
            early=early, percent=100 * (float(np.exp(found)) - 1), p=p,
        )  # fmt: skip
        return Check("placebo-start", State.WARN if p < 0.05 else State.PASS, meaning, p)


@register
@dataclass(frozen=True)
class CallawaySantAnna(_Staggered):
    """Differences by starting group and period, averaged. Per head where the population is known, weighted by it."""

    not_yet: bool = False
    """Compare also with areas that have not started yet."""

    slug: ClassVar[str] = "callaway-santanna"
    title: ClassVar[str] = N_("Callaway and Sant'Anna")
    question: ClassVar[str] = N_("By how many events did areas change once the programme arrived there?")
    compares: ClassVar[str] = N_("Areas that never start (or have not started yet)")

    def preconditions(self) -> tuple[Precondition, ...]:
        """A past for every group, and areas that never start."""
        return self._base()

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The mean difference per treated area and period with the programme."""
        rates, weights, size = _per_head(panel)
        cells = group_time(rates, panel.adoption, weights, not_yet=self.not_yet)
        mean = cells.mean(cells.since_start())
        error = mean.careful_error(panel.adoption)
        if error <= 0:
            raise CannotEstimate(
                "movement", needed=phrase(N_("outcomes that vary.")), found=phrase(N_("The outcomes never change."))
            )
        reach = self._reach(panel) * error
        low, high = mean.estimate - reach, mean.estimate + reach
        heads = float((panel.exposure * panel.treated).sum()) / size
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_("Mean change in {outcome} per treated unit and period since its start, minus the change in those "
                   "that had not started."),
                outcome=panel.outcome_name,
            ),
            scale=Scale.DIFFERENCE,
            estimate=mean.estimate,
            interval=(low, high),
            p=_p(mean.estimate / error, _freedom(panel)),
            sizes=_sizes(panel),
            outcome=panel.outcome_name,
            level=self.level,
            events=mean.estimate * heads,
            events_interval=(low * heads, high * heads),
            series=(self._by_distance(panel, cells),),
            checks=(_past(cells, panel), *_forbidden(panel)),
            extra={
                "standard_error": error,
                "uncorrected_error": mean.error,
                "cells": float(len(cells.groups)),
                **_plain(rates, panel, weights),
            },
        )  # fmt: skip

    def _by_distance(self, panel: Panel, cells: GroupTime) -> Series:
        found: dict[str, Mean] = {}
        for distance in range(_EARLIEST, _LATEST + 1):
            if cells.at(distance).any():
                found[f"{distance:+d}" if distance else "0"] = cells.mean(cells.at(distance))
        reach = self._reach(panel)
        return Series(
            "by-distance", phrase(N_("Difference by time since the start")), "distance", tuple(found),
            tuple(m.estimate for m in found.values()),
            tuple(m.estimate - reach * m.careful_error(panel.adoption) for m in found.values()),
            tuple(m.estimate + reach * m.careful_error(panel.adoption) for m in found.values()),
        )  # fmt: skip


def _freedom(panel: Panel) -> int:
    treated = int(panel.ever_treated.sum())
    return max(1, min(treated, len(panel.units) - treated) - 1)


def _p(statistic: float, freedom: int) -> float:
    return max(float(2 * student.sf(abs(statistic), freedom)), float(np.finfo(float).tiny))


def _sizes(panel: Panel) -> Sizes:
    treated = panel.ever_treated
    return Sizes(
        treated=int(treated.sum()), compared=int((~treated).sum()), dropped=0, periods_before=panel.starts[0],
        periods_after=len(panel.periods) - panel.starts[0],
        before=float(panel.outcome[treated][~panel.treated[treated]].sum()),
        after=float(panel.outcome[panel.treated].sum()),
    )  # fmt: skip


def _per_head(panel: Panel) -> tuple[Floats, Floats | None, float]:
    """The outcome at the size of the average treated unit, the weights of units, and that size."""
    if panel.population is None:
        return panel.outcome, None, 1.0
    size = float(panel.population[panel.ever_treated].mean())
    people = panel.population
    rates = np.divide(panel.outcome, people, out=np.zeros(panel.shape), where=people > 0) * size
    return rates, people.mean(axis=1), size


def _plain(rates: Floats, panel: Panel, weights: Floats | None) -> dict[str, float]:
    plain = two_way(rates, panel.treated, weights)
    return {"two_way": plain.coefficient, "two_way_error": plain.error}


def _past(cells: GroupTime, panel: Panel) -> Check:
    """The mean of the steps before the starts: about zero when paths were parallel."""
    before = cells.periods < cells.groups
    if not before.any():
        return Check("trend-before", State.NOTE, phrase(N_("No period before the starts can be tested.")))
    mean = cells.mean(before)
    error = mean.careful_error(panel.adoption)
    p = _p(mean.estimate / error, _freedom(panel)) if error > 0 else 1.0
    meaning = phrase(
        N_("Before the starts the paths moved apart by {step:+.2g} per period (p = {p:.2f}); 0 is parallel."),
        step=mean.estimate, p=p,
    )  # fmt: skip
    return Check("trend-before", State.WARN if p < 0.05 else State.PASS, meaning, p)


def _forbidden(panel: Panel) -> tuple[Check, ...]:
    """What a plain two-way regression would have compared (Goodman-Bacon)."""
    rates, _, _ = _per_head(panel)
    parts = decompose(rates, panel.adoption)
    share = sum(part.weight for part in parts if part.comparison is Comparison.ALREADY_TREATED)
    meaning = phrase(
        N_("A plain two-way regression would take {percent:.0f} % of its weight from comparisons with areas that "
           "already have the programme; this design takes none."),
        percent=100 * share,
    )  # fmt: skip
    return (Check("two-way-weights", State.NOTE, meaning),)
