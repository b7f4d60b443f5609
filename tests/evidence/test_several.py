"""Several outcomes are not several chances to be right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats import several
from commonbeat.evidence.stats.simulate import Shape, simulate

SHAPE = Shape(units=40, treated=10, periods=10, start=5, mean=20)


def outcomes(seed: int, ratios: tuple[float, ...]) -> dict[str, stats.Panel]:
    """Outcomes of the same places, with the programme in the same ones."""
    panels = [
        simulate(stats.Situation.MANY_AREAS, stats.generator(1000 * seed), ratio=ratio, shape=SHAPE) for ratio in ratios
    ]
    rng, first = stats.generator(seed), panels[0].panel
    return {
        f"outcome {number}": replace(
            first, outcome=rng.poisson(np.where(first.treated, one.ratio, 1) * one.without).astype(float)
        )
        for number, one in enumerate(panels)
    }


def test_false_discovery_gives_the_numbers_of_the_textbook() -> None:
    """Benjamini and Hochberg (1995), as R's p.adjust(method = "BH") gives them."""
    given = [0.01, 0.02, 0.03, 0.04, 0.05]
    assert several.false_discovery(given) == pytest.approx([0.05] * 5)
    assert several.false_discovery([0.04, 0.001, 0.9, 0.02]) == pytest.approx([0.16 / 3, 0.004, 0.9, 0.04])
    assert several.false_discovery([]) == ()
    with pytest.raises(ValueError, match="between 0 and 1"):
        several.false_discovery([0.5, 1.2])


def test_an_outcome_with_an_effect_is_found_among_others() -> None:
    adjusted = several.stepdown(outcomes(4, (1.0, 0.6, 1.0)), stats.generator(1))
    assert isinstance(adjusted, dict)
    assert adjusted["outcome 1"] < 0.05 < min(adjusted["outcome 0"], adjusted["outcome 2"])


def test_one_outcome_needs_no_adjustment() -> None:
    single = outcomes(2, (0.9,))
    adjusted = several.stepdown(single, stats.generator(1))
    effect = stats.design("randomisation").fit(single["outcome 0"], stats.generator(1))
    assert isinstance(adjusted, dict) and isinstance(effect, stats.Effect)
    assert adjusted["outcome 0"] == pytest.approx(effect.p)


def test_ten_outcomes_without_effect_rarely_give_a_finding() -> None:
    plan = stats.design("randomisation", permutations=199)
    alone = together = 0
    for seed in range(20):
        panels = outcomes(seed, (1.0,) * 10)
        adjusted = several.stepdown(panels, stats.generator(seed), plan)  # type: ignore[arg-type]
        assert isinstance(adjusted, dict)
        together += min(adjusted.values()) <= 0.05
        alone += any(plan.fit(panel, stats.generator(seed)).p <= 0.05 for panel in panels.values())  # type: ignore[union-attr]
    assert together <= 3
    assert alone >= 5  # looking at each alone "finds" something in many of the twenty


def test_different_places_are_refused() -> None:
    panels = outcomes(1, (1.0, 1.0))
    other = simulate(stats.Situation.MANY_AREAS, stats.generator(9), shape=SHAPE).panel
    with pytest.raises(stats.PanelError, match="same units, periods and treated places"):
        several.stepdown(panels | {"other": other}, stats.generator(1))
    with pytest.raises(stats.PanelError, match="no outcome"):
        several.stepdown({}, stats.generator(1))
    short = {name: panel.take(periods=np.arange(3, 10)) for name, panel in panels.items()}
    refusal = several.stepdown(short, stats.generator(1))
    assert isinstance(refusal, stats.Refusal) and refusal.preconditions == ("periods-before",)
