"""Weights that reproduce totals: exact, nearest to equal, quick, and honest where there are none."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.optimize import minimize

from commonbeat.evidence.stats import calibrate


def blocks(units: int = 9642, treated: int = 39, periods: int = 12, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Columns (one, nine covariates, four sparse outcomes by quarter) and which blocks are treated."""
    rng = np.random.default_rng(seed)
    size = rng.gamma(0.7, 90, units)
    covariates = rng.poisson(size[:, None] * rng.uniform(0.02, 0.6, 9))
    busy = rng.gamma(0.5, 2, units)
    outcomes = [rng.poisson(busy[:, None] * mean, (units, periods)) for mean in (0.1, 0.1, 0.04, 1.4)]
    mask = np.zeros(units, dtype=bool)
    mask[rng.choice(units, treated, replace=False, p=busy / busy.sum())] = True
    return np.column_stack([np.ones(units), covariates, *outcomes]).astype(float), mask


def test_a_whole_city_of_blocks_is_matched_to_the_digit_in_less_than_a_second() -> None:
    columns, treated = blocks()
    totals, pool = columns[treated].sum(axis=0), columns[~treated]
    start = np.full(len(pool), treated.sum() / len(pool))
    began = time.process_time()
    found = calibrate(pool, totals, start=start)
    took = time.process_time() - began
    assert found.converged
    assert (found.weights >= 0).all()
    np.testing.assert_allclose(found.weights @ pool, totals, rtol=1e-8, atol=1e-8)
    assert took < 5  # `benchmarks/calibration.py` holds it to one second on a quiet machine


def test_no_other_weights_are_nearer_to_the_start() -> None:
    """Where a weight is above zero, weight / start − 1 is a combination of the columns; elsewhere it would be below."""
    columns, treated = blocks(units=2000, treated=25)
    totals, pool = columns[treated].sum(axis=0), columns[~treated]
    start = np.full(len(pool), treated.sum() / len(pool))
    weights = calibrate(pool, totals, start=start).weights
    inside = weights > 1e-9
    assert 60 < inside.sum() < len(pool)
    dual, *_ = np.linalg.lstsq(pool[inside], weights[inside] / start[inside] - 1, rcond=None)
    np.testing.assert_allclose(pool[inside] @ dual, weights[inside] / start[inside] - 1, atol=1e-6)
    assert (pool[~inside] @ dual <= -1 + 1e-6).all()


@pytest.mark.parametrize("bounds", [(0.0, np.inf), (0.2, 3.0), (-np.inf, np.inf)])
def test_a_general_solver_finds_the_same_weights(bounds: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    columns = np.column_stack([np.ones(30), rng.gamma(2, 1, (30, 3))])
    start = rng.uniform(0.5, 2, 30)
    totals = columns.T @ (start * rng.uniform(0.6, 1.8, 30))
    found = calibrate(columns, totals, start=start, bounds=bounds)
    other = minimize(
        lambda w: ((w - start) ** 2 / start).sum(),
        start,
        jac=lambda w: 2 * (w - start) / start,
        method="SLSQP",
        bounds=[(bounds[0] * s, bounds[1] * s) for s in start],
        constraints={"type": "eq", "fun": lambda w: w @ columns - totals, "jac": lambda w: columns.T},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert other.success
    np.testing.assert_allclose(found.weights, other.x, atol=1e-5)


def test_columns_that_say_the_same_twice_do_no_harm() -> None:
    columns, treated = blocks(units=500, treated=10, periods=2)
    double = np.column_stack([columns, columns[:, 1] + columns[:, 2], columns[:, 0]])
    start = np.full((~treated).sum(), 10 / (~treated).sum())
    once = calibrate(columns[~treated], columns[treated].sum(axis=0), start=start)
    twice = calibrate(double[~treated], double[treated].sum(axis=0), start=start)
    assert once.converged and twice.converged
    np.testing.assert_allclose(once.weights, twice.weights, atol=1e-7)


def test_totals_out_of_reach_are_noticed_early() -> None:
    columns = np.column_stack([np.ones(50), np.linspace(0, 1, 50)])
    found = calibrate(columns, np.array([5.0, 6.0]), start=np.full(50, 0.1))
    assert not found.converged
    assert found.steps < 50
    assert found.mean_square_error > 0.1


def test_slack_asks_for_a_total_only_as_nearly_as_possible() -> None:
    columns = np.column_stack([np.ones(50), np.linspace(0, 1, 50)])
    totals = np.array([5.0, 6.0])
    found = calibrate(columns, totals, start=np.full(50, 0.1), slack=np.array([0.0, 1e-4]))
    assert found.converged
    assert found.weights.sum() == pytest.approx(5)
    assert found.weights @ columns[:, 1] == pytest.approx(5, abs=0.15)  # five units can have at most five in total
    assert found.mean_square_error < 1e-12


@pytest.mark.parametrize(
    ("columns", "totals", "start", "message"),
    [
        (np.ones((3, 2)), np.ones(1), np.ones(3), "k totals"),
        (np.ones((3, 1)), np.array([np.nan]), np.ones(3), "finite"),
        (np.ones((3, 1)), np.ones(1), np.array([1.0, 0.0, 1.0]), "above zero"),
    ],
)
def test_bad_input_is_explained(columns: np.ndarray, totals: np.ndarray, start: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibrate(columns, totals, start=start)
