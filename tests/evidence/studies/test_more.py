"""Several outcomes of counts in one study, and what becomes of the plans and files from before there were any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.studies import ahead, more, telling
from commonbeat.evidence.studies.fitting import history_of, study_panel
from commonbeat.evidence.studies.plan import PRIMARY, Further, Plan, Split
from tests.evidence.studies.test_judging import simulated


def _looked(plan: Plan, panel: stats.Panel, counts: dict[str, Any], **job: Any) -> dict[str, Any]:
    told = {"counts": counts, "asked": {}, "ahead": {}, **job}
    first = stats.design(plan.design).fit(study_panel(plan, panel), stats.generator(plan.seed))
    return more.look(plan, told, panel, first)


def test_counts_of_the_same_places_are_corrected_by_the_step_down_and_never_below_their_own_p() -> None:
    plan, panel = simulated(0.7)
    rng = stats.generator(8)
    nothing = rng.poisson(12, panel.shape).astype(float)
    half = rng.binomial(panel.outcome.astype(int), 0.5).astype(float)
    plan = replace(
        plan, design="poisson-did", second="wdd", outcome="burglaries",
        further=(Further("o1", "thefts", column="thefts"),),
        splits=(Split("g1", "Time", "night", "day", column="night"), Split("g2", "Not a part", "a", "b", column="x")),
    )  # fmt: skip
    plan = Plan.from_dict(plan.as_dict())
    assert plan.further[0].name == "thefts" and plan.splits[0].first == "night", "a plan survives being stored"
    counts = {"o1": nothing.tolist(), "g1": half.tolist(), "g2": (panel.outcome + 1).tolist()}
    late = Split("x1", "Late", "west", "east", areas=tuple(plan.treated[:5]))
    found = _looked(plan, panel, counts, explore=[vars(late)])
    assert found["adjustment"]["method"] == more.ROMANO_WOLF
    p = found["adjustment"]["p"]
    (thefts,) = found["outcomes"]
    assert p[PRIMARY] < 0.05 < p["o1"] and p["o1"] >= thefts["result"]["p"] and not thefts["clear"]
    time, part, west = found["splits"]
    assert time["gap"]["interval"][0] < 1 < time["gap"]["interval"][1] and time["adjusted"] >= time["gap"]["p"]
    assert part["refusal"]["shortfalls"][0]["precondition"] == "part" and not west["planned"]
    slugs = [check.slug for check in more.checks(plan, found)]
    assert slugs == ["several-outcomes", "explored"]
    rows = telling.splits(found, str)
    assert [row["label"] for row in rows] == ["Named beforehand", "Named beforehand", "Named afterwards: only a hint"]
    assert "is no part of what is counted" in rows[1]["finding"]


def test_a_past_that_was_changed_is_noticed_in_further_outcomes_as_well() -> None:
    plan, panel = simulated(1.0)
    plan = replace(plan, further=(Further("o1", "thefts", column="thefts"),))
    other = replace(panel, outcome=np.ones(panel.shape), outcome_name="thefts")
    job = {
        "counts": {"o1": other.outcome.tolist()},
        "ahead": {"histories": {"o1": history_of(plan, other).fingerprint()}},
    }
    assert more.unchanged(plan, job, panel)
    job["counts"]["o1"][0][0] = 7.0
    assert not more.unchanged(plan, job, panel)


def test_plans_and_results_of_one_outcome_stay_what_they_were() -> None:
    plan, panel = simulated(1.0)
    stored = ahead.complete(plan, panel).as_dict()
    assert "further" not in stored and "splits" not in stored and stored["outcome"] == panel.outcome_name
    old = {name: value for name, value in stored.items() if name != "outcome"}
    assert Plan.from_dict(old).as_dict() == old
    full = Plan.from_dict(stored)
    assert _looked(full, panel, {}) == {} and more.checks(full, {}) == ()
    assert telling.outcomes({"first": {}}, str) == [] and telling.splits({}, str) == []
