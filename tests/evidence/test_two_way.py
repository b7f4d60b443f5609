"""The closed-form alternation and what stands on it, against other ways to the same numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats import twoway
from commonbeat.evidence.stats.clusters import Groups, Uncertain, joint_p
from commonbeat.evidence.stats.paths import Bins, relative_path
from commonbeat.evidence.stats.simulate import Shape, simulate
from tests.evidence.chicago import assaults


def small(ratio: float = 0.7, growth: float = 0.1, start: int = 5) -> stats.Panel:
    shape = Shape(units=12, treated=4, periods=start + 4, start=start, mean=12, growth=growth)
    return simulate(stats.Situation.MANY_AREAS, stats.generator(4), ratio=ratio, shape=shape).panel


def with_dummies(panel: stats.Panel, columns: list[np.ndarray]) -> np.ndarray:
    """Poisson regression with a dummy for every unit and period by Newton's method: slow and beyond doubt."""
    units, periods = panel.shape
    dummies = [np.repeat(np.eye(units), periods, axis=0), np.tile(np.eye(periods), (units, 1))[:, 1:]]
    design = np.column_stack([*(column.ravel() for column in columns), *dummies])
    outcome, offset = panel.outcome.ravel(), np.log(panel.exposure.ravel())
    beta = np.linalg.lstsq(design, np.log(outcome + 0.5) - offset, rcond=None)[0]
    for _ in range(100):
        expected = np.exp(design @ beta + offset)
        step = np.linalg.solve((design * expected[:, None]).T @ design, design.T @ (outcome - expected))
        beta += step
        if np.abs(step).max() < 1e-13:
            break
    return beta[: len(columns)]


def test_alternation_gives_the_coefficient_of_a_regression_with_dummies() -> None:
    panel = small()
    fitted = twoway.fit(panel.outcome, panel.exposure, panel.treated)
    assert fitted.log_ratio == pytest.approx(with_dummies(panel, [panel.treated.astype(float)])[0], abs=1e-9)
    np.testing.assert_allclose(fitted.expected.sum(axis=0), panel.outcome.sum(axis=0), rtol=1e-9)
    np.testing.assert_allclose(fitted.expected.sum(axis=1), panel.outcome.sum(axis=1), rtol=1e-9)


def test_with_a_constant_population_the_ratio_is_that_of_four_totals() -> None:
    panel = small(growth=0)
    ever, after = panel.ever_treated, slice(5, None)
    treated, others = panel.outcome[ever], panel.outcome[~ever]
    ratio = treated[:, after].sum() / treated[:, :5].sum() * others[:, :5].sum() / others[:, after].sum()
    effect = stats.design("poisson-did").fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.estimate == pytest.approx(ratio, rel=1e-9)
    assert effect.events == pytest.approx(treated[:, after].sum() * (1 - 1 / ratio))


def test_a_coefficient_that_cannot_be_told_is_refused() -> None:
    """Everybody treated at once after the start: the ratio and the period effects are the same thing."""
    panel = small()
    after = np.zeros(panel.shape, dtype=bool)
    after[:, 5:] = True
    refusal = stats.design("poisson-did").fit(replace(panel, treated=after), stats.generator(1))
    assert isinstance(refusal, stats.Refusal) and "comparison-units" in refusal.preconditions


def test_the_event_study_gives_the_coefficients_of_a_regression_with_dummies() -> None:
    panel = small()
    ever = panel.ever_treated.astype(float)[:, None]
    steps = [ever * (np.arange(9) == step) for step in range(9) if step != 4]
    wanted = np.exp(np.insert(with_dummies(panel, steps), 4, 0.0))
    effect = stats.design("event-study").fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    np.testing.assert_allclose(effect.series[0].values, wanted, rtol=1e-8)


def test_units_without_population_in_some_periods_are_no_obstacle() -> None:
    """A district that was built later: nobody lived there at first."""
    panel = small()
    assert panel.population is not None
    population, outcome = panel.population.copy(), panel.outcome.copy()
    empty = int(np.flatnonzero(~panel.ever_treated)[0])
    population[empty, :3] = outcome[empty, :3] = 0
    for design in (stats.design("poisson-did"), stats.design("event-study"), stats.design("randomisation", strata=1)):
        result = design.fit(replace(panel, population=population, outcome=outcome), stats.generator(1))
        assert isinstance(result, stats.Effect), result.sentence()
        assert np.isfinite([result.estimate, *result.interval]).all()


