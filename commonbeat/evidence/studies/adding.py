"""Further outcomes and groups of a plan: adding one, dropping one, and looking at a group afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace

import numpy as np
from django.db import transaction
from django.db.models import F

from commonbeat.core.actor import Actor
from commonbeat.core.text import N_
from commonbeat.evidence.studies import outcomes
from commonbeat.evidence.studies.actions import SUBJECT, PlanChanged, Refused, latest_plan, save_plan
from commonbeat.evidence.studies.data import panel_of
from commonbeat.evidence.studies.models import Study
from commonbeat.evidence.studies.plan import Further, Plan, Split
from commonbeat.evidence.surveys.models import PopulationTable, SurveyWave
from commonbeat.journal.verbs import record

MOST = 12
"""Outcomes, or splits, of one study. Who looks at more finds by chance what is not there."""
NO_PLAN = N_("Write the plan first: where, from when, compared with what.")
TOO_MANY = N_("A study has at most twelve further outcomes and twelve splits. Drop one first.")
TWICE = N_("This is in the plan already.")
FORM = N_("“%(wave)s” is a feedback form: whoever wanted to filled it in. It says nothing about change in an area.")
NO_AREAS = N_("“%(wave)s” does not say where people live, so sides cannot be told apart.")
TOO_EARLY = N_("The follow-up has to begin after the last day of the wave before the start (%(day)s).")
LATE_BASELINE = N_("“%(wave)s” ended after the programme starts (%(start)s). Choose an earlier wave.")
NOBODY = N_("“%(wave)s” did not ask this question.")
NOTHING = N_("Say which areas, or which part of the incidents, make the first group.")
BOTH = N_("Choose areas or a part of the incidents, not both.")
ONE_SIDE = N_("All areas with the programme would be in one group. Both groups need some.")
NO_PART = N_("“%(name)s” counts more than the first outcome somewhere, so it is no part of it.")
NOT_FROZEN = N_("Nothing is frozen yet: name the group in the plan, where it counts for more.")
GONE = N_("This is not there any more.")
NO_SHARE = N_("This population table does not know all areas of the plan.")


class Wrong(Refused):
    """What was refused with values in its message, and where to mend it."""

    def __init__(self, message: str, place: str = "", **values: str) -> None:
        super().__init__(message)
        self.place, self.values = place, values


def _ready(study: Study) -> Plan:
    plan = Plan.from_dict(study.draft)
    if not (plan.treated and plan.start and plan.design):
        raise Wrong(NO_PLAN)
    return plan


def _key(sort: str, taken: set[str]) -> str:
    return next(key for n in range(1, 10_000) if (key := f"{sort}{n}") not in taken)


def _keys(study: Study, plan: Plan) -> set[str]:
    """Keys that are in use, also in plans that were frozen."""
    frozen = study.plans.values_list("plan", flat=True)
    plans = [plan, *(Plan.from_dict(stored) for stored in frozen)]
    keys = {one.key for each in plans for one in each.further} | {one.key for each in plans for one in each.splits}
    return keys | {row["key"] for row in study.explore}


def add_outcome(study: Study, one: Further, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Put a further outcome into the plan that is being worked on. Raises Refused, BadTable, NoData, PlanChanged."""
    plan = _ready(study)
    if len(plan.further) >= MOST:
        raise Wrong(TOO_MANY)
    made = replace(one, key=_key("o", _keys(study, plan)))
    if any(replace(other, key=made.key, name=made.name) == made for other in plan.further):
        raise Wrong(TWICE)
    if made.is_asked:
        _check_question(made, plan)
    else:
        outcomes.count(study, made, panel_of(study))
    wanted = replace(plan, further=(*plan.further, made))
    save_plan(study, wanted, version=version, actor=actor, at=at)


def _check_question(one: Further, plan: Plan) -> None:
    wave = SurveyWave.objects.select_related("series").filter(pk=one.wave).first()
    if wave is None or one.question not in wave.asked:
        raise Wrong(NOBODY, "asked", wave=wave.name if wave else "")
    if not wave.is_sample:
        raise Wrong(FORM, "asked", wave=wave.name)
    if not wave.areas:
        raise Wrong(NO_AREAS, "asked", wave=wave.name)
    if one.again_from <= wave.last_on.isoformat():
        raise Wrong(TOO_EARLY, "again_from", day=wave.last_on.isoformat())
    months = len(plan.start) == 7 and plan.start[4] == "-" and plan.start[5:].isdigit()
    if months and wave.last_on.isoformat()[:7] >= plan.start:
        raise Wrong(LATE_BASELINE, "asked", wave=wave.name, start=plan.start)


