"""Poisson difference in differences: many areas, some of which start a programme on the same date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from . import checks, twoway
from .clusters import Groups, Uncertain
from .design import Design, Situation, register
from .effect import Check, Effect, Scale, Series, State
from .panel import Floats, Panel
from .paths import Bins, relative_path
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

LEAST_UNITS = 3
LEAST_BEFORE = 4
"""Fewer periods before the start could not show whether the places were on parallel paths."""
TREND_BINS = 6


@register
@dataclass(frozen=True)
class PoissonDiD(Design):
    """Rate ratio with effects for every unit and period, population as offset, standard errors from whole units."""

    slug: ClassVar[str] = "poisson-did"
    title: ClassVar[str] = N_("Poisson difference in differences")
    question: ClassVar[str] = N_("Did the rate change where the programme ran, more than it changed elsewhere?")
    compares: ClassVar[str] = N_("Areas without the programme, over the same time")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.MANY_AREAS,)

    level: float = 0.95

    def preconditions(self) -> tuple[Precondition, ...]:
        return (
            counts(), absorbing(), one_start(), treated_units(LEAST_UNITS), comparison_units(LEAST_UNITS),
            periods_before(LEAST_BEFORE), periods_after(1), events_in_every_corner(),
        )  # fmt: skip

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        told = informative(panel)
        fitted, found, groups = rate_ratio(told)
        ratio = float(np.exp(found.value))
        low, high = (float(np.exp(bound)) for bound in found.interval(self.level))
        sizes = checks.sizes(panel, dropped=len(panel.units) - len(told.units))
        with_programme = float(told.outcome[told.treated].sum())
        people = float(panel.exposure[panel.treated].sum())
        biggest = told.units[int(np.where(groups.treated, groups.share, 0).argmax())]
        phi = twoway.dispersion(told.outcome, fitted.expected, sum(told.shape))
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=estimand(panel),
            scale=Scale.RATIO,
            estimate=ratio,
            interval=(low, high),
            p=found.p,
            level=self.level,
            sizes=sizes,
            outcome=panel.outcome_name,
            events=with_programme * (1 - 1 / ratio),
            events_interval=(with_programme * (1 - 1 / low), with_programme * (1 - 1 / high)),
            base_rate=None if panel.population is None else with_programme / ratio / people,
            series=_series(told, fitted, ratio),
            checks=(
                *trend_checks(told),
                placebo_start(told),
                checks.small_counts(sizes),
                checks.few_units(panel),
                checks.dominance(groups.largest, biggest),
                checks.dropped(sizes.dropped, panel),
                checks.denominator(panel),
                checks.overdispersion(phi),
            ),
            extra={"error": found.error, "freedom": float(found.freedom), "dispersion": phi},
        )


def informative(panel: Panel) -> Panel:
    """The panel without units and periods that have no event: a two-way fit can learn nothing from them.

    Raises CannotEstimate when too few units are left to say how sure an answer would be.
    """
    told = panel.take(units=panel.outcome.sum(axis=1) > 0, periods=panel.outcome.sum(axis=0) > 0)
    treated = int(told.ever_treated.sum())
    compared = len(told.units) - treated
    if min(treated, compared) < LEAST_UNITS:
        raise CannotEstimate(
            "units-with-events",
            needed=phrase(N_("at least {least} of each."), least=LEAST_UNITS),
            found=phrase(
                N_("{treated} treated {units} and {compared} others with any {outcome}."),
                treated=treated, compared=compared, units=panel.unit_name, outcome=panel.outcome_name,
            ),
        )  # fmt: skip
    return told


def rate_ratio(panel: Panel) -> tuple[twoway.TwoWay, Uncertain, Groups]:
    """The fit, the log rate ratio with its standard error, and the units' shares of information."""
    fitted = twoway.fit(panel.outcome, panel.exposure, panel.treated)
    left = twoway.residual(panel.treated.astype(np.float64), fitted.expected)
    information = (fitted.expected * left**2).sum(axis=1)
    groups = Groups.of(panel.ever_treated, information)
    influence = (left * (panel.outcome - fitted.expected)).sum(axis=1) / information.sum()
    return fitted, groups.uncertain(fitted.log_ratio, influence), groups