@pytest.mark.parametrize(
    ("start", "periods", "width", "first", "before"),
    [
        (4, 8, 1, [0, 1, 2, 3, 4, 5, 6, 7], 4),
        (5, 10, 2, [0, 3, 5, 7], 2),
        (4, 9, 4, [0, 4], 1),
        (3, 5, 4, [0, 3], 1),
        (6, 7, 3, [0, 3, 6], 2),
    ],
)  # fmt: skip
def test_no_step_holds_time_before_and_after_the_start(
    start: int, periods: int, width: int, first: list[int], before: int
) -> None:
    bins = Bins.around(start, periods, width)
    assert (bins.first.tolist(), bins.before) == (first, before)
    assert bins.total(np.ones((1, periods))).sum() == periods


def test_a_drift_before_the_start_is_seen() -> None:
    panel = assaults()
    ever = np.arange(77) % 4 == 0
    drift = np.where(ever[:, None], np.exp(-0.04 * np.arange(24)), 1.0)
    treated = np.zeros((77, 24), dtype=bool)
    treated[ever, 12:] = True
    cut = panel.take(periods=np.arange(24))
    honest, drifting = (
        stats.design("poisson-did").fit(replace(cut, outcome=outcome, treated=treated), stats.generator(1))
        for outcome in (cut.outcome, cut.outcome * drift)
    )
    assert isinstance(honest, stats.Effect) and isinstance(drifting, stats.Effect)
    assert drifting.check("trend-before").state is stats.State.FAIL
    assert drifting.check("placebo-start").state is stats.State.FAIL
    assert honest.check("trend-before").state is not stats.State.FAIL


def test_one_large_area_is_pointed_at() -> None:
    panel = small()
    largest = int(np.flatnonzero(panel.ever_treated)[0])
    outcome = panel.outcome.copy()
    outcome[largest] *= 50
    effect = stats.design("poisson-did").fit(replace(panel, outcome=outcome), stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.check("dominance").state is stats.State.WARN
    assert panel.units[largest] in str(effect.check("dominance").meaning)


def test_few_unequal_units_widen_the_interval() -> None:
    treated = np.array([True, True, True, False, False, False, False])
    influence = np.array([0.1, -0.2, 0.1, 0.05, -0.05, 0.02, -0.02])
    even, uneven = (
        Groups.of(treated, information).uncertain(0.3, influence)
        for information in (np.ones(7), np.array([1, 8, 1, 1, 1, 1, 1.0]))
    )
    assert uneven.error > even.error
    assert (even.freedom, Uncertain(0.3, 0.0, 2).p) == (2, pytest.approx(0, abs=1e-300))


def test_a_joint_test_of_one_value_is_the_t_test() -> None:
    single = Uncertain(0.3, 0.2, 7)
    assert joint_p(np.array([0.3]), np.array([[0.04]]), 7) == pytest.approx(single.p)


def test_steps_without_events_are_refused_with_advice() -> None:
    panel = small(start=8)
    outcome = panel.outcome.copy()
    outcome[panel.ever_treated, 2] = 0
    quiet = replace(panel, outcome=outcome)
    refusal = stats.design("event-study").fit(quiet, stats.generator(1))
    assert isinstance(refusal, stats.Refusal)
    assert refusal.preconditions == ("events-in-every-bin",)
    assert "larger width" in refusal.sentence()
    assert isinstance(stats.design("event-study", width=2).fit(quiet, stats.generator(1)), stats.Effect)


@pytest.mark.parametrize("slug", ["poisson-did", "event-study"])
def test_too_few_units_with_any_event_are_refused(slug: str) -> None:
    panel = small()
    outcome = panel.outcome.copy()
    outcome[np.flatnonzero(panel.ever_treated)[:2]] = 0
    refusal = stats.design(slug).fit(replace(panel, outcome=outcome), stats.generator(1))
    assert isinstance(refusal, stats.Refusal) and refusal.preconditions == ("units-with-events",)
    assert "2 treated areas and 8 others with any burglaries" in refusal.sentence()


def test_a_quiet_past_is_noted_and_not_tested() -> None:
    """Events in one period before the start only: no drift can be seen."""
    panel = small()
    outcome = panel.outcome.copy()
    outcome[:, :4] = 0
    effect = stats.design("poisson-did").fit(replace(panel, outcome=outcome), stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.check("trend-before").state is stats.State.NOTE
    assert effect.check("placebo-start").state is stats.State.NOTE


def test_the_path_of_a_group_does_not_depend_on_which_unit_is_first() -> None:
    panel = small()
    bins = Bins.around(5, 9, 1)
    turned = panel.take(units=np.arange(12)[::-1])
    ours, theirs = (relative_path(one, one.ever_treated, bins) for one in (panel, turned))
    np.testing.assert_allclose(np.diff(ours.values), np.diff(theirs.values), rtol=1e-9)