def add_split(study: Study, one: Split, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Put a split into groups into the plan that is being worked on. Raises as `add_outcome`."""
    plan = _ready(study)
    if len(plan.splits) >= MOST:
        raise Wrong(TOO_MANY)
    made = replace(one, key=_key("g", _keys(study, plan)))
    _check_split(study, made, plan)
    save_plan(study, replace(plan, splits=(*plan.splits, made)), version=version, actor=actor, at=at)


def _check_split(study: Study, one: Split, plan: Plan) -> None:
    part = one.column or one.sorts
    if bool(part) == bool(one.areas):
        raise Wrong(BOTH if part else NOTHING, "areas")
    if one.areas:
        inside = set(plan.treated) & set(one.areas)
        if not inside or inside == set(plan.treated):
            raise Wrong(ONE_SIDE, "areas")
        return
    panel = panel_of(study)
    if (outcomes.count(study, one, panel).outcome > panel.outcome).any():
        raise Wrong(NO_PART, "what", name=one.first)


def drop(study: Study, key: str, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Take an outcome or a split out of the plan that is being worked on; frozen plans stay."""
    plan = Plan.from_dict(study.draft)
    further = tuple(one for one in plan.further if one.key != key)
    splits = tuple(one for one in plan.splits if one.key != key)
    if (further, splits) == (plan.further, plan.splits):
        raise Wrong(GONE)
    save_plan(study, replace(plan, further=further, splits=splits), version=version, actor=actor, at=at)


def explore(study: Study, one: Split, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Look at a split that nobody named beforehand: later runs show it as a hint. Raises as `add_outcome`."""
    frozen = latest_plan(study)
    if frozen is None:
        raise Wrong(NOT_FROZEN)
    if len(study.explore) >= MOST:
        raise Wrong(TOO_MANY)
    plan = Plan.from_dict(frozen.plan)
    made = replace(one, key=_key("x", _keys(study, plan)))
    _check_split(study, made, plan)
    stored = asdict(made) | {"areas": list(made.areas), "sorts": list(made.sorts)}
    _write(study, [*study.explore, stored], version=version, actor=actor, at=at, name=made.name)


def stop_exploring(study: Study, key: str, *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Leave a split out of later runs; runs that are over keep it."""
    gone = next((row for row in study.explore if row["key"] == key), None)
    if gone is None:
        raise Wrong(GONE)
    kept = [row for row in study.explore if row["key"] != key]
    _write(study, kept, version=version, actor=actor, at=at, name=gone["name"])


def _write(
    study: Study, rows: list[dict[str, object]], *, version: int, actor: Actor, at: dt.datetime, name: str
) -> None:  # fmt: skip
    verb = "study.explored" if len(rows) > len(study.explore) else "study.unexplored"
    with transaction.atomic():
        if not Study.objects.filter(pk=study.pk, version=version).update(
            explore=rows, version=F("version") + 1, changed_at=at
        ):
            raise PlanChanged
        record(SUBJECT, study.pk, verb, actor=actor, at=at, data={"name": name})
    study.refresh_from_db()


def areas_by_share(study: Study, table: PopulationTable, category: str) -> tuple[str, ...]:
    """The areas of the data in which the share of a group of people is above the median of those with the programme."""
    plan, panel = _ready(study), panel_of(study)
    totals: dict[str, float] = {}
    ours: dict[str, float] = {}
    for code, name, group, value in table.rows.values_list("area__code", "area__name", "category", "value"):
        for known in {str(code), str(name)}:
            totals[known] = totals.get(known, 0.0) + value
            ours[known] = ours.get(known, 0.0) + (value if group == category else 0.0)
    shares = {unit: ours[unit] / totals[unit] for unit in panel.units if totals.get(unit)}
    if any(unit not in shares for unit in plan.treated):
        raise Wrong(NO_SHARE, "share")
    middle = float(np.median([shares[unit] for unit in plan.treated]))
    return tuple(unit for unit in panel.units if shares.get(unit, 0.0) > middle)
