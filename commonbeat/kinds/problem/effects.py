"""What the steps of a problem change: one function for each, named by the steps in `kind.py`."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db.models import Model

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Task
from commonbeat.cases.telling import tell_owner
from commonbeat.community.agency import setting
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.numbers import show, suppress
from commonbeat.core.text import N_
from commonbeat.kinds.problem import counting, gates
from commonbeat.kinds.problem.models import Assessment, Evidence, Hypothesis, Option, Problem
from commonbeat.kinds.problem.vocabulary import HYPOTHESIS_STATES, SIDES, SUBSTEPS, label
from commonbeat.publishing.models import Publication
from commonbeat.publishing.outcomes import draft_anew, draft_outcome, take_back

Row = TypeVar("Row", bound=Model)

NO_ROW = N_("This is not a part of the problem any more. Choose another one.")
IN_CIRCLES = N_("An action cannot wait for itself.")
FEWER_PHASE = N_("Choose a phase before the one that the problem is in.")
NOT_JUDGED = N_("Nothing speaks for or against it yet. Add evidence first.")
OPEN_AGAIN = N_("The problem was opened again.")
SAY_WHERE = N_("Say where it went.")
NO_POINT = N_("The problem has no point on the map, so nothing can be near it. Leave this empty.")

DESCRIBED = {"type", "priority", "origin", "harms", "goals", "budget", "volunteers"}
"""What a description may say besides title and words: each kind asks some of it."""
GIVEN_UP = "given_up"
PHASES = ("scanning", "analysis", "response", "acting", "assessment")
"""Open states in their order; `acting` is the response while it is carried out."""


def problem_of(deed: Deed) -> Problem:
    """The problem that a step is about."""
    found = Problem.objects.get(case_id=deed.case.pk)
    found.case = deed.case
    return found


def row_of(deed: Deed, rows: Any, field: str) -> Any:
    """A row of this problem that the answer `field` names; a row of another one is no answer."""
    found = rows.filter(pk=int(deed.data[field])).first() if deed.data.get(field) else None
    if found is None:
        raise Invalid([Wrong(field, NO_ROW)])
    return found


def _set(deed: Deed, **values: Any) -> None:
    Problem.objects.filter(case_id=deed.case.pk).update(**values)


def say(deed: Deed, text: str) -> None:
    """Keep words on the timeline."""
    deed.personal["text"] = text


# --- scanning --------------------------------------------------------------------------------------


def describe(deed: Deed) -> None:
    """Say what the problem is."""
    given = deed.data
    deed.columns |= {"text": given["text"], "details": deed.case.details | {"title": given["title"]}}
    asked = {field.code for field in deed.step.fields} & DESCRIBED
    _set(deed, **{name: given.get(name) or "" for name in asked})
    say(deed, given["title"])


def gather(deed: Deed) -> None:
    """Say which cases count for the problem."""
    radius = deed.data.get("radius_m")
    if radius and deed.case.lat is None:
        raise Invalid([Wrong("radius_m", NO_POINT)])
    categories = [int(pk) for pk in deed.data["categories"]]
    areas = [int(pk) for pk in deed.data.get("areas") or ()]
    measures = list(deed.data.get("measures") or ())
    _set(deed, categories=categories, areas=areas, radius_m=int(radius) if radius else None, measures=measures)
    deed.facts |= {"categories": categories, "areas": areas, "radius_m": radius, "measures": measures}


def tick(deed: Deed) -> None:
    """Tick off the sub-steps of SARA that are done; what is not ticked is open again."""
    _set(deed, substeps=[key for phase in SUBSTEPS for key in deed.data.get(phase) or ()])


# --- analysis --------------------------------------------------------------------------------------


def triangle(deed: Deed) -> None:
    """Fill in the problem triangle."""
    _set(deed, triangle={side: deed.data[side] for side in SIDES if deed.data.get(side)})


def inventory(deed: Deed) -> None:
    """List what is done about it now."""
    _set(deed, present_response=deed.data["present_response"])


def hypothesis(deed: Deed) -> None:
    """Add a hypothesis, with the whys that led to it, one on each line."""
    whys = [line.strip()[:400] for line in str(deed.data.get("whys") or "").splitlines() if line.strip()][:7]
    deed.make(Hypothesis(problem_id=deed.case.pk, text=deed.data["idea"], whys=whys))
    say(deed, deed.data["idea"])


def weigh(deed: Deed) -> None:
    """Add what speaks for or against a hypothesis."""
    row = row_of(deed, Hypothesis.objects.filter(problem_id=deed.case.pk), "hypothesis")
    deed.make(
        Evidence(
            hypothesis=row, speaks=deed.data["speaks"], text=deed.data["evidence"],
            source=str(deed.data.get("source") or ""),
        )
    )  # fmt: skip
    say(deed, deed.data["evidence"])


def judge(deed: Deed) -> None:
    """Decide about a hypothesis; without evidence nothing is decided."""
    row = row_of(deed, Hypothesis.objects.filter(problem_id=deed.case.pk), "hypothesis")
    state = deed.data["state"]
    if state != "open" and not row.evidence.exists():
        raise Invalid([Wrong("state", NOT_JUDGED)])
    Hypothesis.objects.filter(pk=row.pk).update(state=state, reason=deed.data["reason"][:400])
    deed.facts["judged"] = label(HYPOTHESIS_STATES, state)
    say(deed, f"{row.text}\n{deed.data['reason']}")


# --- response --------------------------------------------------------------------------------------


def option(deed: Deed) -> None:
    """Add something that could be done."""
    deed.make(Option(problem_id=deed.case.pk, technique=deed.data["technique"], text=deed.data["idea"]))
    say(deed, deed.data["idea"])


def choose(deed: Deed) -> None:
    """Choose an option or put it aside, with the reason."""
    row = row_of(deed, Option.objects.filter(problem_id=deed.case.pk), "option")
    Option.objects.filter(pk=row.pk).update(decision=deed.data["decision"], reason=deed.data["reason"][:400])
    deed.facts["decision"] = deed.data["decision"]
    say(deed, f"{row.text}\n{deed.data['reason']}")


def objective(deed: Deed) -> None:
    """Say what the response is to reach, how that is measured, and by when."""
    given = deed.data
    day = dt.date.fromisoformat(str(given["target_on"])[:10]) if given.get("target_on") else None
    _set(
        deed, objective=given["objective"], measure=given["measure"], target=given["target"], target_on=day
    )  # fmt: skip
    say(deed, given["objective"])


def start_response(deed: Deed) -> None:
    """Begin the response and freeze the baseline. One that went back to planning keeps its first baseline."""
    problem = problem_of(deed)
    gates.check(problem, deed.step.slug, at=deed.at)
    if problem.baseline is None:
        baseline = counting.freeze(problem, at=deed.at)
        _set(deed, started_at=deed.at, baseline=baseline)
        deed.facts["baseline"] = baseline


# --- phases ----------------------------------------------------------------------------------------


def move_on(deed: Deed) -> None:
    """Go on to the next phase, if nothing is missing."""
    gates.check(problem_of(deed), deed.step.slug, at=deed.at)
    if deed.data.get("reason"):
        say(deed, deed.data["reason"])


def begin(deed: Deed) -> None:
    """Begin the work of a project: what is said when looking back is about the time from now on."""
    move_on(deed)
    _set(deed, started_at=deed.at)


def go_back(deed: Deed) -> None:
    """Go back to an earlier phase, with the reason."""
    phase = deed.data["phase"]
    order = [state.slug for state in deed.kind.workflow.states]
    if order.index(phase) >= order.index(deed.case.state):
        raise Invalid([Wrong("phase", FEWER_PHASE)])
    deed.columns["state"] = phase
    say(deed, deed.data["reason"])


def appraise(deed: Deed) -> None:
    """Assess the response: what was done, what changed, what moved, what was learnt. The counts are kept with it."""
    given, problem = deed.data, problem_of(deed)
    moved = given.get("displacement") or ""
    if moved in {"place", "form"} and not given.get("displacement_words"):
        raise Invalid([Wrong("displacement_words", SAY_WHERE)])
    counts = counting.compare(problem, until=deed.at)
    deed.make(
        Assessment(
            problem_id=deed.case.pk, made_at=deed.at, made_by_id=deed.actor.user_id,
            carried_out=given["carried_out"], process=given["process"], result=given["result"],
            displacement=moved, displacement_words=given.get("displacement_words") or "",
            grade=given["grade"], lessons=given["lessons"], study_id=given.get("study"),
            counts=counts.kept() if counts else None,
        )
    )  # fmt: skip
    deed.facts["grade"] = given["grade"]
    say(deed, given["lessons"])


def close(deed: Deed) -> None:
    """Close with the grade of the latest assessment, draft the public summary, and keep watch for a relapse."""
    problem = problem_of(deed)
    gates.check(problem, deed.step.slug, at=deed.at)
    last = problem.assessments.latest("made_at")
    deed.columns["outcome"] = last.grade
    deed.facts["outcome"] = last.grade
    _set(deed, alarm_count=deed.data.get("alarm_count"))
    _end(deed)
    draft_anew(deed.case.pk)
    draft_outcome(deed)
    draft = Publication.objects.filter(case_number=deed.case.pk, state=Publication.State.DRAFT).first()
    if draft:
        words = draft.words[draft.language] | {"title": deed.data["title"], "said": deed.data["said"]}
        Publication.objects.filter(pk=draft.pk).update(
            words={draft.language: words}, facts=public_facts(last, deed.kind.slug), drafted_by=deed.actor.user_id
        )


def public_facts(assessment: Assessment, kind: str) -> list[dict[str, Any]]:
    """What the public reads of an assessment besides words: label, text and its numbers, small counts hidden."""
    facts: list[dict[str, Any]] = [{"label": N_("How it went"), "outcome": [kind, assessment.grade]}]
    kept = assessment.counts
    if kept:
        minimum = int(setting("minimum_count"))
        found = counting.Comparison(**kept)
        spans = (
            (N_("Reports before"), found.before, found.days_before),
            (N_("Reports since"), found.after, found.days_after),
        )
        for name, count, days in spans:
            facts.append(
                {"label": name, "text": N_("%(n)s in %(months)s months"),
                 "params": {"n": show(suppress(count, minimum=minimum)), "months": f"{days / counting.A_MONTH:.0f}"}}
            )  # fmt: skip
    return facts


def set_aside(deed: Deed) -> None:
    """End a problem that nobody works on further, with the reason."""
    deed.columns["outcome"] = deed.data["why"]
    deed.facts["outcome"] = deed.data["why"]
    deed.personal["reason"] = deed.data["reason"]
    _end(deed)


def give_up(deed: Deed) -> None:
    """End a project or a review that nobody goes on with, with the reason."""
    deed.columns["outcome"] = GIVEN_UP
    deed.facts["outcome"] = GIVEN_UP
    deed.personal["reason"] = deed.data["reason"]
    _end(deed)


def conclude(deed: Deed) -> None:
    """Close a review with the grade of its latest look back; it is for the department, so nothing is published."""
    problem = problem_of(deed)
    gates.check(problem, deed.step.slug, at=deed.at)
    deed.columns["outcome"] = problem.assessments.latest("made_at").grade
    deed.facts["outcome"] = deed.columns["outcome"]
    _end(deed)


def _end(deed: Deed) -> None:
    Task.objects.filter(case=deed.case, done_at__isnull=True).update(done_at=deed.at, done_by=deed.actor.user_id)


def reopen(deed: Deed) -> None:
    """Open again for another look: the public summary is withdrawn, and the next response freezes its own baseline."""
    effects.reopen(deed)
    _set(deed, started_at=None, baseline=None, alarm_count=None)
    told = Publication.objects.filter(case_number=deed.case.pk, state=Publication.State.PUBLISHED).first()
    if told:  # what it says is not so any more
        take_back(told, actor=deed.actor, at=deed.at, reason=OPEN_AGAIN)


def relapse(deed: Deed) -> None:
    """The product opens it again: the problem came back."""
    reopen(deed)
    deed.facts["count"] = deed.data["count"]
    tell_owner(deed, "staff_reopened")
