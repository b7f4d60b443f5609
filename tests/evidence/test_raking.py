"""Survey weights meet every margin, say what they cost, and explain what cannot be met."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.raking import rake_codes


def survey(respondents: int = 3000, seed: int = 1) -> tuple[dict[str, np.ndarray], dict[str, dict[Any, float]]]:
    rng = np.random.default_rng(seed)
    answers = {
        "age": rng.choice(["18–29", "30–59", "60+"], respondents, p=[0.1, 0.4, 0.5]),
        "home": rng.choice(["rents", "owns"], respondents, p=[0.3, 0.7]),
        "area": rng.integers(1, 8, respondents),
    }
    margins: dict[str, dict[Any, float]] = {
        "age": {"18–29": 200, "30–59": 500, "60+": 300},
        "home": {"rents": 550, "owns": 450},
        "area": dict.fromkeys(range(1, 8), 1000 / 7),
    }
    return answers, margins


def test_every_margin_is_met() -> None:
    answers, margins = survey()
    raked = stats.rake(answers, margins)
    assert raked.converged
    for name, margin in margins.items():
        for category, total in margin.items():
            assert raked.weights[answers[name] == category].sum() == pytest.approx(total, rel=1e-7)
    assert raked.weights.sum() == pytest.approx(1000)


def test_a_weight_is_the_design_weight_times_one_factor_for_each_answer() -> None:
    answers, margins = survey()
    start = np.random.default_rng(2).uniform(0.5, 2, 3000)
    factor = np.log(stats.rake(answers, margins, start=start).weights / start)
    dummies = np.column_stack([answers[name] == category for name, margin in margins.items() for category in margin])
    solved, *_ = np.linalg.lstsq(dummies.astype(float), factor, rcond=None)
    np.testing.assert_allclose(dummies @ solved, factor, atol=1e-8)


def test_more_combinations_than_respondents_give_the_same_weights() -> None:
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, size, 4000) for size in (40, 50, 60, 70)]
    totals = [
        np.bincount(code, minlength=int(code.max()) + 1) * rng.uniform(0.8, 1.2, int(code.max()) + 1) for code in codes
    ]
    totals = [total / total.sum() * 4000 for total in totals]
    raked = rake_codes(codes, totals)
    plain = np.ones(4000)
    for _ in range(raked.rounds):
        for code, total in zip(codes, totals, strict=True):
            plain *= (total / np.bincount(code, plain))[code]
    assert raked.converged
    np.testing.assert_allclose(raked.weights, plain, rtol=1e-10)


def test_unequal_weights_cost_certainty() -> None:
    answers, margins = survey()
    raked = stats.rake(answers, margins)
    assert 1000 < raked.effective_n < 2500
    assert raked.design_effect == pytest.approx(3000 / raked.effective_n)


def test_margins_that_the_sample_cannot_meet_together_are_noticed() -> None:
    answers = {"a": np.array([0, 0, 1, 1]), "b": np.array([0, 0, 1, 1])}
    raked = stats.rake(answers, {"a": {0: 2.0, 1: 2.0}, "b": {0: 3.0, 1: 1.0}}, rounds=50)
    assert not raked.converged
    assert raked.misfit > 0.1


@pytest.mark.parametrize(
    ("margin", "message"),
    [
        ({"x": 5.0}, "no total for 'y'"),
        ({"x": 4.0, "y": 4.0, "z": 2.0}, "Nobody answered 'z'"),
        ({"x": 5.0, "y": 0.0}, "above zero"),
        ({"x": 5.0, "y": 6.0}, "must agree"),
    ],
)
def test_what_does_not_fit_is_explained(margin: dict[str, float], message: str) -> None:
    answers = {"age": np.array(["young", "old"]), "home": np.array(["x", "y"])}
    with pytest.raises(stats.RakingError, match=message):
        stats.rake(answers, {"age": {"young": 5, "old": 5}, "home": margin})


def test_design_weights_must_be_above_zero() -> None:
    answers, margins = survey(respondents=50)
    with pytest.raises(stats.RakingError, match="above zero"):
        stats.rake(answers, margins, start=np.zeros(50))
