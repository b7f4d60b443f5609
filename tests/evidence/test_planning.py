"""What a study could see, and what to expect of places by themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats import planning
from commonbeat.evidence.stats.simulate import SHAPES, simulate
from tests.evidence.chicago import assaults


@pytest.mark.parametrize(("pool", "events"), [(1.0, 322.7), (math.inf, 148.3)])
def test_a_drop_of_thirty_percent_needs_this_many_events(pool: float, events: float) -> None:
    assert planning.events_needed(0.3, pool=pool) == pytest.approx(events, abs=0.05)
    assert planning.events_needed(0.3, pool=pool, dispersion=1.5) == pytest.approx(1.5 * events, abs=0.1)
    assert planning.smallest_detectable(events, events * pool) == pytest.approx(0.3, abs=1e-4)


def test_more_places_time_or_events_show_smaller_changes() -> None:
    plain = planning.smallest_detectable(500, 5000)
    assert plain is not None
    for better in (
        planning.smallest_detectable(900, 5000), planning.smallest_detectable(500, 9000),
        planning.smallest_detectable(500, 5000, after=2), planning.smallest_detectable(500, 5000, power=0.5),
    ):  # fmt: skip
        assert better is not None and better < plain
    few = planning.smallest_detectable(500, 5000, freedom=4)
    assert few is not None and few > plain


def test_a_hopeless_study_is_told_so() -> None:
    assert planning.smallest_detectable(3, 1000) is None
    hopeless = planning.Detectable(None, 3, 1000, 1.0, 0.8, 0.95, "robberies")
    assert "could not show even a complete stop" in hopeless.sentence()


@pytest.mark.parametrize("reduction", [0, -0.2, 1.5])
def test_a_reduction_is_a_share(reduction: float) -> None:
    with pytest.raises(ValueError, match="share above 0"):
        planning.events_needed(reduction)


def test_hot_spots_cool_down_by_themselves() -> None:
    """The top 5 % of Chicago's community areas, 2010–19, without any programme."""
    one, six = (planning.regression_to_the_mean(assaults(), np.arange(4), window=window) for window in (1, 6))
    assert isinstance(one, planning.Regression) and isinstance(six, planning.Regression)
    assert one.change == pytest.approx(-0.06, abs=0.005)
    assert six.change == pytest.approx(-0.03, abs=0.005)
    assert one.low < one.net < one.high
    assert "-6 % by themselves" in one.sentence()


def test_places_chosen_without_looking_do_not_cool_down() -> None:
    everywhere = planning.regression_to_the_mean(assaults(), np.arange(77), window=6)
    assert isinstance(everywhere, planning.Regression)
    assert everywhere.net == pytest.approx(0, abs=1e-12)


def test_ranks_are_counted_from_the_place_with_most_events() -> None:
    chosen = np.array([True, False, True, False])
    assert planning.ranks_of(chosen, np.array([5.0, 9.0, 1.0, 3.0])).tolist() == [1, 3]


def test_a_short_history_is_refused() -> None:
    refusal = planning.regression_to_the_mean(assaults().take(periods=np.arange(20)), np.arange(4), window=6)
    assert isinstance(refusal, stats.Refusal)
    assert "20 months" in refusal.sentence() and "23" in refusal.sentence()
    alone = planning.detectable(assaults(), np.arange(77) < 1, before=12, after=12)
    assert isinstance(alone, stats.Refusal) and alone.preconditions == ("treated-units",)


def test_dispersion_of_windows_is_one_for_pure_chance_and_more_in_chicago() -> None:
    chance = np.random.default_rng(1).poisson(20, (300, 24)).astype(float)
    assert planning.window_dispersion(chance, 6) == pytest.approx(1, abs=0.1)
    assert 1.2 <= planning.window_dispersion(assaults().outcome, 6) <= 1.6


def test_what_is_promised_to_be_detectable_is_found_about_four_times_in_five() -> None:
    situation = stats.Situation.MANY_AREAS
    start, hits, runs = SHAPES[situation].start, 0, 60
    for seed in range(runs):
        calm = simulate(situation, stats.generator(seed)).panel
        plan = planning.detectable(
            calm.take(periods=np.arange(start)), calm.ever_treated, before=start, after=len(calm.periods) - start
        )
        assert isinstance(plan, planning.Detectable) and plan.reduction is not None
        real = simulate(situation, stats.generator(seed), ratio=1 - plan.reduction).panel
        effect = stats.design("poisson-did").fit(real, stats.generator(seed))
        assert isinstance(effect, stats.Effect)
        hits += effect.p < 0.05
    assert 0.65 <= hits / runs <= 0.92
