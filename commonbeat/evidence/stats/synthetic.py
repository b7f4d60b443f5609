"""Synthetic control for many small areas: calibration weights and placebo sets, in the way of microsynth."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import ClassVar

import numpy as np

from . import checks, placebo, preconditions
from .calibration import Calibration, calibrate
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Series, State
from .panel import Bools, Floats, Panel
from .phrase import N_, Phrase, phrase
from .refusal import CannotEstimate, Precondition

EXACT = 0.01
"""The largest mean square error of the totals that counts as a match (microsynth's `max.mse`)."""
_CLOSE = 1e-4


@dataclass(frozen=True)
class Match:
    """Weights of the comparison units and how they were found."""

    weights: Floats
    model: int
    """1: every total met. 2: covariates and the total before met, single periods as nearly as possible.
    3: only the number of units met, everything else as nearly as possible."""
    misfit: float
    """Largest gap between treated and synthetic outcome in a period before, in percent of the mean per period."""
    effective_n: float


@dataclass(frozen=True)
class Matching:
    """What treated and synthetic units must have in common: covariates, and the outcome in each period before."""

    covariates: Floats
    before: Floats

    @classmethod
    def of(cls, panel: Panel, start: int, population: bool = True) -> Matching:
        """The covariates of the panel, its population (where known) and its outcomes before `start`."""
        columns = list(panel.covariates.values())
        if population and panel.population is not None:
            columns.append(panel.population[:, :start].mean(axis=1))
        covariates = np.column_stack(columns) if columns else np.empty((len(panel.units), 0))
        return cls(covariates, panel.outcome[:, :start])

    def weigh(self, treated: Bools, pool: Bools) -> Match:
        """Weights that make the units of `pool` add up to the treated ones, by the first model that can."""
        for model in (1, 2, 3):
            found = self._fit(model, treated, pool)
            if model == 3 or (found.converged and found.mean_square_error <= EXACT):
                break
        gap = found.weights @ self.before[pool] - self.before[treated].sum(axis=0)
        mean = max(float(self.before[treated].sum(axis=0).mean()), 1e-12)
        return Match(found.weights, model, 100 * float(np.abs(gap).max()) / mean, found.effective_n)

    def _fit(self, model: int, treated: Bools, pool: Bools) -> Calibration:
        one = np.ones((len(self.before), 1))
        exact: list[Floats] = [one]
        near: list[Floats] = []
        if model == 1:
            exact += [self.covariates, self.before]
        elif model == 2:
            exact += [self.covariates, self.before.sum(axis=1, keepdims=True)]
            near = [self.before]
        else:
            near = [self.covariates, self.before.sum(axis=1, keepdims=True), self.before]
        columns = np.hstack(exact + near)
        totals = columns[treated].sum(axis=0)
        slack = np.zeros(len(totals))
        loose = sum(block.shape[1] for block in near)
        if loose:
            slack[-loose:] = _CLOSE * np.maximum(np.abs(totals[-loose:]), 1e-6)
        start = np.full(int(pool.sum()), treated.sum() / pool.sum())
        return calibrate(columns[pool], totals, start=start, slack=slack, tolerance=1e-9, steps=100)


@register
@dataclass(frozen=True)
class SyntheticControl(Design):
    """Compares treated areas with a weighted sum of others that was the same before the programme.

    `placebos` sets of comparison units, as many units in each as were treated, go through the same calculation.
    """

    placebos: int = 250
    level: float = 0.95
    match_population: bool = True
    least_before: int = 4

    slug: ClassVar[str] = "synthetic-control"
    title: ClassVar[str] = N_("Synthetic control with calibration weights")
    question: ClassVar[str] = N_("Did these areas change more than the mixture of others that was like them before?")
    compares: ClassVar[str] = N_("A weighted sum of other areas with the same past")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.FEW_AREAS,)

    def preconditions(self) -> tuple[Precondition, ...]:
        """One start, a past to match, and enough other areas for placebo sets."""
        return (
            preconditions.treated_units(1),
            preconditions.one_start(),
            preconditions.absorbing(),
            preconditions.periods_before(self.least_before),
            preconditions.periods_after(1),
            preconditions.counts(),
            preconditions.comparison_units(20),
            room_for_placebos(),
            preconditions.events_in_every_corner(),
        )

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The ratio of treated to synthetic events since the start."""
        start, treated = panel.starts[0], panel.ever_treated
        matching = Matching.of(panel, start, self.match_population)
        match = matching.weigh(treated, ~treated)
        after = panel.outcome[:, start:].sum(axis=1)
        seen, expected = float(after[treated].sum()), float(match.weights @ after[~treated])
        if expected <= 0:
            raise CannotEstimate(
                "events-expected",
                needed=phrase(N_("an expected number above zero.")),
                found=phrase(N_("The areas that resemble the treated ones had no events after the start.")),
            )
        found, error = _log_ratio(after, treated, ~treated, match.weights)
        spread, poor = self._placebos(matching, after, treated, rng)
        low, high = placebo.interval(found, error, spread, self.level)
        low, high = float(np.exp(low)), float(np.exp(high))
        synthetic = match.weights @ panel.outcome[~treated]
        population = float(panel.exposure[treated][:, start:].sum())
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_("Events in the {treated} treated {units} since {start}, divided by the events in a weighted sum of "
                   "{compared} others that had the same past."),
                treated=int(treated.sum()), units=panel.unit_name, start=panel.periods[start],
                compared=int((match.weights > 1e-9).sum()),
            ),
            scale=Scale.RATIO,
            estimate=seen / expected,
            interval=(low, high),
            p=placebo.share_as_large(found / error, spread),
            sizes=checks.sizes(panel),
            outcome=panel.outcome_name,
            level=self.level,
            events=seen - expected,
            events_interval=(expected * (low - 1), expected * (high - 1)),
            base_rate=expected / population if population else None,
            series=_series(panel, treated, synthetic),
            checks=(_balance(match), _donors(match), _comparable(poor, len(spread))),
            extra={
                "synthetic_after": expected,
                "effective_n": match.effective_n,
                "model": float(match.model),
                "largest_gap_percent": match.misfit,
                "statistic": found / error,
                "placebo_sets": float(len(spread)),
            },
        )  # fmt: skip

    def weights(self, panel: Panel) -> dict[str, float]:
        """The weight of each comparison unit, by name."""
        treated = panel.ever_treated
        match = Matching.of(panel, panel.starts[0], self.match_population).weigh(treated, ~treated)
        names = [unit for unit, mine in zip(panel.units, treated, strict=True) if not mine]
        return dict(zip(names, match.weights.tolist(), strict=True))

    def _placebos(
        self, matching: Matching, after: Floats, treated: Bools, rng: np.random.Generator
    ) -> tuple[Floats, int]:
        """The statistic of each placebo set, and how many sets had to use a weaker match."""
        others = np.flatnonzero(~treated)
        statistics, poor = [], 0
        for chosen in placebo.placebo_sets(len(others), int(treated.sum()), self.placebos, rng):
            fake = np.zeros(len(after), dtype=bool)
            fake[others[chosen]] = True
            pool = ~treated & ~fake
            match = matching.weigh(fake, pool)
            poor += match.model > 1
            found, error = _log_ratio(after, fake, pool, match.weights)
            statistics.append(found / error)
        return np.array(statistics), poor


def room_for_placebos(least: int = 39) -> Precondition:
    """Enough different placebo sets to tell a rare result from a common one."""

    def check(panel: Panel) -> Phrase | None:
        treated = int(panel.ever_treated.sum())
        others = len(panel.units) - treated
        possible = comb(others, treated) if others >= 2 * treated else 0
        if possible >= least:
            return None
        return phrase(N_("{others} untreated {units} for {treated} treated ones."), others=others,
                      units=panel.unit_name, treated=treated)  # fmt: skip

    needed = phrase(N_("at least twice as many, in {least} different sets."), least=least)
    return Precondition("placebo-sets", needed, check)


def _log_ratio(after: Floats, treated: Bools, pool: Bools, weights: Floats) -> tuple[float, float]:
    """Log ratio and its error if counts were Poisson, so that busy and quiet placebo sets can be compared.

    Half an event is added on both sides: a set without events is rare, not infinitely far away.
    """
    seen = float(after[treated].sum()) + 0.5
    expected = float(weights @ after[pool]) + 0.5
    noise = 1 / seen + float(weights**2 @ after[pool]) / expected**2
    return float(np.log(seen / expected)), float(np.sqrt(noise))


def _series(panel: Panel, treated: Bools, synthetic: Floats) -> tuple[Series, ...]:
    seen = panel.outcome[treated].sum(axis=0)
    return (
        Series("treated", phrase(N_("Treated")), "outcome", panel.periods, tuple(seen.tolist())),
        Series("synthetic", phrase(N_("Synthetic control")), "outcome", panel.periods, tuple(synthetic.tolist())),
        Series("difference", phrase(N_("Difference")), "effect", panel.periods, tuple((seen - synthetic).tolist())),
    )


def _balance(match: Match) -> Check:
    if match.model == 1:
        meaning = phrase(
            N_("The synthetic control has the same covariates and the same outcome in every period before.")
        )
        return Check("balance", State.PASS, meaning)
    if match.model == 2:
        meaning = phrase(
            N_("No weights match every period before. The covariates and the total before are the same; single periods "
               "are off by up to {gap:.0f} % of the mean."),
            gap=match.misfit,
        )  # fmt: skip
        return Check("balance", State.PASS if match.misfit <= 10 else State.WARN, meaning)
    meaning = phrase(
        N_("The treated areas are unlike every mixture of the others: even the nearest one is off by up to {gap:.0f} % "
           "of the mean in a period before."),
        gap=match.misfit,
    )  # fmt: skip
    return Check("balance", State.WARN if match.misfit <= 10 else State.FAIL, meaning)


def _donors(match: Match) -> Check:
    state = State.PASS if match.effective_n >= 10 else State.WARN
    meaning = phrase(
        N_("The synthetic control is worth {effective:.0f} equally weighted areas."), effective=match.effective_n
    )
    return Check("effective-comparison", state, meaning)


def _comparable(poor: int, sets: int) -> Check:
    meaning = phrase(
        N_("{sets} sets of untreated areas went through the same calculation; {poor} of them could not be matched in "
           "every period before."),
        sets=sets, poor=poor,
    )  # fmt: skip
    return Check("placebo-in-space", State.WARN if poor > sets / 2 else State.PASS, meaning)
