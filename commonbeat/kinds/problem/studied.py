"""A problem and its study: a plan is drafted from what the problem says; the answer stands beside the assessment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from commonbeat.cases.deed import Deed
from commonbeat.community.agency import local_day
from commonbeat.community.models import Area
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.evidence.models import IncidentSource
from commonbeat.evidence.periods import Period, month_after
from commonbeat.evidence.studies.actions import start_study
from commonbeat.evidence.studies.models import Run, Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.kinds.problem import incidents
from commonbeat.kinds.problem.effects import NO_ROW, problem_of, say
from commonbeat.kinds.problem.models import Problem

LONGEST = 60
"""Months of history that a draft asks for."""
NO_AREAS = N_("Say in which areas the cases of this problem count. The study compares them with others.")
MIXED = N_("The areas of this problem are of different sorts. Choose areas of one sort.")
TOO_YOUNG = N_("These records begin too late: a study needs whole months before the response starts.")
NO_STUDY = N_("No study stands beside this problem.")
LINKED = N_("This study belongs to the problem already.")


def draft_study(deed: Deed) -> None:
    """Draft a study of the response: its areas, its first whole month, what is counted; an analyst goes on from there.

    Nothing is frozen by it, and nobody has looked at an outcome yet.
    """
    problem, given = problem_of(deed), deed.data
    source = IncidentSource.objects.filter(slug=given["source"], retired_at=None).exclude(content="").first()
    if source is None or source.first_on is None:
        raise Invalid([Wrong("source", NO_ROW)])
    sorts = incidents.known_sorts(source, str(given.get("sorts") or ""))
    areas = _areas(problem)
    first, start = _months(source.first_on, problem.started_at or deed.at)
    study = start_study(
        given["title"], dataset=None, plan=_plan(problem, areas, start), actor=deed.actor, at=deed.at,
        request={
            "source": source.slug, "areas": f"{areas[0].level}@{areas[0].revision}", "period": Period.MONTH,
            "start": first.isoformat(), "outcome": sorts, "population": "",
        },
    )  # fmt: skip
    _belong(deed, study)


def _areas(problem: Problem) -> list[Area]:
    """The areas of the problem, all of one level and revision, as a panel of counts needs them."""
    numbers = problem.areas or ([problem.case.area_id] if problem.case.area_id else [])
    found = list(Area.objects.filter(pk__in=numbers).order_by("code"))
    if not found:
        raise Invalid([Wrong("source", NO_AREAS)])
    if len({(area.level, area.revision) for area in found}) > 1:
        raise Invalid([Wrong("source", MIXED)])
    return found


def _months(known_from: dt.date, started_at: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first whole month of the history, and the first whole month with the response."""
    day = local_day(started_at)
    start = month_after(day.replace(day=1), 0 if day.day == 1 else 1)
    first = month_after(known_from.replace(day=1), 0 if known_from.day == 1 else 1)
    first = max(first, month_after(start, -LONGEST))
    if first >= start:
        raise Invalid([Wrong("source", TOO_YOUNG)])
    return first, start


def _plan(problem: Problem, areas: list[Area], start: dt.date) -> Plan:
    chosen = problem.options.filter(decision="chosen").order_by("pk").values_list("text", flat=True)
    told = "\n".join(part for part in (problem.objective, *chosen) if part)
    return Plan(programme=told, treated=tuple(area.code for area in areas), start=f"{start:%Y-%m}")


def link_study(deed: Deed) -> None:
    """Say that a study that is there already is the one of this problem."""
    found = Study.objects.filter(pk=int(deed.data["study"])).first()
    if found is None:
        raise Invalid([Wrong("study", NO_ROW)])
    if problem_of(deed).study_id == found.pk:
        raise Invalid([Wrong("study", LINKED)])
    _belong(deed, found)


def remove_study(deed: Deed) -> None:
    """The study is not about this problem after all: it stays what it is, and stands beside the problem no more."""
    problem = problem_of(deed)
    study = problem.study
    if study is None:
        raise Invalid([Wrong("reason", NO_STUDY)])
    deed.change(problem, study_id=None)
    deed.facts["study"] = study.pk
    say(deed, f"{study.title}\n{deed.data['reason']}")


def _belong(deed: Deed, study: Study) -> None:
    deed.change(problem_of(deed), study_id=study.pk)
    deed.facts["study"] = study.pk
    say(deed, study.title)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a study is: its frozen plan's number (0: a draft), and the result of its last finished run."""

    study: Study
    number: int
    registered: bool
    result: dict[str, object] | None


def standing(study: Study) -> Standing:
    """Read it: two statements."""
    plan = study.plans.order_by("-number").only("number", "known_after").first()
    done = Run.objects.filter(plan=plan, state=Run.State.DONE).order_by("-pk").first() if plan else None
    return Standing(study, plan.number if plan else 0, bool(plan and plan.registered), done.result if done else None)
