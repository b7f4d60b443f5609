"""The demo's study that asks people: invented counts beside invented answers, planned between two waves of a survey."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.access import actor_for
from commonbeat.community.agency import local_day
from commonbeat.community.models import Area
from commonbeat.core.actor import Actor
from commonbeat.evidence.periods import month_after
from commonbeat.evidence.studies import actions, adding, pages
from commonbeat.evidence.studies.models import Dataset, Run, Study
from commonbeat.evidence.studies.plan import Further, Plan, Split
from commonbeat.evidence.studies.running import carry_out
from commonbeat.evidence.surveys.models import SurveyWave

MONTHS = 36
NAMES = {"unit_name": "areas", "period_name": "months"}


def plan_study(told: Mapping[str, Any], wave: SurveyWave, *, devi: Actor, now: dt.datetime) -> None:
    """Write and freeze the plan after the first wave, as an analyst would have, when the second was still to come."""
    start = month_after(wave.last_on.replace(day=1), 1)
    at = min(dt.datetime.combine(start, dt.time(15), now.tzinfo) - dt.timedelta(days=3), now)
    treated = list(
        Area.objects.filter(code__in=told["treated"], serves=True, retired_at=None).values_list("name", flat=True)
    )
    table = _table(told, told["title"], _counts(told, start, now, until=start), devi, at)
    study = actions.start_study(told["title"], dataset=table, actor=devi, at=at)
    wanted = Plan.from_dict(told["plan"] | {"treated": treated, "start": f"{start:%Y-%m}"})
    actions.save_plan(study, wanted, version=study.version, actor=devi, at=at)
    for one in told["further"]:
        made = Further("", one["name"], column=one["column"])
        adding.add_outcome(study, made, version=study.version, actor=devi, at=at)
    asked = told["asked"]
    again = (start + dt.timedelta(days=asked["again_after_days"])).isoformat()
    question = Further("", asked["name"], wave=wave.pk, question=asked["question"], figure=asked["figure"],
                       again_from=again)  # fmt: skip
    adding.add_outcome(study, question, version=study.version, actor=devi, at=at)
    adding.add_split(study, Split("", **told["split"]), version=study.version, actor=devi, at=at)
    actions.freeze(study, reason="", version=study.version, actor=devi, at=at)


def finish_study(told: Mapping[str, Any], *, devi: Actor, publisher: Actor, now: dt.datetime) -> None:
    """Bring in the months since, run it, tell it, and put it beside the problem whose response it is about."""
    study = Study.objects.get(title=told["title"])
    frozen = study.plans.get()
    start = dt.date.fromisoformat(f"{frozen.plan['start']}-01")
    newer = _table(told, f"{told['title']} (whole)", _counts(told, start, now), devi, now)
    actions.set_data(study, newer, version=study.version, actor=devi, at=now)
    actions.note_dose(study, {label: told["dose"] for label in _labels(now) if label >= frozen.plan["start"]},
                      version=study.version, actor=devi, at=now)  # fmt: skip
    carry_out(Run.objects.create(plan=frozen, dataset=newer, asked_by_id=devi.user_id, asked_at=now).pk)
    page = pages.write_page(study, words=told["words"], version=0, actor=devi, at=now)
    pages.publish_page(page, version=page.version, actor=publisher, at=now)
    case = Case.objects.filter(kind="problem", state="acting", assignee__isnull=False).order_by("pk").first()
    if case is not None and case.assignee is not None:
        act(case, "link_study", data={"study": study.pk}, actor=actor_for(case.assignee, at=now), at=now)


def _labels(now: dt.datetime) -> list[str]:
    """The whole months up to now."""
    this = local_day(now).replace(day=1)
    return [f"{month_after(this, -n):%Y-%m}" for n in range(MONTHS, 0, -1)]


def _counts(told: Mapping[str, Any], start: dt.date, now: dt.datetime, until: dt.date | None = None) -> str:
    """Invented counts, the same at each load: a little calmer where the walks are, before midnight."""
    rng = np.random.default_rng(told["seed"])
    names = dict(Area.objects.filter(code__in=told["areas"], serves=True, retired_at=None).values_list("code", "name"))
    others = [one["column"] for one in told["further"]]
    lines = [",".join(["area", "period", "count", told["split"]["column"], *others])]
    for code in told["areas"]:
        level = rng.uniform(0.7, 1.4)
        for label in _labels(now):
            calmer = told["ratio"] if code in told["treated"] and label >= f"{start:%Y-%m}" else 1.0
            early, late = rng.poisson(24 * level * calmer), rng.poisson(14 * level)
            row = [early + late, late, *(rng.poisson(18 * level) for _ in others)]
            if until is None or label < f"{until:%Y-%m}":
                lines.append(",".join([names[code], label, *(str(value) for value in row)]))
    return "\n".join(lines) + "\n"


def _table(told: Mapping[str, Any], name: str, text: str, devi: Actor, at: dt.datetime) -> Dataset:
    names = {"outcome_name": told["outcome"], **NAMES}
    return actions.add_table(text, name=name[:120], names=names, absent_is_zero=False, actor=devi, at=at)