def estimand(panel: Panel) -> Phrase:
    """What the ratio is, in one sentence."""
    return phrase(
        N_(
            "{outcome} per head in {treated} {units} from {start} to {end}, relative to what the change in {compared} "
            "other {units} would have led to there"
        ),
        outcome=panel.outcome_name, treated=int(panel.ever_treated.sum()), units=panel.unit_name,
        compared=int((~panel.ever_treated).sum()), start=panel.periods[first_start(panel)], end=panel.periods[-1],
    )  # fmt: skip


def trend_checks(panel: Panel) -> tuple[Check, ...]:
    """Whether treated and other places were on parallel paths before the start."""
    start = first_start(panel)
    bins = Bins.around(start, len(panel.periods), max(1, start // TREND_BINS))
    try:
        if bins.before < 2:
            raise _too_little()
        path = relative_path(panel, panel.ever_treated, bins)
    except CannotEstimate as impossible:
        return (Check("trend-before", State.NOTE, impossible.shortfall.found),)
    drift = path.drift
    # What the drift alone would have made of the effect: from the middle of the past to the middle of the future.
    carried = 100 * float(np.expm1(drift.value * len(bins) / 2))
    meaning = phrase(
        N_("Before the start, the places with the programme drifted relative to the others; going on, that alone would "
           "have made a difference of {carried:+z.0f} % (p {p:.2f})."),
        carried=carried, p=drift.p,
    )  # fmt: skip
    flat = path.flat_before_p()
    if flat is None:
        note = phrase(N_("Too few places or periods to test whether the paths before the start were parallel."))
        return Check("trend-before", checks.state_of(drift.p), meaning, drift.p), Check("flat-before", State.NOTE, note)
    parallel = phrase(N_("A test that the paths before the start were parallel: p {p:.2f}."), p=flat)
    return (
        Check("trend-before", checks.state_of(drift.p), meaning, drift.p),
        Check("flat-before", checks.state_of(flat), parallel, flat),
    )


def placebo_start(panel: Panel) -> Check:
    """Pretends that the programme began halfway through the time before it: there should be nothing to find."""
    start = first_start(panel)
    pretended = np.zeros((len(panel.units), start), dtype=np.bool_)
    pretended[panel.ever_treated, start // 2 :] = True
    try:
        past = informative(replace(panel.take(periods=np.arange(start)), treated=pretended))
        if events_in_every_corner().shortfall(past):
            raise _too_little()
        _, found, _ = rate_ratio(past)
    except CannotEstimate as impossible:
        return Check("placebo-start", State.NOTE, impossible.shortfall.found)
    meaning = phrase(
        N_("A pretended start in {period}, before the real one, gives {percent:+z.0f} % (p {p:.2f}); nothing should be "
           "found there."),
        period=panel.periods[start // 2], percent=100 * float(np.expm1(found.value)), p=found.p,
    )  # fmt: skip
    return Check("placebo-start", checks.state_of(found.p), meaning, found.p)


def _too_little() -> CannotEstimate:
    return CannotEstimate(
        "events",
        needed=phrase(N_("events in more periods before the start.")),
        found=phrase(N_("Too few periods with events before the start to check this.")),
    )


def _series(panel: Panel, fitted: twoway.TwoWay, ratio: float) -> tuple[Series, ...]:
    ever = panel.ever_treated
    without = np.where(panel.treated, fitted.expected / ratio, fitted.expected)[ever].sum(axis=0)
    observed = panel.outcome[ever].sum(axis=0)
    return (
        Series("observed", phrase(N_("Observed with the programme")), "outcome", panel.periods, floats(observed)),
        Series("expected", phrase(N_("Expected without it")), "outcome", panel.periods, floats(without)),
    )


def floats(values: Floats) -> tuple[float, ...]:
    """NumPy's numbers as Python's, which JSON gives back equal."""
    return tuple(float(value) for value in values)
