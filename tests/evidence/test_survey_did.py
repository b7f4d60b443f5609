"""What people say before and after: right about data whose truth is known, and silent where it cannot know."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats import survey_did
from commonbeat.evidence.stats.survey import Sample
from commonbeat.evidence.stats.survey_did import SurveyDiD, Wave, detectable, moves, wave

RUNS = 400
AREAS = 16
METHODS = Path(__file__).parents[2] / "docs" / "methods"


def asked(rng: np.random.Generator, shift: float, *, name: str, n: int = 480, is_share: bool = True) -> Wave:
    """A stratified sample with unequal weights: half of the areas have the programme, which shifts their answers."""
    area = rng.integers(0, AREAS, n)
    treated = area < AREAS // 2
    level = 0.4 + 0.2 * np.sin(area)
    weights, strata = rng.uniform(0.5, 2.0, n), area % 4
    if is_share:
        answers = (rng.random(n) < level + shift * treated).astype(float)
    else:
        answers = 3 + level + shift * treated + rng.normal(0, 1, n)
    answers[rng.random(n) < 0.05] = np.nan
    return wave(
        answers, Sample.of(weights, strata=strata), treated=treated, compared=~treated,
        areas=[f"{code:02}" for code in area], name=name, is_share=is_share,
    )  # fmt: skip


def study(seed: int, effect: float, *, is_share: bool = True) -> stats.Result:
    rng = stats.generator(seed)
    before = asked(rng, 0.0, name="Spring", is_share=is_share)
    after = asked(rng, effect, name="Autumn", is_share=is_share)
    return SurveyDiD().fit("feel safe", before, after, moved=moves(before, after))


def effect_of(result: stats.Result) -> stats.Effect:
    assert isinstance(result, stats.Effect), result.sentence()
    return result


@pytest.mark.parametrize(("is_share", "truth", "scale"), [(True, 0.12, 100), (False, 0.3, 1)])
def test_it_is_right_about_samples_whose_truth_is_known(is_share: bool, truth: float, scale: float) -> None:
    null = [effect_of(study(seed, 0.0, is_share=is_share)).p < 0.05 for seed in range(RUNS)]
    known = [effect_of(study(10_000 + seed, truth, is_share=is_share)).interval for seed in range(RUNS)]
    assert 0.02 <= np.mean(null) <= 0.08
    assert 0.93 <= np.mean([low <= scale * truth <= high for low, high in known]) <= 0.97


def test_it_is_the_difference_of_the_gaps_by_hand() -> None:
    """Four sides of 40 people: 10, 20, 20 and 20 of them say yes."""
    y = [1] * 10 + [0] * 30 + [1] * 20 + [0] * 20
    z = [1] * 20 + [0] * 20 + [1] * 20 + [0] * 20
    side = np.arange(80) < 40
    before, after = (
        wave(rows, Sample.of(np.ones(80)), treated=side, compared=~side, areas=["a"] * 40 + ["b"] * 40, name=name)
        for rows, name in ((y, "One"), (z, "Two"))
    )
    found = effect_of(SurveyDiD().fit("feel safe", before, after))
    assert found.estimate == pytest.approx(25.0)
    by_hand = 100 * np.sqrt((0.25 * 0.75 + 3 * 0.25) / 40 * 80 / 79)
    assert found.extra["error"] == pytest.approx(by_hand)
    assert "no clear difference" in found.sentence() and "percentage points" in found.sentence()
    assert before.design_effect == pytest.approx(80 / 79, rel=0.01)
    assert found.check("areas-as-units").state is stats.State.WARN and found.check("placebo-start").state == "warn"


def test_equal_answers_give_equal_numbers_and_survive_json() -> None:
    one, again = effect_of(study(3, 0.1)), effect_of(study(3, 0.1))
    assert one == again and stats.from_json(one.to_json()) == one
    rng = stats.generator(1)
    before, after = asked(rng, 0, name="One"), asked(rng, 0.2, name="Two")
    stored = [Wave.from_dict(json.loads(json.dumps(each.as_dict()))) for each in (before, after)]
    kept = SurveyDiD().fit("feel safe", *stored, moved=moves(before, after))
    assert kept == SurveyDiD().fit("feel safe", before, after, moved=moves(before, after))
    assert not stored[0].areas, "levels of single areas are not stored"
    assert {series.slug for series in effect_of(kept).series} == {"treated", "compared"}


def test_a_wave_before_both_is_a_placebo_in_time() -> None:
    rng = stats.generator(7)
    earlier, before, after = (asked(rng, by, name=str(by)) for by in (0.0, 0.25, 0.25))
    found = effect_of(SurveyDiD().fit("feel safe", before, after, earlier=earlier))
    assert found.check("placebo-start").state is stats.State.FAIL, "the places had parted before the start"


@pytest.mark.parametrize(
    ("sort", "said"),
    [
        ("baseline", "no wave before"), ("follow-up", "follow-up wave is missing"), ("sample", "feedback form"),
        ("answers", "Too few people"), ("clusters", "does not tell how far"),
    ],
)  # fmt: skip
def test_it_declines_with_its_reason(sort: str, said: str) -> None:
    rng = stats.generator(2)
    before, after = asked(rng, 0, name="One"), asked(rng, 0, name="Two")
    cases: dict[str, tuple[Wave | None, Wave | None]] = {
        "baseline": (None, after), "follow-up": (before, None),
        "sample": (replace(before, sampling="form"), after), "answers": (asked(rng, 0, name="Few", n=30), after),
        "clusters": (before, replace(after, gap=None)),
    }  # fmt: skip
    refusal = SurveyDiD().fit("feel safe", *cases[sort])
    assert isinstance(refusal, stats.Refusal) and refusal.preconditions == (sort,)
    assert said in refusal.sentence() and stats.from_json(refusal.to_json()) == refusal


def test_small_groups_leave_no_trace_in_what_is_stored() -> None:
    y = np.array([1.0] * 4 + [0.0] * 76)
    side = np.arange(80) % 2 == 0
    found = wave(y, Sample.of(np.ones(80)), treated=side, compared=~side, areas=["a"] * 80, name="One")
    assert found.gap is not None and found.treated is None and found.compared is None
    few = wave(y[:9], Sample.of(np.ones(9)), treated=side[:9], compared=~side[:9], areas=["a"] * 9, name="Few")
    assert few.n == (0, 0)


def test_what_a_follow_up_could_see_is_told_beforehand_and_comes_true() -> None:
    before = asked(stats.generator(5), 0.0, name="Spring")
    promised = detectable("feel safe", before)
    assert isinstance(promised, survey_did.DetectableDifference)
    found = [effect_of(study(seed, promised.points / 100)).p < 0.05 for seed in range(200)]
    assert 0.7 <= np.mean(found) <= 0.9
    more = detectable("feel safe", before, answers=4 * sum(before.n))
    assert isinstance(more, survey_did.DetectableDifference) and more.points < promised.points
    assert "percentage points or more in 80 of 100 cases" in promised.sentence()
    assert isinstance(detectable("feel safe", before, answers=40), stats.Refusal)
    assert isinstance(detectable("feel safe", None), stats.Refusal)


def test_a_page_explains_it() -> None:
    page = (METHODS / "survey-did.md").read_text(encoding="utf-8")
    for heading in ("Estimand", "Assumptions", "Formula", "Checks", "When it refuses", "References"):
        assert f"\n## {heading}\n" in page, heading
    for slug in survey_did.NEEDS:
        assert f"`{slug}`" in page, slug
