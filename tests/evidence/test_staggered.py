"""Staggered starts: the published numbers, and what a plain two-way regression does wrong."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.cohorts import Cohorts
from commonbeat.evidence.stats.simulate import Shape, simulate

DATA = Path(__file__).parent / "data"


def castle() -> tuple[stats.Panel, np.ndarray]:
    """Log homicide in 50 states, 21 of which passed a castle doctrine law between 2005 and 2009; and populations."""
    with (DATA / "castle.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = {name: np.array([float(row[name]) for row in rows]) for name in ("log_homicide", "post", "population")}
    names = {name: [row[name] for row in rows] for name in ("state", "year")}
    panel = stats.Panel.from_long(
        table | names, unit="state", period="year", outcome="log_homicide", treated="post", covariates=["population"]
    )
    return panel, panel.covariates["population"]


def test_two_way_regression_gives_the_numbers_of_the_castle_study() -> None:
    panel, population = castle()
    assert stats.two_way(panel.outcome, panel.treated).coefficient == pytest.approx(0.0694, abs=5e-5)
    weighted = stats.two_way(panel.outcome, panel.treated, population)
    assert weighted.coefficient == pytest.approx(0.0755, abs=5e-5)
    assert weighted.error == pytest.approx(0.0332, abs=5e-5)


def test_two_way_regression_is_least_squares_with_dummies() -> None:
    rng = np.random.default_rng(5)
    outcome, weights = rng.normal(size=(12, 6)), rng.uniform(1, 3, 12)
    treated = rng.random((12, 6)) < 0.3
    dummies = np.column_stack([treated.ravel(), np.kron(np.eye(12), np.ones((6, 1))), np.tile(np.eye(6), (12, 1))])
    root = np.sqrt(np.repeat(weights, 6))
    solved, *_ = np.linalg.lstsq(dummies * root[:, None], outcome.ravel() * root, rcond=None)
    assert stats.two_way(outcome, treated, weights).coefficient == pytest.approx(solved[0])


def test_treatment_that_units_and_periods_explain_has_no_coefficient() -> None:
    treated = np.zeros((4, 3), dtype=bool)
    treated[:, 2] = True
    with pytest.raises(ValueError, match="does not vary"):
        stats.two_way(np.ones((4, 3)), treated)


def test_the_parts_of_goodman_bacon_make_up_the_two_way_coefficient() -> None:
    panel, _ = castle()
    parts = stats.decompose(panel.outcome, panel.adoption)
    assert sum(part.weight for part in parts) == pytest.approx(1)
    total = sum(part.weight * part.estimate for part in parts)
    assert total == pytest.approx(stats.two_way(panel.outcome, panel.treated).coefficient, abs=1e-12)
    shares = {kind: sum(part.weight for part in parts if part.comparison is kind) for kind in stats.Comparison}
    assert shares[stats.Comparison.NEVER_TREATED] == pytest.approx(0.8988, abs=1e-4)
    assert shares[stats.Comparison.ALREADY_TREATED] == pytest.approx(0.0241, abs=1e-4)


def test_without_units_that_never_start_the_parts_still_add_up() -> None:
    panel, _ = castle()
    some = panel.take(units=panel.ever_treated)
    parts = stats.decompose(some.outcome, some.adoption)
    total = sum(part.weight * part.estimate for part in parts)
    assert total == pytest.approx(stats.two_way(some.outcome, some.treated).coefficient, abs=1e-12)


@pytest.mark.parametrize(
    ("not_yet", "estimate", "error", "fourth"),
    [(False, 0.0194028080, 0.0383886467, 0.23222), (True, 0.0174120443, 0.0396204677, 0.23222)],
)
def test_group_time_effects_agree_with_an_independent_package(
    not_yet: bool, estimate: float, error: float, fourth: float
) -> None:
    """Numbers of diff-diff 3 (Python), which follows the R package did: base period varying, no covariates."""
    panel, _ = castle()
    cells = stats.group_time(panel.outcome, panel.adoption, not_yet=not_yet)
    mean = cells.mean(cells.since_start())
    assert mean.estimate == pytest.approx(estimate, abs=1e-9)
    assert mean.error == pytest.approx(error, abs=1e-9)
    assert cells.mean(cells.at(4)).estimate == pytest.approx(fourth, abs=5e-6)
    if not not_yet:
        assert cells.mean(cells.at(-2)).estimate == pytest.approx(-0.05792, abs=5e-6)
        assert cells.mean(cells.at(-2)).error == pytest.approx(0.04377, abs=5e-6)


def growing() -> stats.Panel:
    """All start sooner or later but ten; the effect starts small and grows: −2 after one period, −4 after two …"""
    rng = np.random.default_rng(9)
    adoption = np.repeat([4, 10, -1], [20, 20, 10])
    periods = np.arange(20)
    since = np.where(adoption[:, None] >= 0, periods - adoption[:, None] + 1, 0)
    treated = (since > 0) & (adoption[:, None] >= 0)
    outcome = 100 + rng.normal(0, 1, (50, 1)) + rng.normal(0, 0.5, treated.shape) - 2.0 * np.where(treated, since, 0)
    return stats.Panel(
        tuple(f"area {i:02}" for i in range(50)), tuple(f"month {t:02}" for t in periods), outcome, treated
    )


def test_an_effect_that_grows_misleads_the_two_way_regression_and_not_the_design() -> None:
    panel = growing()
    true = float((panel.outcome[panel.treated] - 100).mean())
    assert stats.two_way(panel.outcome, panel.treated).coefficient > 0.75 * true  # both below zero: much too small
    effect = stats.design("callaway-santanna").fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.estimate == pytest.approx(true, abs=1)
    assert effect.interval[0] <= true <= effect.interval[1]
    parts = stats.decompose(panel.outcome, panel.adoption)
    forbidden = sum(part.weight for part in parts if part.comparison is stats.Comparison.ALREADY_TREATED)
    assert forbidden > 0.15
    assert f"{100 * forbidden:.0f} %" in str(effect.check("two-way-weights").meaning)


def test_with_one_start_the_poisson_design_is_the_ratio_of_four_totals() -> None:
    panel = simulate(stats.Situation.FEW_AREAS, stats.generator(3), ratio=0.7).panel
    panel = replace(panel, population=panel.exposure[:, 0])
    effect = stats.design("staggered-poisson").fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    ever, start = panel.ever_treated, panel.starts[0]
    corner = [
        panel.outcome[who][:, when].sum() for who in (ever, ~ever) for when in (slice(0, start), slice(start, None))
    ]
    assert effect.estimate == pytest.approx(corner[1] / corner[0] / (corner[3] / corner[2]))


def test_the_normal_course_is_the_poisson_maximum_likelihood_of_untreated_cells() -> None:
    """At the maximum, expected and observed events agree for each group and each period, over untreated cells."""
    panel = simulate(stats.Situation.STAGGERED, stats.generator(3), ratio=0.7).panel
    cohorts = Cohorts.of(panel.outcome, panel.exposure, panel.adoption)
    seen, expected = cohorts._cells
    gap = (seen - expected) * cohorts.untreated
    np.testing.assert_allclose(gap.sum(axis=2), 0, atol=1e-6)
    np.testing.assert_allclose(gap.sum(axis=1), 0, atol=1e-6)


@pytest.mark.parametrize("slug", ["staggered-poisson", "callaway-santanna"])
def test_few_areas_in_each_start_do_not_make_it_overconfident(slug: str) -> None:
    shape = Shape(units=77, treated=6, periods=24, start=8, mean=15, starts=3, gap=4)
    rejected = 0
    for seed in range(120):
        panel = simulate(stats.Situation.STAGGERED, stats.generator(seed), shape=shape).panel
        effect = stats.design(slug).fit(panel, stats.generator(seed))
        assert isinstance(effect, stats.Effect)
        rejected += effect.p < 0.05
    assert rejected <= 12


def test_starts_pretended_earlier_expose_a_trend_that_was_there_before() -> None:
    panel = simulate(stats.Situation.STAGGERED, stats.generator(3)).panel
    drift = np.where(panel.ever_treated[:, None], 1 - 0.03 * np.arange(len(panel.periods)), 1)
    drifting = replace(panel, outcome=np.round(panel.outcome * drift * 10))
    effect = stats.design("staggered-poisson").fit(drifting, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.check("placebo-start").state is stats.State.WARN
    differences = stats.design("callaway-santanna").fit(drifting, stats.generator(1))
    assert isinstance(differences, stats.Effect)
    assert differences.check("trend-before").state is stats.State.WARN
