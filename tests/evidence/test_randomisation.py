"""Moving the programme to other places, against counting by hand and against history."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import Shape, simulate
from commonbeat.evidence.stats.strata import baseline_strata, log_assignments, moved
from tests.evidence.chicago import assaults

SMALL = Shape(units=14, treated=4, periods=10, start=5, mean=20)


def small(ratio: float, seed: int = 3) -> stats.Panel:
    return simulate(stats.Situation.MANY_AREAS, stats.generator(seed), ratio=ratio, shape=SMALL).panel


def every_assignment_p(panel: stats.Panel) -> float:
    """The exact p-value from all ways to choose as many units, by the definition and without matrices."""
    before, after = panel.outcome[:, :5].sum(axis=1), panel.outcome[:, 5:].sum(axis=1)
    real = frozenset(np.flatnonzero(panel.ever_treated).tolist())
    totals = panel.outcome.sum(axis=1)
    share = (
        after.sum() / panel.outcome.sum()
    )  # populations are constant: the same share is due after the start everywhere
    statistics, errors, index = [], [], 0
    for number, chosen in enumerate(combinations(range(14), 4)):
        index = number if frozenset(chosen) == real else index
        inside = np.isin(np.arange(14), chosen)
        value = error = 0.0
        for sign, group in ((1, inside), (-1, ~inside)):
            due = totals[group].sum()
            value += sign * math.log((after[group].sum() + 0.5) / (due * share + 0.5))
            value -= sign * math.log((before[group].sum() + 0.5) / (due * (1 - share) + 0.5))
            error += 1 / (after[group].sum() + 0.5) + 1 / (before[group].sum() + 0.5)
        statistics.append(value)
        errors.append(math.sqrt(error))
    distance = np.abs(np.array(statistics) - np.mean(statistics)) / np.array(errors)
    return float((distance >= distance[index] - 1e-12).mean())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drawn_assignments_give_the_p_value_of_all_assignments(seed: int) -> None:
    panel = small(0.9, seed)
    effect = stats.design("randomisation", strata=1, permutations=4000).fit(panel, stats.generator(1))
    assert isinstance(effect, stats.Effect)
    assert effect.p == pytest.approx(every_assignment_p(panel), abs=0.03)


@pytest.mark.parametrize("seed", range(12))
def test_the_interval_leaves_no_difference_out_exactly_when_the_test_rejects(seed: int) -> None:
    effect = stats.design("randomisation", strata=2).fit(small(0.85, seed), stats.generator(seed))
    assert isinstance(effect, stats.Effect)
    assert effect.clear == (effect.p <= 0.05)


def test_the_programme_stays_within_groups_of_similar_places() -> None:
    panel = small(1.0)
    stratum = baseline_strata(panel, 3)
    assert sorted(np.bincount(stratum).tolist()) == [4, 5, 5]
    before = panel.outcome[:, :5].sum(axis=1)
    assert before[stratum == 0].max() <= before[stratum == 2].min()
    draws = moved(panel.ever_treated, stratum, 200, stats.generator(1))
    for group in range(3):
        assert (draws[:, stratum == group].sum(axis=1) == panel.ever_treated[stratum == group].sum()).all()
    assert len(np.unique(draws, axis=0)) > 20


def test_the_number_of_assignments_is_that_of_choosing_within_groups() -> None:
    treated = np.array([True, False, False, True, True, False])
    stratum = np.array([0, 0, 0, 1, 1, 1])
    assert math.exp(log_assignments(treated, stratum)) == pytest.approx(3 * 3)


def test_a_fake_programme_in_the_hottest_places_is_rarely_found() -> None:
    """Chicago, no programme: five of the ten hottest areas get a fake one; comparing before and after finds plenty."""
    panel, found, naive, runs = assaults(), 0, 0, 60
    rng = stats.generator(5)
    for _ in range(runs):
        start = int(rng.integers(6, 114))
        cut = panel.take(periods=np.arange(start - 6, start + 6))
        hottest = np.argsort(-cut.outcome[:, :6].sum(axis=1))[:10]
        treated = np.zeros(cut.shape, dtype=bool)
        treated[rng.choice(hottest, 5, replace=False), 6:] = True
        effect = stats.design("randomisation").fit(replace(cut, treated=treated), rng)
        assert isinstance(effect, stats.Effect)
        found += effect.p < 0.05
        before, after = effect.sizes.before, effect.sizes.after
        naive += abs(math.log(after / before)) > 1.96 * math.sqrt(1 / after + 1 / before)
    assert naive / runs > 0.5
    assert found / runs <= 0.12
