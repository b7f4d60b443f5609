"""Interrupted time series: the treated places against their own past, when nothing else can be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from . import checks
from .clusters import Uncertain, critical
from .design import Design, Situation, register
from .did import floats
from .effect import Check, Effect, Scale, Series, State
from .panel import Floats, Panel
from .phrase import N_, phrase
from .preconditions import (
    absorbing,
    counts,
    events_of_treated,
    first_start,
    one_start,
    periods_after,
    periods_before,
    treated_units,
)
from .refusal import CannotEstimate, Precondition

LEAST_BEFORE = 8
LEAST_AFTER = 3
YEARS_BEFORE = 2
"""A season is only known after it has been seen twice."""
STRONG = 0.3
"""Correlation of neighbouring periods above which the interval is still too narrow."""
MOST_CORRELATION = 0.9


@register
@dataclass(frozen=True)
class InterruptedTimeSeries(Design):
    """A Poisson line through the totals of the treated places, with seasons, and a step at the start."""

    slug: ClassVar[str] = "interrupted-time-series"
    title: ClassVar[str] = N_("Interrupted time series (not causal)")
    question: ClassVar[str] = N_("Did the rate leave its own trend when the programme began?")
    compares: ClassVar[str] = N_("The same places before the start, with their trend and seasons carried on")
    situations: ClassVar[tuple[Situation, ...]] = (Situation.NO_CONTROL,)
    causal: ClassVar[bool] = False

    season: int = 12
    """Periods in a year: 12 for months, 52 for weeks; 0 when there is no season to allow for."""
    harmonics: int = 2
    """Waves per year: 1 allows for one smooth peak, 2 for two."""
    slope: bool = False
    """Whether the trend may change at the start too, not only the level."""
    level: float = 0.95

    def preconditions(self) -> tuple[Precondition, ...]:
        return (
            counts(), absorbing(), one_start(), treated_units(1),
            periods_before(max(LEAST_BEFORE, YEARS_BEFORE * self.season)), periods_after(LEAST_AFTER),
            events_of_treated(),
        )  # fmt: skip

    def estimate(self, panel: Panel, rng: np.random.Generator) -> Effect:
        start, ever = first_start(panel), panel.ever_treated
        outcome, exposure = panel.outcome[ever].sum(axis=0), panel.exposure[ever].sum(axis=0)
        line = self._fit(outcome, exposure, start)
        found = line.average
        ratio = float(np.exp(found.value))
        low, high = (float(np.exp(bound)) for bound in found.interval(self.level))
        sizes = checks.sizes(panel)
        return Effect(
            design=self.slug,
            options=self.options(),
            data=panel.fingerprint(),
            estimand=phrase(
                N_(
                    "{outcome} per head in {treated} {units} from {start} to {end}, relative to their own trend and "
                    "seasons before; other places were not looked at"
                ),
                outcome=panel.outcome_name, treated=sizes.treated, units=panel.unit_name,
                start=panel.periods[start], end=panel.periods[-1],
            ),
            scale=Scale.RATIO,
            estimate=ratio,
            interval=(low, high),
            p=found.p,
            level=self.level,
            sizes=sizes,
            outcome=panel.outcome_name,
            events=sizes.after * (1 - 1 / ratio),
            events_interval=(sizes.after * (1 - 1 / low), sizes.after * (1 - 1 / high)),
            base_rate=None if panel.population is None else sizes.after / ratio / float(exposure[start:].sum()),
            causal=self.causal,
            series=line.series(outcome, panel.periods, self.level),
            checks=(
                _no_comparison(panel),
                line.correlation_check(),
                self._placebo_start(outcome[:start], exposure[:start], panel),
                checks.small_counts(sizes),
                checks.denominator(panel),
                checks.overdispersion(line.dispersion),
            ),
            extra={
                "error": found.error, "freedom": float(found.freedom), "dispersion": line.dispersion,
                "correlation": line.correlation,
            },
        )  # fmt: skip

    def _columns(self, periods: int, start: int) -> Floats:
        """Level, trend and seasons, then what begins at the start (one column, two with a slope)."""
        time = np.arange(periods)
        columns = [np.ones(periods), (time - start) / periods]
        for wave in range(1, self.harmonics + 1 if self.season else 1):
            if wave * 2 <= self.season:  # faster waves than that look like slower ones
                columns.append(np.cos(2 * np.pi * wave * time / self.season))
            if wave * 2 < self.season:
                columns.append(np.sin(2 * np.pi * wave * time / self.season))
        since = time >= start
        columns.append(since.astype(np.float64))
        if self.slope:
            columns.append(since * (time - start) / periods)
        return np.column_stack(columns)

    def _fit(self, outcome: Floats, exposure: Floats, start: int) -> _Line:
        columns = self._columns(len(outcome), start)
        return _line(outcome, exposure, columns, own=1 + self.slope, start=start)

    def _placebo_start(self, outcome: Floats, exposure: Floats, panel: Panel) -> Check:
        """The same design on the time before, with a start pretended halfway."""
        middle = len(outcome) // 2
        try:
            found = self._fit(outcome, exposure, middle).average
        except CannotEstimate as impossible:
            return Check("placebo-start", State.NOTE, impossible.shortfall.found)
        meaning = phrase(
            N_("A pretended start in {period}, before the real one, gives {percent:+z.0f} % (p {p:.2f}); nothing "
               "should be found there."),
            period=panel.periods[middle], percent=100 * float(np.expm1(found.value)), p=found.p,
        )  # fmt: skip
        return Check("placebo-start", checks.state_of(found.p), meaning, found.p)


@dataclass(frozen=True, eq=False)
class _Line:
    """A fitted line with its covariance, dispersion and the correlation of neighbouring residuals."""

    columns: Floats
    coefficients: Floats
    expected: Floats
    covariance: Floats
    dispersion: float
    correlation: float
    own: int
    """How many of the last columns belong to the programme."""
    start: int

    @property
    def freedom(self) -> int:
        return int(self.columns.shape[0] - self.columns.shape[1])

    @property
    def average(self) -> Uncertain:
        """The programme's part of the line (log ratio), averaged over the periods from the start on."""
        weights = np.zeros(len(self.coefficients))
        weights[-self.own :] = self.columns[self.start :, -self.own :].mean(axis=0)
        error = float(np.sqrt(weights @ self.covariance @ weights))
        return Uncertain(float(weights @ self.coefficients), error, self.freedom)

    def series(self, outcome: Floats, periods: tuple[str, ...], level: float) -> tuple[Series, ...]:
        """What was observed, and the line without the programme with its interval (chance events not included)."""
        plain = self.columns.copy()
        plain[:, -self.own :] = 0
        without = self.expected * np.exp((plain - self.columns) @ self.coefficients)
        error = np.sqrt(np.einsum("ij,jk,ik->i", plain, self.covariance, plain))
        reach = np.exp(critical(self.freedom, level) * error)
        return (
            Series("observed", phrase(N_("Observed with the programme")), "outcome", periods, floats(outcome)),
            Series(
                "expected", phrase(N_("Trend and seasons before, carried on")), "outcome", periods, floats(without),
                floats(without / reach), floats(without * reach),
            ),
        )  # fmt: skip

    def correlation_check(self) -> Check:
        """Whether a high month follows a high month, beyond trend and seasons."""
        state = State.WARN if self.correlation > STRONG else State.PASS
        template = (
            N_("Neighbouring periods resemble each other (correlation {correlation:.2f}). The interval allows for some "
               "of that, but is still too narrow.")
            if state is State.WARN
            else N_("Neighbouring periods do not resemble each other much (correlation {correlation:.2f}).")
        )  # fmt: skip
        return Check("autocorrelation", state, phrase(template, correlation=self.correlation))


