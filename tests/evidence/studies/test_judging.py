"""What a study may claim: fake programmes are exposed, true ones are found, and looking ahead reads no outcome."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from commonbeat.evidence import stats
from commonbeat.evidence.stats.simulate import Shape, simulate
from commonbeat.evidence.studies import ahead, analysis, judging, words
from commonbeat.evidence.studies.fitting import PlanProblem, history_of, study_panel
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.tables import BadTable, read_table, write_table
from tests.evidence.chicago import assaults


def ran(plan: Plan, panel: stats.Panel, **changes: Any) -> dict[str, Any]:
    """The result of a plan that was frozen before its outcome was known."""
    plan = ahead.complete(plan, panel)
    job = analysis.job_of(
        plan, panel, version=1, registered=True, history=history_of(plan, panel).fingerprint(),
        ahead=ahead.look_ahead(plan, panel).as_dict(), dose={},
    )  # fmt: skip
    return analysis.run(json.loads(json.dumps(job | changes)))


def states(result: dict[str, Any]) -> dict[str, str]:
    return {check["slug"]: check["state"] for check in result["checks"]}


def simulated(ratio: float, seed: int = 3) -> tuple[Plan, stats.Panel]:
    """40 areas, 10 with a programme from period 24 on, which multiplies events by `ratio`."""
    shape = Shape(units=40, treated=10, periods=36, start=24, mean=20, growth=0.0)
    made = simulate(stats.Situation.MANY_AREAS, stats.generator(seed), ratio=ratio, shape=shape).panel
    labels = tuple(f"{2010 + n // 12}-{n % 12 + 1:02}" for n in range(36))
    treated = tuple(unit for unit, mine in zip(made.units, made.ever_treated, strict=True) if mine)
    panel = replace(made, periods=labels, treated=np.zeros(made.shape, dtype=bool), covariates={}, coordinates=None)
    return Plan("Something is done.", treated, "2012-01", dose="hours", looked_back=24), panel


def test_a_programme_that_works_is_found_by_both_designs_and_believed() -> None:
    plan, panel = simulated(0.7)
    result = ran(plan, panel, dose={f"2012-{month:02}": 10.0 for month in range(1, 13)})
    assert result["verdict"] == judging.Verdict.CLEAR, states(result)
    for share in result["shares"].values():
        assert share[1] < -30 < share[2]
    assert states(result)["agreement"] == states(result)["detectable"] == "pass"


def test_a_programme_that_does_nothing_is_told_as_that() -> None:
    plan, panel = simulated(1.0)
    result = ran(plan, panel)
    assert result["verdict"] == judging.Verdict.NOTHING_LARGE
    assert result["shares"]["first"][1] > plan.expected


def test_hot_places_that_calm_down_by_themselves_are_no_success() -> None:
    """The busiest places of one month, and the months after it: no programme ran."""
    panel = assaults()
    rejected = 0
    for start in range(60, 108, 6):
        busy = np.argsort(-panel.outcome[:, start - 1], kind="stable")[:8]
        plan = Plan(
            "Nothing.", tuple(panel.units[n] for n in busy), panel.periods[start], first=panel.periods[start - 6],
            length=3, looked_back=1, design="poisson-did", second="wdd",
        )  # fmt: skip
        rejected += ran(plan, panel)["verdict"] == judging.Verdict.CLEAR
    assert rejected == 0


def test_history_that_was_changed_after_the_freezing_is_noticed() -> None:
    plan, panel = simulated(1.0)
    first = ran(plan, panel)
    outcome = panel.outcome.copy()
    outcome[0, 0] += 1
    changed = ran(plan, panel, data=write_table(replace(panel, outcome=outcome)))
    assert (states(first)["unchanged"], states(changed)["unchanged"]) == ("pass", "warn")


def test_a_look_in_between_says_so_and_planned_periods_alone_count() -> None:
    plan, panel = simulated(1.0)
    early = ran(replace(plan, length=24), panel)
    assert states(early)["complete"] == "warn"
    short = study_panel(ahead.complete(replace(plan, length=3), panel), panel)
    assert short.periods[-1] == "2012-03"


def test_rings_are_looked_at_and_never_compared_with() -> None:
    plan, panel = simulated(0.8)
    panel = replace(panel, coordinates=np.array([(300.0 * (n % 8), 300.0 * (n // 8)) for n in range(40)]))
    full = ahead.complete(replace(plan, treated=plan.treated[:3], reach=350.0), panel)
    chosen = np.isin(panel.units, full.treated)
    near = {panel.units[n] for n in stats.within(panel, chosen, 350.0)}
    assert near and not near & set(study_panel(full, panel).units)
    result = ran(full, panel)
    assert result["rings"]["sort"] == "effect"
    assert result["rings"]["series"][0]["at"] == ["Treated", "0–350 m", "350–700 m"]
    assert "displacement" in states(result)


def test_comparison_areas_are_those_with_the_same_level_and_trend() -> None:
    panel = assaults()
    chosen = np.isin(panel.units, panel.units[10:14])
    found = stats.alike(panel, chosen, each=2)
    level = np.log(panel.outcome.mean(axis=1) + 0.5)
    wanted = level[chosen].mean()
    others = np.flatnonzero(~chosen)
    assert len(found) == 8 and not set(found) & set(np.flatnonzero(chosen))
    assert abs(level[list(found)].mean() - wanted) < abs(level[others].mean() - wanted)
    assert stats.alike(panel, chosen, each=2, out_of_reach=found[:3]) != found
    with pytest.raises(stats.PanelError, match="but not all"):
        stats.alike(panel, np.ones(77, dtype=bool))


def test_looking_ahead_reads_nothing_from_the_start_on() -> None:
    plan, panel = simulated(0.7)
    full = ahead.complete(plan, panel)
    outcome = panel.outcome.copy()
    outcome[:, 24:] = 999
    other = replace(panel, outcome=outcome)
    assert ahead.complete(plan, other) == full
    assert ahead.look_ahead(full, other) == ahead.look_ahead(full, panel)


def test_a_stored_forecast_is_the_forecast() -> None:
    plan, panel = simulated(0.7)
    found = ahead.look_ahead(ahead.complete(plan, panel), panel)
    stored = json.loads(json.dumps(found.as_dict()))
    assert ahead.detectable_from(stored["detectable"]) == found.detectable
    assert ahead.regression_from(stored["regression"]) == found.regression


def test_a_table_that_is_written_reads_as_the_same_panel() -> None:
    panel = replace(assaults(), population=np.full((77, 120), 1000.5), coordinates=np.arange(154.0).reshape(77, 2) / 3)
    again = read_table(write_table(panel), outcome_name="assaults", period_name="months")
    assert again.fingerprint() == panel.fingerprint()
    with pytest.raises(BadTable, match="no period"):
        read_table("area;period;count\n1;;3\n")
    assert read_table("\ufeffArea;Month;Events\n1;2026-01;3\n2;2026-02;4\n", absent=0.0).outcome.sum() == 7


def test_a_place_without_events_cannot_get_better() -> None:
    plan, panel = simulated(1.0)
    outcome = panel.outcome.copy()
    outcome[np.isin(panel.units, plan.treated)] = 0
    quiet = replace(panel, outcome=outcome)
    with pytest.raises(PlanProblem, match="nothing can fall"):
        ahead.look_ahead(ahead.complete(plan, quiet), quiet)


def test_a_programme_that_was_hardly_delivered_is_not_believed() -> None:
    plan, panel = simulated(0.7)
    planned = replace(plan, dose_planned=100.0)
    months = [f"2012-{month:02}" for month in range(1, 13)]
    found = {
        amount: ran(planned, panel, dose=dict.fromkeys(months, amount)) for amount in (95.0, 50.0, 5.0)
    }  # fmt: skip
    assert [states(result)["dose"] for result in found.values()] == ["pass", "warn", "fail"]
    assert found[5.0]["verdict"] == judging.Verdict.UNRELIABLE
    assert words.foretold({"sort": "refusal", "design": "regression-to-the-mean", "shortfalls": []}, str) == (
        "How much such places change by themselves cannot be said. "
    )
