"""Survey estimates against published numbers, numbers worked out by hand, and samples drawn from a known population."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from commonbeat.evidence.stats import raking, survey
from commonbeat.evidence.stats.survey import Sample


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_shares_of_a_simple_sample_have_the_exact_interval_of_newcombe_1998(
    yes: int, n: int, low: float, high: float
) -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 5."""
    found = survey.share([1] * yes + [0] * (n - yes), Sample.of(np.full(n, 3.7)))
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.value == pytest.approx(yes / n) and found.n == n and found.effective_n == pytest.approx(n)


def test_a_simple_sample_has_the_standard_error_of_every_textbook() -> None:
    found = survey.mean([1, 2, 3, 4], Sample.of(np.ones(4)))
    assert (found.value, found.error) == (2.5, pytest.approx(1.2909944 / 2))
    assert found.high - found.value == pytest.approx(t.ppf(0.975, 3) * 0.6454972)


def test_strata_and_clusters_by_hand() -> None:
    y, weights, strata = [2.0, 4, 6, 10, 14], [10, 10, 10, 20, 20], [1, 1, 1, 2, 2]
    layered = survey.mean(y, Sample.of(weights, strata=strata))
    # Means 4 and 12, variances 4 and 8, shares of the population 30/70 and 40/70.
    assert layered.value == pytest.approx(4 * 3 / 7 + 12 * 4 / 7)
    assert layered.error**2 == pytest.approx((3 / 7) ** 2 * 4 / 3 + (4 / 7) ** 2 * 8 / 2)
    assert layered.freedom == 3
    clustered = survey.mean([1, 3, 5, 7, 2, 4], Sample.of(np.ones(6), clusters=["a", "a", "b", "b", "c", "c"]))
    # Means of equal clusters: 2, 6, 3.
    assert clustered.error**2 == pytest.approx(np.var([2, 6, 3], ddof=1) / 3)
    assert clustered.freedom == 2


def test_a_ratio_with_unequal_weights_by_hand() -> None:
    found = survey.mean([1, 0, 0], Sample.of([2, 1, 1]))
    # The mean is 1/2; z = 2·½/4, −½/4, −½/4 with mean 0; 3/2 times the sum of squares.
    assert found.value == 0.5 and found.error**2 == pytest.approx(1.5 * (0.0625 + 2 * 0.015625))


def test_a_group_is_part_of_the_whole_sample() -> None:
    rng = np.random.default_rng(5)
    y, weights, group = rng.normal(size=400), rng.uniform(1, 4, 400), rng.random(400) < 0.3
    sample = Sample.of(weights)
    one, other = survey.mean(y, sample, among=group), survey.mean(y, sample, among=~group)
    apart = survey.gap(y, sample, one=group, other=~group)
    assert apart.value == pytest.approx(one.value - other.value)
    # Different people of a simple sample: errors add up, but for the chance in the size of the groups.
    assert apart.error == pytest.approx(np.hypot(one.error, other.error), rel=0.01)
    missing = np.where(np.arange(400) % 7 == 0, np.nan, y)
    assert survey.mean(missing, sample).n == 400 - 58
    moved = survey.change(one, other)
    assert moved.value == pytest.approx(-apart.value) and moved.is_clear == apart.is_clear


def test_what_cannot_be_estimated_is_refused() -> None:
    with pytest.raises(survey.TooFew):
        survey.mean([np.nan, np.nan], Sample.of([1, 1]))
    with pytest.raises(survey.TooFew):
        survey.mean([1, 2, 3], Sample.of(np.ones(3), clusters=[1, 1, 1]))
    with pytest.raises(survey.SurveyError, match="both"):
        survey.gap([1, 2, 3], Sample.of(np.ones(3)), one=[1, 1, 0], other=[0, 1, 1])
    with pytest.raises(survey.SurveyError):
        Sample.of([1, -1])


def test_nineteen_intervals_of_twenty_hold_the_truth() -> None:
    """A stratified sample with unequal weights of a population whose mean, share and gap are known."""
    rng = np.random.default_rng(11)
    sizes, takes = np.array([4000, 6000, 10000]), np.array([60, 60, 80])
    layer = np.repeat([0, 1, 2], sizes)
    young = rng.random(20000) < np.array([0.2, 0.5, 0.4])[layer]
    y = rng.normal(np.array([3.0, 4.0, 2.5])[layer] + 0.5 * young, 1.0)
    yes = (y > 3.5).astype(float)
    truth = y.mean(), yes.mean(), y[young].mean() - y[~young].mean()
    weights, strata = np.repeat(sizes / takes, takes), np.repeat([0, 1, 2], takes)
    sample, runs, held = Sample.of(weights, strata=strata), 600, np.zeros(3)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for _ in range(runs):
        asked = np.concatenate([starts[h] + rng.choice(sizes[h], takes[h], replace=False) for h in range(3)])
        found = (
            survey.mean(y[asked], sample), survey.share(yes[asked], sample),
            survey.gap(y[asked], sample, one=young[asked], other=~young[asked]),
        )  # fmt: skip
        held += [one.low <= true <= one.high for one, true in zip(found, truth, strict=True)]
    assert (held / runs >= 0.93).all() and (held / runs <= 0.98).all(), held / runs


def test_trimmed_weights_stay_under_the_limit_and_say_what_they_miss() -> None:
    rng = np.random.default_rng(4)
    answers = {"age": rng.choice(["young", "old"], 400, p=[0.05, 0.95]), "home": rng.choice(["rents", "owns"], 400)}
    margins = {"age": {"young": 400.0, "old": 600.0}, "home": {"rents": 500.0, "owns": 500.0}}
    free = raking.rake(answers, margins)
    cut = raking.rake_trimmed(answers, margins, most=3)
    assert cut.weights.max() <= 3 * cut.weights.mean() * (1 + 1e-9)
    assert cut.weights.sum() == pytest.approx(1000) and cut.trimmed > 0 and cut.largest > 3
    assert cut.effective_n > free.effective_n and 0.1 < cut.misfit < 1
    loose = raking.rake_trimmed(answers, margins, most=50)
    assert loose.trimmed == 0 and loose.converged and np.allclose(loose.weights, free.weights)
    with pytest.raises(raking.RakingError):
        raking.rake_trimmed(answers, margins, most=1)
