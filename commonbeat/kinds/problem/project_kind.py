"""The joint project: work of residents, partners and police together that needs no problem, with a plan and permits.

It stands on the tables of problems: the same places, organisations, plan, partners' links, assessments and library.
"""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Kind, PersonalField
from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome, State, Workflow, step
from commonbeat.kinds.problem import effects, permits
from commonbeat.kinds.problem.joint_vocabulary import PERMIT_STATES, PROJECT_TYPES
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

OPEN = ("idea", "planning", "doing", "upkeep")
CLOSED = ("finished", "given_up")
WORKED = ("planning", "doing", "upkeep")

GRADES = (
    Outcome("reached", N_("Goals reached"), N_("We did what we set out to do.")),
    Outcome("partly_reached", N_("Goals reached in part"), N_("We did a part of what we set out to do.")),
    Outcome("not_reached", N_("Goals not reached"), N_("We did not get done what we set out to do.")),
)
PERMIT_FIELDS = (
    Field("what", N_("Permit for what"), required=True, maximum=200),
    Field("authority", N_("Authority that gives it"), required=True, maximum=200),
    Field("reference", N_("Its reference"), maximum=100),
    choice("state", N_("How it stands"), PERMIT_STATES, required=True),
    Field("asked_on", N_("Asked for on"), "datetime"),
    Field("decided_on", N_("Decided on"), "datetime"),
    Field("expires_on", N_("Valid until"), "datetime",
          hint=N_("Whoever works the project gets a task a month before. Empty: it does not expire.")),
    Field("note", N_("Note"), maximum=400),
)  # fmt: skip
PERMIT = Field("permit", N_("Permit"), required=True, source="problem_permit")

STEPS = (
    step("agree", N_("Go on to planning"), at=("idea",), by=STAFF, to="planning", then=effects.move_on),
    step("begin", N_("Begin the work"), at=("planning",), by=STAFF, to="doing", then=effects.begin),
    step("hand_to_use", N_("It is in use: look after it"), at=("doing",), by=STAFF, to="upkeep",
         then=effects.move_on),
    step(
        "describe", N_("Describe the project"), at=OPEN, by=STAFF, undo=False, then=effects.describe,
        fields=(
            Field("title", N_("Name of the project"), required=True, maximum=120),
            Field("text", N_("What it is"), "text", required=True),
            choice("type", N_("Type of project"), PROJECT_TYPES, required=True),
            Field("goals", N_("What it is to reach"), "text"),
            Field("harms", N_("Why it is needed"), "text"),
            Field("volunteers", N_("What volunteers do"), "text"),
            Field("budget", N_("Budget"), maximum=300, hint=N_("An amount or words, and who pays.")),
        ),
    ),
    step(
        "objective", N_("Set the objective"), at=("idea", "planning"), by=STAFF, undo=False, then=effects.objective,
        fields=(
            Field("objective", N_("Objective"), "text", required=True, maximum=1000),
            Field("measure", N_("How it is measured"), required=True),
            Field("target", N_("Target"), required=True),
            Field("target_on", N_("By"), "datetime"),
        ),
    ),
    *case_steps(OPEN + CLOSED),
    *place_steps(OPEN),
    *partner_steps(OPEN),
    step("add_permit", N_("Add a permit"), at=OPEN, by=STAFF, then=permits.add_permit, fields=PERMIT_FIELDS),
    step("change_permit", N_("Change a permit"), at=OPEN, by=STAFF, undo=False, then=permits.change_permit,
         fields=(PERMIT, *PERMIT_FIELDS)),
    step("remove_permit", N_("Take a permit off"), at=OPEN, by=STAFF, undo=False, then=permits.remove_permit,
         fields=(PERMIT, REASON)),
    *plan_steps(WORKED, answered_at=OPEN),
    step(
        "appraise", N_("Look back on the project"), at=("doing", "upkeep"), by=STAFF, then=effects.appraise,
        fields=(
            choice("carried_out", N_("Was the plan carried out?"), CARRIED_OUT, required=True),
            Field("process", N_("What was done, and what was not"), "text", required=True),
            Field("result", N_("What changed, by numbers and by what people say"), "text", required=True),
            Field("grade", N_("How far the goals were reached"), "singlevaluelist", required=True,
                  choices=tuple(Choice(one.slug, one.label) for one in GRADES)),
            Field("lessons", N_("What others can learn from it"), "text", required=True,
                  hint=N_("Colleagues find this in the library of problems.")),
        ),
    ),
    step(
        "close", N_("Finish the project"), at=("doing", "upkeep"), by=STAFF, to="finished", closes=True, undo=False,
        then=effects.close,
        fields=(
            Field("title", N_("Title for the public"), required=True, maximum=120),
            Field("said", N_("What the project was, in public words"), "text", required=True,
                  hint=N_("No names, no house numbers.")),
            Field("message", N_("What we did together, in public words"), "text", required=True,
                  hint=N_("The public reads this after a second person has published it.")),
        ),
    ),
    step(
        "go_back", N_("Go back to an earlier phase"), at=WORKED, by=STAFF, undo=False, then=effects.go_back,
        fields=(
            choice("phase", N_("Phase"), (
                Choice("idea", N_("Idea")), Choice("planning", N_("Planning and permits")),
                Choice("doing", N_("Under way")),
            ), required=True),
            REASON,
        ),
    ),
    step("set_aside", N_("Give it up"), at=OPEN, by=STAFF, to="given_up", closes=True, then=effects.give_up,
         fields=(REASON,)),
    step("reopen", N_("Reopen"), at=CLOSED, by=STAFF, to="planning", undo=False, then=effects.reopen,
         fields=(Field("reason", N_("Why"), "text", required=True),)),
)  # fmt: skip

FLOW = Workflow(
    start="idea",
    states=(
        State("idea", N_("Idea"), N_("We look whether we do this together.")),
        State("planning", N_("Planning and permits"), N_("We plan it and ask for permits.")),
        State("doing", N_("Under way"), N_("We are at work.")),
        State("upkeep", N_("In use"), N_("It is in use, and looked after.")),
        State("finished", N_("Finished"), N_("This project is finished."), closed=True),
        State("given_up", N_("Given up"), N_("This project was given up."), closed=True),
    ),
    steps=STEPS + desk_steps(OPEN, CLOSED),
    outcomes=(*GRADES, Outcome("given_up", N_("Given up"), N_("This project was given up."), offered=False)),
)  # fmt: skip

PROJECT = KINDS.add(
    Kind(
        slug="project", label=N_("Joint project"), plural=N_("Joint projects"), workflow=FLOW,
        intake=INTAKE, sees=SEES, retention=terms(N_("What was learnt helps with the next such project.")),
        personal=personal(
            PersonalField(N_("What staff and partners write about the project"), N_("To do it together"),
                          N_("As long as the case"))
        ),
    )
)  # fmt: skip
