"""What every design must do; the registry brings each new one here by itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import simulate
from tests.evidence.breaking import BREAKERS
from tests.evidence.trials import few_trials

DESIGNS = tuple(stats.designs())
METHODS = Path(__file__).parents[2] / "docs" / "methods"
HEADINGS = ("Estimand", "Assumptions", "Formula", "Checks", "When it refuses", "References")

every_design = pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.slug)


def panel_for(design: type[stats.Design], *, seed: int = 7, ratio: float = 0.8) -> stats.Panel:
    return simulate(design.situations[0], stats.generator(seed), ratio=ratio).panel


def fitted(design: type[stats.Design], panel: stats.Panel, seed: int = 1) -> stats.Effect:
    result = design().fit(panel, stats.generator(seed))
    assert isinstance(result, stats.Effect), result.sentence()
    return result


def _numbers(effect: stats.Effect) -> np.ndarray:
    return np.array([effect.estimate, *effect.interval, effect.p])


@every_design
def test_the_same_data_and_seed_give_the_same_result(design: type[stats.Design]) -> None:
    panel = panel_for(design)
    assert fitted(design, panel, seed=3) == fitted(design, panel, seed=3)


@every_design
def test_the_order_of_units_does_not_matter(design: type[stats.Design]) -> None:
    panel = panel_for(design)
    shuffled = panel.take(units=np.random.default_rng(5).permutation(len(panel.units)))
    assert fitted(design, shuffled) == fitted(design, panel)


@every_design
def test_a_larger_population_lowers_the_rate_and_leaves_the_effect(design: type[stats.Design]) -> None:
    panel = panel_for(design)
    assert panel.population is not None
    small, large = fitted(design, panel), fitted(design, replace(panel, population=10 * panel.population))
    np.testing.assert_allclose(_numbers(small), _numbers(large), rtol=1e-6, atol=1e-9)
    if small.base_rate is not None:
        assert large.base_rate == pytest.approx(small.base_rate / 10, rel=1e-6)


@every_design
def test_an_effect_survives_json(design: type[stats.Design]) -> None:
    effect = fitted(design, panel_for(design))
    text = effect.to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert stats.from_json(text) == effect
    assert stats.Effect.from_json(text).sentence() == effect.sentence()


@every_design
def test_options_survive_json_and_make_the_same_design(design: type[stats.Design]) -> None:
    options = json.loads(json.dumps(design().options()))
    assert stats.design(design.slug, **options).options() == design().options()
    assert fitted(design, panel_for(design)).options == design().options()


@every_design
def test_an_effect_is_whole(design: type[stats.Design]) -> None:
    panel = panel_for(design)
    effect = fitted(design, panel)
    low, high = effect.interval
    assert low <= effect.estimate <= high
    assert 0 < effect.p <= 1
    assert effect.data == panel.fingerprint()
    assert effect.causal == design.causal
    assert effect.sizes.treated == int(panel.ever_treated.sum())
    assert math.isfinite(effect.estimate)
    assert effect.outcome.capitalize() in effect.sentence()
    assert effect.start == panel.periods[panel.starts[0]]
    assert str(effect.estimand)
    assert len({check.slug for check in effect.checks}) == len(effect.checks)
    assert all(str(check.meaning) for check in effect.checks)
    for series in effect.series:
        assert len(series.at) == len(series.values), series.slug
        assert len(series.low) == len(series.high), series.slug
        assert len(series.low) in {0, len(series.at)}, series.slug


@every_design
def test_every_axis_can_be_drawn(design: type[stats.Design]) -> None:
    effect = fitted(design, panel_for(design))
    for axis in {series.axis for series in effect.series}:
        drawn = effect.plot(axis).to_dict()
        assert drawn["layer"]


def _preconditions() -> Iterator[tuple[type[stats.Design], stats.Precondition]]:
    for design in DESIGNS:
        for precondition in design().preconditions():
            yield design, precondition


@pytest.mark.parametrize(
    ("design", "precondition"), list(_preconditions()), ids=lambda one: one.slug if hasattr(one, "slug") else str(one)
)
def test_a_design_refuses_when_a_precondition_fails(
    design: type[stats.Design], precondition: stats.Precondition
) -> None:
    broken = BREAKERS[precondition.slug](panel_for(design))
    refusal = design().fit(broken, stats.generator(1))
    assert isinstance(refusal, stats.Refusal)
    assert precondition.slug in refusal.preconditions
    shortfall = next(s for s in refusal.shortfalls if s.precondition == precondition.slug)
    assert shortfall.needed == precondition.needed
    assert str(shortfall.found) in refusal.sentence()
    assert stats.from_json(refusal.to_json()) == refusal


@every_design
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2)])
@pytest.mark.parametrize("outcome", [0.0, 3.0, -1.0])
def test_a_panel_with_nothing_in_it_is_refused_and_never_an_exception(
    design: type[stats.Design], shape: tuple[int, int], outcome: float
) -> None:
    panel = stats.Panel(
        units=tuple(f"u{i}" for i in range(shape[0])),
        periods=tuple(f"p{i}" for i in range(shape[1])),
        outcome=np.full(shape, outcome),
        treated=np.zeros(shape, dtype=bool),
    )
    assert isinstance(design().fit(panel, stats.generator(1)), stats.Refusal)


@every_design
def test_a_design_is_right_about_data_whose_truth_is_known(design: type[stats.Design]) -> None:
    """A small run in every suite; `benchmarks/error_rates.py` repeats it large and holds it to 2–8 and 93–97 %."""
    null = few_trials(design, ratio=1.0)
    assert null.refused == 0
    assert null.rejected <= 0.14 * null.runs, null
    known = few_trials(design, ratio=0.75)
    assert known.covered >= 0.86 * known.runs, known


@every_design
def test_a_page_explains_the_design(design: type[stats.Design]) -> None:
    page = (METHODS / f"{design.slug}.md").read_text(encoding="utf-8")
    for heading in HEADINGS:
        assert f"\n## {heading}\n" in page, heading
    for precondition in design().preconditions():
        assert f"`{precondition.slug}`" in page, precondition.slug
