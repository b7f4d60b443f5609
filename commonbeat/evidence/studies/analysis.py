"""Runs a frozen plan on its data: both designs, every check, rings and pictures. Works without Django.

`python -m commonbeat.evidence.studies.analysis` reads a job (JSON) from standard input, says how far it is on standard
error, and writes the result to standard output: a process of its own, so that long runs hold up neither web nor mail,
and can be cancelled.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from commonbeat import __version__
from commonbeat.evidence import stats
from commonbeat.evidence.stats.effect import Check, Effect, Result, State
from commonbeat.evidence.stats.panel import Panel
from commonbeat.evidence.stats.phrase import N_, phrase
from commonbeat.evidence.studies import ahead, judging, more
from commonbeat.evidence.studies.fitting import history_of, study_panel
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.tables import read_table, write_table

Progress = Callable[[int, str], None]
SCHEMA = "commonbeat-study-1"
PLACEBOS_FOR_CHECK = 199
CLOSE = 1e-9
STAGES: tuple[str, ...] = (
    N_("Reading the data"), N_("The design that was named first"), N_("The second opinion"),
    N_("The time before the start"), N_("Programmes that never were"), N_("Around the corner"),
    N_("Further outcomes and groups"), N_("Judging"),
)  # fmt: skip


def silent(percent: int, stage: str) -> None:
    """Tells nobody."""


def run(job: Mapping[str, Any], progress: Progress = silent) -> dict[str, Any]:
    """Everything that a report shows. Equal jobs give equal results, digit by digit.

    `job` holds `plan`, `data` (CSV with `names`), `version`, `registered`, `history` (fingerprint at the freezing),
    `ahead` (as stored then) and `dose` (amount by period); where there are any, `counts` of further outcomes and parts
    (by key, as areas × periods), `asked` (waves by key) and `explore` (splits that were named after the freezing).
    """
    progress(2, STAGES[0])
    plan = Plan.from_dict(job["plan"])
    everything = read_table(job["data"], **job["names"])
    panel = study_panel(plan, everything)
    progress(10, STAGES[1])
    first = _fit(plan, plan.design, panel)
    progress(40, STAGES[2])
    second = _fit(plan, plan.second, panel)
    progress(65, STAGES[3])
    path = _event_study(plan, panel)
    naive = stats.design("e-test").fit(panel.take(units=panel.ever_treated), stats.generator(plan.seed))
    progress(75, STAGES[4])
    elsewhere = _elsewhere(plan, panel)
    progress(85, STAGES[5])
    rings = _rings(plan, everything)
    progress(90, STAGES[6])
    found = more.look(plan, job, everything, first)
    progress(96, STAGES[7])
    dose = {str(period): float(amount) for period, amount in job.get("dose", {}).items()}
    facts = judging.Facts(
        plan=plan, panel=panel, registered=bool(job["registered"]),
        unchanged=_same_past(plan, job, everything) if job.get("history") else None,
        version=int(job["version"]), detectable=ahead.detectable_from(job["ahead"]["detectable"]),
        regression=ahead.regression_from(job["ahead"]["regression"]), delivered=_delivered(plan, panel, dose),
        reported=job.get("reported"),
    )  # fmt: skip
    checks = judging.unique(
        (*judging.own_checks(facts, first, second, naive), *_checks(first), *_checks(path), *_checks(elsewhere),
         *_space(elsewhere), *_moved(rings), *more.checks(plan, found))
    )  # fmt: skip
    checks = (*checks, *judging.missing(panel, checks))
    return {
        "schema": SCHEMA, "software": __version__, "data": panel.fingerprint(), "names": dict(job["names"]),
        "first": _stored(first), "second": _stored(second), "path": _stored(path), "naive": _stored(naive),
        "rings": _stored(rings), "checks": [_check(check) for check in checks],
        "verdict": str(judging.verdict(first, checks, plan)),
        "designs": {"first": ahead.described(plan.design), "second": ahead.described(plan.second)},
        "said": {"first": _said(first), "second": _said(second)},
        "shares": {"first": judging.as_share(first), "second": judging.as_share(second)},
        "course": course(plan, panel, dose), **found,
    }  # fmt: skip


def _same_past(plan: Plan, job: Mapping[str, Any], everything: Panel) -> bool:
    """Whether every count of the time before the start is the one that was frozen."""
    same = history_of(plan, everything).fingerprint() == job["history"]
    return bool(same and more.unchanged(plan, job, everything))


def _fit(plan: Plan, slug: str, panel: Panel) -> Result:
    return stats.design(slug, **plan.option(slug)).fit(panel, stats.generator(plan.seed))


def _event_study(plan: Plan, panel: Panel) -> Result:
    """The path before and after the start in at most about a dozen steps each side."""
    start = panel.starts[0] if panel.starts else len(panel.periods)
    width = max(1, min(start // 6, (len(panel.periods) - start)))
    return stats.design("event-study", width=width).fit(panel, stats.generator(plan.seed))


def _elsewhere(plan: Plan, panel: Panel) -> Result | None:
    """Placebos in space, where neither of the two designs draws them anyway."""
    if "randomisation" in (plan.design, plan.second):
        slug = "randomisation"
        return _fit(plan, slug, panel)
    return stats.design("randomisation", permutations=PLACEBOS_FOR_CHECK).fit(panel, stats.generator(plan.seed))


def _rings(plan: Plan, everything: Panel) -> Result | None:
    if plan.reach <= 0 or everything.coordinates is None:
        return None
    panel = study_panel(plan, everything, everywhere=True)
    options = plan.option("wdd-rings") or {"rings": (plan.reach, 2 * plan.reach)}
    return stats.design("wdd-rings", **options).fit(panel, stats.generator(plan.seed))


def _checks(result: Result | None) -> tuple[Check, ...]:
    return result.checks if isinstance(result, Effect) else ()


def _space(result: Result | None) -> tuple[Check, ...]:
    """What placebos in space say about chance, with a state."""
    if not isinstance(result, Effect):
        said = phrase(N_("There are too few similar places to pretend that the programme ran elsewhere."))
        return (Check("unusual", State.NOTE, said),)
    if result.p <= 0.05:
        said = phrase(N_("Other, similar places seldom show such a difference by chance (p {p:.3f})."), p=result.p)
    else:
        said = phrase(N_("Other, similar places often show such a difference by chance (p {p:.2f})."), p=result.p)
    return (Check("unusual", State.NOTE, said, result.p),)


def _moved(rings: Result | None) -> tuple[Check, ...]:
    if rings is None:
        said = phrase(N_("Nobody looked whether events moved around the corner: no distance was planned."))
        return (Check("displacement", State.NOTE, said),)
    if isinstance(rings, stats.Refusal):
        return (Check("displacement", State.NOTE, rings.reason),)
    return tuple(check for check in rings.checks if check.slug == "displacement")


def _delivered(plan: Plan, panel: Panel, dose: Mapping[str, float]) -> float | None:
    measured = [dose[label] for label in panel.periods if label >= plan.start and label in dose]
    return float(np.mean(measured)) if measured else None


def course(plan: Plan, panel: Panel, dose: Mapping[str, float]) -> dict[str, Any]:
    """Totals of treated areas by period, the others scaled to them over the past, and the dose."""
    ever = panel.ever_treated
    treated, others = panel.outcome[ever].sum(axis=0), panel.outcome[~ever].sum(axis=0)
    start = panel.starts[0] if panel.starts else len(panel.periods)
    past = float(others[:start].sum())
    scale = float(treated[:start].sum()) / past if past > 0 else 0.0
    return {
        "periods": list(panel.periods), "treated": treated.tolist(), "compared": others.tolist(),
        "scaled": (others * scale).tolist(), "start": plan.start,
        "dose": [dose.get(label) for label in panel.periods],
    }  # fmt: skip


def _stored(result: Result | None) -> dict[str, Any] | None:
    return None if result is None else json.loads(result.to_json())


def _said(result: Result) -> dict[str, Any] | None:
    """The finding as a sentence to be said in any language; a refusal says its reasons itself."""
    return result.phrase.as_dict() if isinstance(result, Effect) else None


def _check(check: Check) -> dict[str, Any]:
    return {"slug": check.slug, "state": str(check.state), "meaning": check.meaning.as_dict(), "p": check.p}


def job_of(
    plan: Plan, panel: Panel, *, version: int, registered: bool, history: str, ahead: Mapping[str, Any],
    dose: Mapping[str, float], more: Mapping[str, Any] | None = None, reported: Mapping[str, float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Everything that a run needs, as JSON can hold it; the report's file carries it, so that anybody can recompute.

    `more` is what `outcomes.gather` gives.
    """
    return {
        "plan": plan.as_dict(), "data": write_table(panel), "version": version, "registered": registered,
        "history": history, "ahead": dict(ahead), "dose": dict(dose),
        "reported": None if reported is None else dict(reported),
        "names": {
            "outcome_name": panel.outcome_name, "unit_name": panel.unit_name, "period_name": panel.period_name
        },
    } | dict(more or {})  # fmt: skip


