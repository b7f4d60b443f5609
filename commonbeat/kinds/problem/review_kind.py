"""The after-action review: what was meant, what happened, why, and what is done differently next time (O45).

For an event or operation that is no problem of its own. Its lessons stand in the same library, its improvements are a
plan like that of a problem.
"""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Kind, PersonalField
from commonbeat.core.actor import Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome, State, Workflow, step
from commonbeat.kinds.problem import effects
from commonbeat.kinds.problem.joint_vocabulary import REVIEW_TYPES
from commonbeat.kinds.problem.shared_steps import (
    REASON,
    SEES,
    STAFF,
    case_steps,
    choice,
    desk_steps,
    partner_steps,
    place_steps,
    plan_steps,
)
from commonbeat.kinds.problem.shared_terms import INTAKE, personal, terms
from commonbeat.kinds.problem.vocabulary import CARRIED_OUT

OPEN = ("looking", "improving")
CLOSED = ("learnt", "dropped")

GRADES = (
    Outcome("went_well", N_("Went well"), N_("It went well.")),
    Outcome("mixed", N_("Some of it went well"), N_("Some of it went well.")),
    Outcome("went_badly", N_("Did not go well"), N_("It did not go well.")),
)

STEPS = (
    step("improve", N_("Go on to improvements"), at=("looking",), by=STAFF, to="improving", then=effects.move_on),
    step(
        "describe", N_("Describe the operation"), at=OPEN, by=STAFF, undo=False, then=effects.describe,
        fields=(
            Field("title", N_("What is looked back at"), required=True, maximum=120,
                  hint=N_("The event or operation, and its day. Name no private person.")),
            Field("text", N_("What happened"), "text", required=True, hint=N_("In the order in which it happened.")),
            choice("type", N_("Type of operation"), REVIEW_TYPES, required=True),
            Field("goals", N_("What was meant to happen"), "text"),
            Field("harms", N_("What it did to people"), "text"),
        ),
    ),
    *case_steps(OPEN + CLOSED),
    *place_steps(OPEN),
    *partner_steps(OPEN),
    step(
        "appraise", N_("Write down what was learnt"), at=OPEN, by=STAFF, then=effects.appraise,
        fields=(
            choice("carried_out", N_("Did it go as planned?"), CARRIED_OUT, required=True),
            Field("process", N_("What went well and is kept"), "text", required=True),
            Field("result", N_("What went differently, and why"), "text", required=True),
            Field("grade", N_("How it went"), "singlevaluelist", required=True,
                  choices=tuple(Choice(one.slug, one.label) for one in GRADES)),
            Field("lessons", N_("What others can learn from it"), "text", required=True,
                  hint=N_("Colleagues find this in the library of problems. Blame nobody: say what helps next time.")),
        ),
    ),
    *plan_steps(OPEN, answered_at=OPEN),
    step("close", N_("Close the review"), at=("improving",), by=STAFF, to="learnt", closes=True, undo=False,
         then=effects.conclude),
    step("set_aside", N_("Drop the review"), at=OPEN, by={Role.SUPERVISOR}, to="dropped", closes=True,
         then=effects.give_up, fields=(REASON,)),
    step("reopen", N_("Reopen"), at=CLOSED, by=STAFF, to="looking", undo=False, then=effects.reopen,
         fields=(Field("reason", N_("Why"), "text", required=True),)),
)  # fmt: skip

FLOW = Workflow(
    start="looking",
    states=(
        State("looking", N_("Looking back"), N_("We look back at it.")),
        State("improving", N_("Improvements under way"), N_("We change what has to be changed.")),
        State("learnt", N_("Learnt"), N_("This review is finished."), closed=True),
        State("dropped", N_("Dropped"), N_("This review was dropped."), closed=True),
    ),
    steps=STEPS + desk_steps(OPEN, CLOSED),
    outcomes=(*GRADES, Outcome("given_up", N_("Dropped"), N_("This review was dropped."), offered=False)),
)  # fmt: skip

REVIEW = KINDS.add(
    Kind(
        slug="review", label=N_("After-action review"), plural=N_("After-action reviews"), workflow=FLOW,
        intake=INTAKE, sees=SEES, retention=terms(N_("What was learnt helps with the next such operation.")),
        personal=personal(
            PersonalField(N_("What staff and partners write about the operation"), N_("To learn from it"),
                          N_("As long as the case"))
        ),
    )
)  # fmt: skip
