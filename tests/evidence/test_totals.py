"""Tests for a handful of totals give the published numbers and refuse what they cannot judge."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import poisson

from commonbeat.evidence import stats
from commonbeat.evidence.stats.displacement import nearest, ring_of
from commonbeat.evidence.stats.totals import dispersion_of_change


def test_the_example_of_wheeler_and_ratcliffe() -> None:
    """Crime fell from 207 to 110 where it was treated and rose from 308 to 318 in the control; the same around it."""
    found = stats.wdd(treated=(207, 110), control=(308, 318), displacement=(178, 157), displacement_control=(150, 140))
    assert (found.local, found.displaced, found.total) == (-107, -11, -118)
    assert found.error == pytest.approx(math.sqrt(1568))
    assert found.z == pytest.approx(-2.98, abs=0.005)
    assert [round(bound) for bound in found.interval] == [-196, -40]


def test_longer_windows_and_larger_controls_are_brought_to_one_measure() -> None:
    plain = stats.wdd(treated=(40, 30), control=(50, 50))
    longer = stats.wdd(treated=(80, 30), control=(100, 50), periods=(2, 1))
    assert longer.total == plain.total
    larger = stats.wdd(treated=(40, 30), control=(150, 150), matches=3)
    assert larger.total == plain.total
    assert larger.error == pytest.approx(math.sqrt(70 + 300 / 9))


def test_dispersion_widens_the_interval_by_its_root() -> None:
    one = stats.wdd(treated=(40, 30), control=(50, 50))
    four = stats.wdd(treated=(40, 30), control=(50, 50), dispersion=4)
    assert four.error == pytest.approx(2 * one.error)
    assert four.p > one.p


@pytest.mark.parametrize("wrong", [{"treated": (-1, 3)}, {"periods": (0, 1)}, {"dispersion": 0}])
def test_impossible_totals_are_explained(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"below zero|above zero"):
        stats.wdd(**({"treated": (1, 1), "control": (1, 1)} | wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "second", "p"), [(6, 2, 0.1749), (20, 10, 0.069), (0, 0, 1.0), (5, 5, 1.0)])
def test_the_e_test_gives_the_published_numbers(first: int, second: int, p: float) -> None:
    assert stats.e_test(first, second) == pytest.approx(p, abs=6e-4 if p == 0.069 else 5e-5)


def _every_table(first: int, second: int, exposure: float, other: float) -> float:
    """The definition, summed over every table up to 150 × 150."""
    rate = (first + second) / (exposure + other)
    counts = np.arange(150.0)
    a, b = np.meshgrid(counts, counts, indexing="ij")
    spread = np.sqrt(np.maximum(a / exposure**2 + b / other**2, 1e-300))
    far = np.abs(a / exposure - b / other) / spread
    far[0, 0] = 0
    chance = poisson.pmf(counts, rate * exposure)[:, None] * poisson.pmf(counts, rate * other)
    return float(chance[far >= far[first, second] * (1 - 1e-9)].sum())


def test_the_e_test_is_the_sum_over_all_tables_as_extreme() -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        first, second = (int(n) for n in rng.integers(0, 25, 2))
        exposure, other = (float(e) for e in rng.choice([0.5, 1, 2, 3.3], 2))
        if first + second:
            expected = _every_table(first, second, exposure, other)
            assert stats.e_test(first, second, exposure, other) == pytest.approx(min(expected, 1), abs=1e-9)


def test_the_e_test_takes_millions_of_events() -> None:
    assert stats.e_test(1_000_000, 1_000_000) == pytest.approx(1)
    assert stats.e_test(1_000_000, 1_004_000) == pytest.approx(2 * 0.00234, rel=0.02)  # z = 2.83


def test_the_interval_of_two_rates_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    runs = 600
    inside = 0
    for _ in range(runs):
        low, high = stats.rate_interval(int(rng.poisson(24)), int(rng.poisson(15)), 2, 1)
        inside += low <= 0.8 <= high
    assert 0.93 * runs <= inside <= 0.975 * runs


def test_dispersion_is_one_for_poisson_counts_and_more_for_waves() -> None:
    rng = np.random.default_rng(3)
    level = rng.gamma(2, 20, 4000)
    calm = dispersion_of_change(rng.poisson(level).astype(float), rng.poisson(0.7 * level).astype(float))
    assert calm == pytest.approx(1, abs=0.06)
    wave = rng.gamma(20, 1 / 20, (2, 4000))
    lively = dispersion_of_change(*(rng.poisson(level * wave)).astype(float))
    # A wave with variance 1/20 adds level² / 20 to each unit's Poisson variance; φ is the quotient of the two sums.
    assert lively == pytest.approx(1 + (level**2).sum() / level.sum() / 20, rel=0.1)


def test_each_area_gets_its_own_neighbours_in_level() -> None:
    past = np.array([10.0, 50.0, 9.0, 11.0, 49.0, 51.0, 200.0])
    chosen = nearest(past, np.array([0, 1]), np.arange(2, 7), 2)
    assert chosen.tolist() == [2, 3, 4, 5]


def test_rings_are_counted_from_the_nearest_treated_area() -> None:
    treated = np.zeros((5, 2), dtype=bool)
    treated[[0, 4], 1] = True
    panel = stats.Panel(
        units=tuple("abcde"),
        periods=("before", "after"),
        outcome=np.ones((5, 2)),
        treated=treated,
        coordinates=np.array([[0, 0], [500, 0], [800, 0], [2500, 0], [3200, 0]], dtype=float),
    )
    assert ring_of(panel, (500.0, 1000.0)).tolist() == [-1, 0, 1, 1, -1]


def test_crime_that_moves_next_door_is_seen_in_the_ring_and_not_in_the_control() -> None:
    rng = np.random.default_rng(11)
    side = 30
    grid = 500.0 * np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    treated = np.zeros((side * side, 2), dtype=bool)
    treated[[215, 225, 615, 625], 1] = True
    panel = stats.Panel(
        units=tuple(f"cell {i:03}" for i in range(side * side)),
        periods=("before", "after"),
        outcome=rng.poisson(60, treated.shape).astype(float),
        treated=treated,
        coordinates=grid,
    )
    outcome = panel.outcome.copy()
    near = ring_of(panel, (500.0, 1000.0)) == 0
    outcome[treated[:, 1], 1] = np.round(outcome[treated[:, 1], 1] * 0.4)
    outcome[near, 1] = np.round(outcome[near, 1] * 1.3)
    moved = stats.Panel(panel.units, panel.periods, outcome, treated, coordinates=grid)
    effect = stats.design("wdd-rings").fit(moved, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    rings = effect.series[0]
    assert rings.at == ("Treated", "0–500 m", "500–1000 m")
    assert rings.high[0] < 0 < rings.low[1]
    assert effect.check("displacement").state is stats.State.WARN