def differences(stored: Any, again: Any, at: str = "") -> list[str]:
    """Where two results differ, as paths; neither the version of the software counts nor the last digits of a number.

    Another processor, or another number of threads, adds in another order.
    """
    if isinstance(stored, Mapping) and isinstance(again, Mapping):
        keys = (stored.keys() | again.keys()) - {"software"}
        return [line for key in sorted(keys) for line in differences(stored.get(key), again.get(key), f"{at}/{key}")]
    if isinstance(stored, list | tuple) and isinstance(again, list | tuple) and len(stored) == len(again):
        pairs = enumerate(zip(stored, again, strict=True))
        return [line for n, (one, two) in pairs for line in differences(one, two, f"{at}/{n}")]
    if (
        isinstance(stored, float)
        and isinstance(again, int | float)
        and math.isclose(stored, again, rel_tol=CLOSE, abs_tol=CLOSE)
    ):
        return []
    return [] if stored == again else [f"{at}: {stored!r} and {again!r}"]


def main() -> None:
    """One job from standard input."""

    def tell(percent: int, stage: str) -> None:
        print(json.dumps([percent, stage]), file=sys.stderr, flush=True)

    job = json.load(sys.stdin)
    result = run(job, tell)
    locale = job.get("locale")
    if locale:
        from commonbeat.evidence.studies.pictures import pictures

        result = {"result": result, "pictures": pictures(job, result, Path(locale), job["languages"])}
    json.dump(result, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