def _line(outcome: Floats, exposure: Floats, columns: Floats, *, own: int, start: int) -> _Line:
    """Quasi-Poisson regression by Newton's method; its errors allow for dispersion and an AR(1) in the residuals."""
    periods, size = columns.shape
    if periods - size < LEAST_AFTER or not (outcome[:start].any() and outcome[start:].any()):
        raise CannotEstimate(
            "periods-before",
            needed=phrase(N_("more periods than the line has parameters, and events on both sides.")),
            found=phrase(N_("Too short a time before the start to pretend another one.")),
        )
    if not (exposure > 0).all():
        raise CannotEstimate(
            "population",
            needed=phrase(N_("a population above zero in every period.")),
            found=phrase(N_("The treated places have no population in some periods.")),
        )
    offset = np.log(exposure / exposure.mean())
    coefficients = np.zeros(size)
    coefficients[0] = np.log(outcome.mean())
    for _ in range(100):
        expected = np.exp(columns @ coefficients + offset)
        hessian = (columns * expected[:, None]).T @ columns
        step = np.linalg.lstsq(hessian, columns.T @ (outcome - expected), rcond=None)[0]
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))  # no leap to where exp overflows
        coefficients = coefficients + step
        if float(np.abs(step).max()) < 1e-11:
            break
    else:
        raise CannotEstimate(
            "settles",
            needed=phrase(N_("more events, or fewer waves per year.")),
            found=phrase(N_("The line through the time before did not settle.")),
        )
    expected = np.exp(columns @ coefficients + offset)
    phi = float(((outcome - expected) ** 2 / expected).sum() / (periods - size))
    residual = (outcome - expected) / np.sqrt(expected)
    raw = float(residual[1:] @ residual[:-1] / (residual @ residual)) if phi > 0 else 0.0
    # Fitting `size` parameters takes correlation out of residuals; put the expected loss back (Marriott and Pope).
    correlation = min(max(raw + size / periods * (1 + raw), 0.0), MOST_CORRELATION)
    lag = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    noise = max(phi, 1.0) * np.sqrt(np.outer(expected, expected)) * correlation**lag
    inverse = np.linalg.pinv((columns * expected[:, None]).T @ columns)
    covariance = inverse @ columns.T @ noise @ columns @ inverse
    return _Line(columns, coefficients, expected, covariance, phi, correlation, own, start)


def _no_comparison(panel: Panel) -> Check:
    others = int((~panel.ever_treated).sum())
    if others:
        meaning = phrase(
            N_("{others} other {units} are in the data and were not used: a design that compares with them says more."),
            others=others, units=panel.unit_name,
        )  # fmt: skip
    else:
        meaning = phrase(
            N_(
                "Whatever else changed at the same time (weather, reporting, a falling back after a peak) is in this "
                "number."
            )
        )
    return Check("no-comparison", State.WARN, meaning)
