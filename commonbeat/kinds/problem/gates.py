"""What a problem needs before its next phase: a step that is refused says exactly what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from commonbeat.cases.models import CaseLink
from commonbeat.community.agency import local_day
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.kinds.problem.models import Problem


@dataclass(frozen=True)
class Need:
    """One thing that must be there: what to do about it, whether it is met, and the step that does it."""

    words: str
    met: Callable[[Problem, dt.date], bool]
    step: str


def _has_linked_matter(problem: Problem, _: dt.date) -> bool:
    linked = CaseLink.objects.filter(one=problem.case_id).exists() or CaseLink.objects.filter(other=problem.case_id)
    return bool(linked) or bool(problem.categories)


def _assessed(problem: Problem, _: dt.date) -> bool:
    rows = problem.assessments.all()
    return (rows.filter(made_at__gte=problem.started_at) if problem.started_at else rows).exists()


def _permitted(problem: Problem, today: dt.date) -> bool:
    rows = problem.permits.exclude(state="dropped")
    return all(row.state == "granted" and not row.expired(today) for row in rows)


PLANNED = Need(N_("Plan at least one action."), lambda p, _: p.actions.exclude(state="dropped").exists(), "plan")
WORKED_OFF = Need(
    N_("Finish every action of the plan, or drop it with a reason."),
    lambda p, _: not p.actions.filter(state__in=["planned", "doing"]).exists(), "progress",
)  # fmt: skip
OF_PROBLEMS: Mapping[str, tuple[Need, ...]] = {
    "analyse": (
        Need(
            N_("Say what the problem is, and what type it is."), lambda p, _: bool(p.case.text and p.type), "describe",
        ),
        Need(N_("Say what it does to people: the harms."), lambda p, _: bool(p.harms), "describe"),
        Need(N_("Link a case, or say which cases count."), _has_linked_matter, "connect"),
    ),
    "respond": (
        Need(
            N_("Fill in all three sides of the triangle."),
            lambda p, _: all(p.triangle.get(side) for side in ("offender", "target", "place")), "triangle",
        ),
        Need(N_("List what is done about it now."), lambda p, _: bool(p.present_response), "inventory"),
        Need(
            N_("Find at least one hypothesis that the evidence supports."),
            lambda p, _: p.hypotheses.filter(state="supported").exists(), "hypothesis",
        ),
        Need(N_("Say which cases count: the baseline is made of them."), lambda p, _: bool(p.categories), "gather"),
    ),
    "start_response": (
        Need(N_("Choose at least one response."), lambda p, _: p.options.filter(decision="chosen").exists(), "option"),
        Need(
            N_("Write the objective, how it is measured, and the target."),
            lambda p, _: bool(p.objective and p.measure and p.target), "objective",
        ),
        PLANNED,
    ),
    "assess": (WORKED_OFF,),
    "close": (Need(N_("Assess the response."), _assessed, "appraise"),),
}  # fmt: skip
OF_PROJECTS: Mapping[str, tuple[Need, ...]] = {
    "agree": (
        Need(N_("Say what the project is to reach."), lambda p, _: bool(p.case.text and p.goals), "describe"),
        Need(N_("Add an organisation: a joint project has partners."), lambda p, _: p.partners.exists(), "add_partner"),
    ),
    "begin": (
        Need(
            N_("Write the objective, how it is measured, and the target."),
            lambda p, _: bool(p.objective and p.measure and p.target), "objective",
        ),
        PLANNED,
        Need(N_("Every permit must be granted and valid, or not needed after all."), _permitted, "change_permit"),
    ),
    "hand_to_use": (WORKED_OFF,),
    "close": (WORKED_OFF, Need(N_("Look back on the project: what was done, what came of it."), _assessed, "appraise")),
}  # fmt: skip
OF_REVIEWS: Mapping[str, tuple[Need, ...]] = {
    "improve": (
        Need(N_("Say what was meant to happen."), lambda p, _: bool(p.case.text and p.goals), "describe"),
        Need(N_("Write down what was learnt."), _assessed, "appraise"),
    ),
    "close": (WORKED_OFF,),
}  # fmt: skip
NEEDS: Mapping[str, Mapping[str, tuple[Need, ...]]] = {
    "problem": OF_PROBLEMS, "project": OF_PROJECTS, "review": OF_REVIEWS,
}  # fmt: skip
"""Needs by the kind of case and the step that they hold back."""


def missing(problem: Problem, step: str, *, at: dt.datetime) -> list[Need]:
    """What is still missing for a step."""
    today = local_day(at)
    return [need for need in NEEDS[problem.case.kind].get(step, ()) if not need.met(problem, today)]


def check(problem: Problem, step: str, *, at: dt.datetime) -> None:
    """Raise `Invalid` with everything that is missing for a step."""
    wrong = missing(problem, step, at=at)
    if wrong:
        raise Invalid([Wrong("", need.words) for need in wrong])
