"""Synthetic difference in differences as a design: one area or a few, and several others to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.stats import t as student

from . import checks, placebo, preconditions
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Series, State
from .panel import Bools, Floats, Panel
from .phrase import N_, Phrase, phrase
from .refusal import Precondition
from .sdid import ROUNDS_PLACEBO, Weighted, Weighting, placebos, synthetic_did


@register
@dataclass(frozen=True)
class SyntheticDid(Design):
    """Compares treated areas with a weighted mean of others, before and after, allowing for a lasting difference.

    The outcome is taken per head where the population is known, at the size of the average treated area.
    """

    placebos: int = 200
    level: float = 0.95
    weighting: str = Weighting.SYNTHETIC_DID
    least_before: int = 5

    slug: ClassVar[str] = "synthetic-did"
    title: ClassVar[str] = N_("Synthetic difference in differences")
    question: ClassVar[str] = N_("Did this area change more than the mixture of others whose path was parallel before?")
    compares: ClassVar[str] = N_("A weighted mean of other areas with a parallel past")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.ONE_AREA, Situation.FEW_AREAS)

    def preconditions(self) -> tuple[Precondition, ...]:
        """One start, a past to learn weights from, more other areas than treated ones."""
        return (
            preconditions.treated_units(1),
            preconditions.one_start(),
            preconditions.absorbing(),
            preconditions.periods_before(self.least_before),
            preconditions.periods_after(1),
            preconditions.comparison_units(10),
            twice_as_many(),
            movement(),
        )

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The mean difference per treated area and period since the start."""
        start, treated = panel.starts[0], panel.ever_treated
        weighting = Weighting(self.weighting)
        size = float(panel.exposure[treated].mean())
        rates = np.divide(panel.outcome, panel.exposure, out=np.zeros(panel.shape), where=panel.exposure > 0) * size
        real = synthetic_did(rates, treated, start, weighting=weighting)
        chosen = list(placebo.placebo_sets(int((~treated).sum()), int(treated.sum()), self.placebos, rng))
        spread = placebos(rates[~treated], chosen, start, real, weighting)
        spread = spread * _size_of(panel.exposure[~treated], chosen, size)
        error = float(np.sqrt(np.mean(spread**2)))
        freedom = min(len(spread), int((~treated).sum())) - 1
        reach = float(student.ppf((1 + self.level) / 2, freedom)) * error
        p = max(float(2 * student.sf(abs(real.estimate) / error, freedom)), np.finfo(float).tiny) if error > 0 else 1.0
        low, high = real.estimate - reach, real.estimate + reach
        heads = float(panel.exposure[treated][:, start:].sum()) / size
        expected = float(rates[treated][:, start:].mean()) - real.estimate
        others = {
            f"estimate_{other.replace('-', '_')}": synthetic_did(rates, treated, start, weighting=other).estimate
            for other in Weighting
            if other is not weighting
        }
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_("Mean number of {outcome} per treated unit and period since {start}, minus what a weighted mean of "
                   "{compared} others leads to expect."),
                outcome=panel.outcome_name, start=panel.periods[start], compared=int((real.units > 1e-6).sum()),
            ),
            scale=Scale.DIFFERENCE,
            estimate=real.estimate,
            interval=(low, high),
            p=p,
            sizes=checks.sizes(panel),
            outcome=panel.outcome_name,
            level=self.level,
            events=real.estimate * heads,
            events_interval=(low * heads, high * heads),
            base_rate=expected / size if panel.population is not None else None,
            series=_series(panel, rates, treated, real),
            checks=(
                _parallel(real, rates, treated, start),
                _spread_out(real),
                self._earlier(rates, treated, start, chosen),
            ),
            extra={"standard_error": error, "expected": expected, "placebo_sets": float(len(spread)), **others},
        )  # fmt: skip

    def _earlier(self, rates: Floats, treated: Bools, start: int, chosen: list[np.ndarray]) -> Check:
        """The same design with a start pretended at two thirds of the time before."""
        fake = max(2, (2 * start) // 3)
        weighting = Weighting(self.weighting)
        before = rates[:, :start]
        real = synthetic_did(before, treated, fake, weighting=weighting, rounds=ROUNDS_PLACEBO)
        spread = placebos(before[~treated], chosen, fake, real, weighting)
        p = placebo.share_as_large(real.estimate, spread)
        meaning = phrase(
            N_("With a start pretended {periods} periods too early the design finds {found:+.3g} per unit and period "
               "(p = {p:.2f}); about 0 is right."),
            periods=start - fake, found=real.estimate, p=p,
        )  # fmt: skip
        return Check("placebo-start", State.WARN if p < 0.05 else State.PASS, meaning, p)


def twice_as_many() -> Precondition:
    """Placebo sets need at least as many units again as were treated."""

    def check(panel: Panel) -> Phrase | None:
        treated = int(panel.ever_treated.sum())
        others = len(panel.units) - treated
        if others >= 2 * treated:
            return None
        return phrase(N_("{others} untreated {units} for {treated} treated ones."), others=others,
                      units=panel.unit_name, treated=treated)  # fmt: skip

    return Precondition("twice-as-many", phrase(N_("at least twice as many.")), check)


def movement() -> Precondition:
    """The comparison units change from period to period: their noise sets the penalty of the weights."""

    def check(panel: Panel) -> Phrase | None:
        before = panel.outcome[~panel.ever_treated][:, : preconditions.first_start(panel)]
        steps = np.diff(before, axis=1)
        if steps.size and np.ptp(steps) > 0:
            return None
        return phrase(N_("The units to compare with never change before the start."))

    return Precondition("movement", phrase(N_("outcomes that vary.")), check)


def _size_of(exposure: Floats, chosen: list[np.ndarray], size: float) -> Floats:
    """A rate in a small area varies more: bring each placebo set to the size of the treated areas."""
    return np.array([float(np.sqrt(1 / np.mean(1 / exposure[one].mean(axis=1)) / size)) for one in chosen])


def _series(panel: Panel, rates: Floats, treated: Bools, real: Weighted) -> tuple[Series, ...]:
    seen = rates[treated].mean(axis=0)
    return (
        Series("treated", phrase(N_("Treated")), "outcome", panel.periods, tuple(seen.tolist())),
        Series("expected", phrase(N_("Expected")), "outcome", panel.periods, tuple((seen - real.path).tolist())),
        Series("difference", phrase(N_("Difference")), "effect", panel.periods, tuple(real.path.tolist())),
    )


def _parallel(real: Weighted, rates: Floats, treated: Bools, start: int) -> Check:
    level = max(float(np.abs(rates[treated][:, :start]).mean()), 1e-12)
    before = real.path[:start] - real.path[:start].mean()
    gap = 100 * float(np.sqrt(np.mean(before**2))) / level
    meaning = phrase(
        N_("Before the start the treated path and the weighted one differ by a constant, give or take {gap:.0f} % of "
           "the level."),
        gap=gap,
    )  # fmt: skip
    return Check("parallel-before", State.PASS if gap <= 10 else State.WARN, meaning)


def _spread_out(real: Weighted) -> Check:
    effective = 1 / float(real.units @ real.units)
    meaning = phrase(
        N_("The comparison is worth {effective:.0f} equally weighted units; the heaviest carries {top:.0f} %."),
        effective=effective, top=100 * float(real.units.max()),
    )  # fmt: skip
    return Check("effective-comparison", State.PASS if effective >= 5 else State.WARN, meaning)
