"""Gaps between groups: found where there is one, told as chance where there is none, silent where few are behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats import gaps
from commonbeat.evidence.stats.simulate import Shape, simulate

SHAPE = Shape(units=50, treated=20, periods=16, start=8, mean=20)


def groups(seed: int, one: float, other: float) -> tuple[stats.Panel, stats.Panel]:
    """Half of the treated places have one effect, half another; both are compared with all the rest."""
    made = simulate(stats.Situation.MANY_AREAS, stats.generator(seed), shape=SHAPE)
    panel, rng = made.panel, stats.generator(seed + 1)
    mine = np.flatnonzero(panel.ever_treated)
    first = np.isin(np.arange(50), mine[::2])
    ratio = np.where(panel.treated, np.where(first[:, None], one, other), 1.0)
    panel = replace(panel, outcome=rng.poisson(ratio * made.without).astype(float))
    others = ~panel.ever_treated
    return panel.take(units=first | others), panel.take(units=(panel.ever_treated & ~first) | others)


def test_gaps_of_known_size_are_right_about_as_often_as_they_say() -> None:
    found = [gaps.gap(*groups(seed, 0.8, 0.8)) for seed in range(150)]
    known = [gaps.gap(*groups(900 + seed, 0.6, 0.9)) for seed in range(150)]
    assert all(isinstance(gap, gaps.Gap) for gap in (*found, *known))
    assert 0.01 <= np.mean([gap.clear for gap in found]) <= 0.09  # type: ignore[union-attr]
    assert 0.9 <= np.mean([gap.interval[0] <= 0.6 / 0.9 <= gap.interval[1] for gap in known]) <= 0.99  # type: ignore[union-attr]


def test_a_gap_between_sorts_of_incidents_of_the_same_places() -> None:
    made = simulate(stats.Situation.MANY_AREAS, stats.generator(4), shape=SHAPE)
    rng = stats.generator(5)
    one, other = (
        replace(made.panel, outcome=rng.poisson(np.where(made.panel.treated, ratio, 1) * made.without).astype(float))
        for ratio in (0.5, 1.0)
    )
    found = gaps.gap(one, other)
    assert isinstance(found, gaps.Gap) and found.clear and found.gap < 0.7 and found.units == (20, 20)
    back = gaps.gap(other, one)
    assert isinstance(back, gaps.Gap)
    np.testing.assert_allclose((back.gap, back.p), (1 / found.gap, found.p))
    assert gaps.gap(one, other) == found


def test_groups_of_few_events_or_places_are_not_told() -> None:
    one, other = groups(1, 0.8, 0.8)
    rare = replace(
        one,
        outcome=(one.outcome > 34).astype(float) * one.ever_treated[:, None] + one.outcome * ~one.ever_treated[:, None],
    )
    refusal = gaps.gap(rare, other)
    assert isinstance(refusal, stats.Refusal) and refusal.preconditions == ("events-of-groups",), refusal
    two = one.take(units=np.flatnonzero(~one.ever_treated).tolist() + np.flatnonzero(one.ever_treated)[:2].tolist())
    few = gaps.gap(two, other)
    assert isinstance(few, stats.Refusal) and few.preconditions == ("treated-units",)
