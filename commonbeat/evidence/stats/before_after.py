"""The Poisson E-test as a design: two counts of the same areas, and nothing to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import preconditions
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Sizes, State
from .panel import Panel
from .phrase import N_, Phrase, phrase
from .refusal import Precondition
from .totals import e_test, rate_interval


@register
@dataclass(frozen=True)
class PoissonETest(Design):
    """Before and after in the treated areas alone, exact for small counts. Compares with nothing but the past."""

    level: float = 0.95

    slug: ClassVar[str] = "e-test"
    title: ClassVar[str] = N_("Poisson E-test")
    question: ClassVar[str] = N_("Is the difference between two counts more than chance?")
    compares: ClassVar[str] = N_("The same areas before")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.FOUR_TOTALS, Situation.NO_CONTROL)
    causal: ClassVar[bool] = False

    def preconditions(self) -> tuple[Precondition, ...]:
        """Whole counts before and after."""
        return (
            preconditions.treated_units(1),
            preconditions.one_start(),
            preconditions.absorbing(),
            preconditions.periods_before(1),
            preconditions.periods_after(1),
            preconditions.whole_counts(),
            events_before(),
        )

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        """The ratio of the rate after to the rate before."""
        start, treated = panel.starts[0], panel.ever_treated
        counts, heads = panel.outcome[treated], panel.exposure[treated]
        before, after = int(counts[:, :start].sum()), int(counts[:, start:].sum())
        heads_before, heads_after = float(heads[:, :start].sum()), float(heads[:, start:].sum())
        expected = before * heads_after / heads_before
        low, high = rate_interval(after, before, heads_after, heads_before, self.level)
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_("Rate of {outcome} in the treated units since {start}, divided by the rate before."),
                outcome=panel.outcome_name, start=panel.periods[start],
            ),
            scale=Scale.RATIO,
            estimate=after / expected,
            interval=(low, high),
            p=e_test(after, before, heads_after, heads_before),
            sizes=Sizes(
                treated=int(treated.sum()), compared=0, dropped=0, periods_before=start,
                periods_after=len(panel.periods) - start, before=before, after=after,
            ),
            outcome=panel.outcome_name,
            level=self.level,
            events=after - expected,
            events_interval=(expected * (low - 1), expected * (high - 1)),
            base_rate=before / heads_before if panel.population is not None else None,
            causal=False,
            checks=(_past_only(),),
        )  # fmt: skip


def events_before() -> Precondition:
    """The treated units had an event before the start, and some population all the time."""

    def check(panel: Panel) -> Phrase | None:
        start = preconditions.first_start(panel)
        ever = panel.ever_treated
        if float(panel.outcome[ever][:, :start].sum()) > 0 and float(panel.exposure[ever][:, start:].sum()) > 0:
            return None
        return phrase(N_("The treated units had no events before the start."))

    return Precondition("events-before", phrase(N_("at least one.")), check)


def _past_only() -> Check:
    meaning = phrase(
        N_("Only chance is considered: not seasons, not the city's trend, not that places which were busy calm down.")
    )
    return Check("past-only", State.WARN, meaning)
