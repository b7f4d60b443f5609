"""Synthetic control and synthetic difference in differences give the numbers of the packages that people trust."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats import placebo, sdid
from commonbeat.evidence.stats.synthetic import Matching, SyntheticControl
from commonbeat.evidence.stats.synthetic_did import SyntheticDid

DATA = Path(__file__).parent / "data"


def cigarettes() -> stats.Panel:
    """California and 38 other states, 1970–2000: packs sold per head; a tax and campaign from 1989 on."""
    with (DATA / "prop99.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = {name: [row[name] for row in rows] for name in ("State", "Year")}
    return stats.Panel.from_long(
        table
        | {
            "packs": np.array([float(row["PacksPerCapita"]) for row in rows]),
            "treated": np.array([int(row["treated"]) for row in rows]),
        },
        unit="State",
        period="Year",
        outcome="packs",
        treated="treated",
        outcome_name="packs per head",
        unit_name="states",
        period_name="years",
    )


@pytest.mark.parametrize(
    ("weighting", "expected"), [("synthetic-did", -15.60383), ("synthetic-control", -19.61966), ("did", -27.34911)]
)
def test_proposition_99_gives_the_published_numbers(weighting: str, expected: float) -> None:
    effect = SyntheticDid(weighting=weighting).fit(cigarettes(), stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.estimate == pytest.approx(expected, abs=5e-6)


def test_the_other_two_estimates_stand_beside_the_declared_one() -> None:
    effect = SyntheticDid().fit(cigarettes(), stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.extra["estimate_synthetic_control"] == pytest.approx(-19.61966, abs=5e-6)
    assert effect.extra["estimate_did"] == pytest.approx(-27.34911, abs=5e-6)
    assert effect.extra["placebo_sets"] == 38
    assert 8 < effect.extra["standard_error"] < 11  # the paper prints 8.4 from placebo draws at random


def test_placebo_sets_found_side_by_side_are_those_found_one_by_one() -> None:
    panel = cigarettes()
    others = panel.outcome[~panel.ever_treated]
    real = stats.synthetic_did_weights(panel.outcome, panel.ever_treated, 19)
    sets = [np.array([3, 7]), np.array([0, 20]), np.array([11, 30])]
    together = sdid.placebos(others, sets, 19, real, stats.Weighting.SYNTHETIC_DID)
    alone = [sdid.placebos(others, [one], 19, real, stats.Weighting.SYNTHETIC_DID)[0] for one in sets]
    np.testing.assert_allclose(together, alone, rtol=1e-10)


def city(units: int = 300, treated: int = 12, periods: int = 10, start: int = 8, ratio: float = 0.6) -> stats.Panel:
    rng = np.random.default_rng(8)
    busy = rng.gamma(1, 6, units)
    income = rng.normal(50, 10, units)
    mask = np.zeros((units, periods), dtype=bool)
    mask[rng.choice(units, treated, replace=False), start:] = True
    outcome = rng.poisson(np.where(mask, ratio, 1) * busy[:, None], (units, periods)).astype(float)
    return stats.Panel(
        units=tuple(f"block {i:03}" for i in range(units)),
        periods=tuple(f"quarter {t:02}" for t in range(periods)),
        outcome=outcome,
        treated=mask,
        covariates={"income": income},
    )


def test_the_synthetic_control_has_the_same_covariates_and_the_same_past() -> None:
    panel = city()
    weights = SyntheticControl().weights(panel)
    treated = panel.ever_treated
    vector = np.array([weights[unit] for unit, mine in zip(panel.units, treated, strict=True) if not mine])
    assert vector.sum() == pytest.approx(treated.sum())
    np.testing.assert_allclose(vector @ panel.outcome[~treated][:, :8], panel.outcome[treated][:, :8].sum(axis=0))
    income = panel.covariates["income"]
    assert vector @ income[~treated] == pytest.approx(income[treated].sum())


def test_the_estimate_is_the_ratio_of_treated_to_weighted_events() -> None:
    panel = city()
    effect = SyntheticControl(placebos=39).fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    weights = SyntheticControl().weights(panel)
    expected = sum(w * panel.outcome[panel.units.index(unit), 8:].sum() for unit, w in weights.items())
    seen = panel.outcome[panel.ever_treated, 8:].sum()
    assert effect.estimate == pytest.approx(seen / expected)
    assert effect.events == pytest.approx(seen - expected)
    assert effect.check("balance").state is stats.State.PASS
    assert effect.clear and effect.estimate < 0.8


def test_a_place_unlike_all_others_is_matched_as_nearly_as_possible_and_says_so() -> None:
    panel = city()
    outcome = panel.outcome.copy()
    outcome[panel.ever_treated, :8] += np.arange(8) % 2 * 400  # no block swings like this
    match = Matching.of(stats.Panel(panel.units, panel.periods, outcome, panel.treated), 8).weigh(
        panel.ever_treated, ~panel.ever_treated
    )
    assert match.model == 3
    assert match.weights.sum() == pytest.approx(12)
    assert match.misfit > 30


def test_periods_that_cannot_all_be_met_keep_the_total_before() -> None:
    panel = city(units=60, treated=2, periods=40, start=36)
    treated = panel.ever_treated
    match = Matching.of(panel, 36).weigh(treated, ~treated)
    assert match.model == 2
    before = panel.outcome[:, :36].sum(axis=1)
    assert match.weights @ before[~treated] == pytest.approx(before[treated].sum())


def test_p_value_and_interval_agree() -> None:
    """An interval leaves “no difference” out exactly when the p-value is at most 1 − level."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        spread = rng.normal(size=99)
        found = 2 * rng.normal()
        low, high = placebo.interval(found, 1.0, spread, 0.95)
        assert (placebo.share_as_large(found, spread) <= 0.05) == (not low <= 0 <= high)


def test_placebo_sets_are_different_and_complete_where_there_are_few() -> None:
    few = {tuple(s) for s in placebo.placebo_sets(5, 2, 250, np.random.default_rng(1))}
    assert len(few) == 10
    many = [tuple(s) for s in placebo.placebo_sets(200, 5, 250, np.random.default_rng(1))]
    assert len(set(many)) == len(many) == 250
