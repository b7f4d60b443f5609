"""The request for a service: a watch on a house, a security survey, a speaker, a ride-along, help at an event."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.custody import PHOTOS
from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import COLLEAGUES_SEE, KINDS, Intake, Kind, PersonalField
from commonbeat.cases.models import Task
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import (
    DESK,
    MESSAGE,
    REASON,
    STAFF,
    TELL,
    add_step,
    answer_step,
    ask_step,
    assign_step,
    give_back_step,
    link_steps,
    message_step,
    note_step,
    pass_on_step,
    reopen_step,
    withdraw_step,
)
from commonbeat.community.agency import wall_clock
from commonbeat.core.actor import Role
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome, Procedure, State, Workflow, step
from commonbeat.kinds.service import orders, survey
from commonbeat.kinds.service.checklist import CHECKLIST, SEVERITIES, STATES, TOPICS

OPEN = ("new", "acknowledged", "assigned", "waiting", "planned", "reopened")
CLOSED = ("closed", "withdrawn")
VISIT = "visit"

FOUND = (
    Choice("fine", N_("All was in order")),
    Choice("open_door", N_("A door or window was open")),
    Choice("present", N_("Somebody was there who may not be")),
    Choice("vehicle", N_("A vehicle that does not belong there")),
    Choice("trouble", N_("Something else was wrong")),
    Choice("nobody", N_("Nobody was there")),
    Choice("held", N_("It took place")),
)
IN_PAST = N_("Choose a day and time after now.")
NOT_YET = N_("This moment has not come yet. Record a visit after it took place.")


def _go_there(deed: Deed, when: str) -> None:
    """The next visit becomes a task of whoever has the case, in place of the one before."""
    due = wall_clock(when)
    if due <= deed.at:
        raise Invalid([Problem("next_on" if deed.step.slug == VISIT else "on", IN_PAST)])
    Task.objects.filter(case=deed.case, sort=VISIT, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    owner = deed.columns.get("assignee_id") or deed.case.assignee_id or deed.actor.user_id
    deed.make(Task(case=deed.case, sort=VISIT, text="", owner_id=owner, due_at=due, created_at=deed.at))
    deed.facts["due"] = due


def plan(deed: Deed) -> None:
    """Agree on a day: it stands on the case, and in the tasks of whoever goes."""
    _go_there(deed, str(deed.data["on"]))


def visit(deed: Deed) -> None:
    """Keep what a visit found; a watch goes on with the next one."""
    at = wall_clock(str(deed.data["visited_at"]))
    if at > deed.at:
        raise Invalid([Problem("visited_at", NOT_YET)])
    Task.objects.filter(case=deed.case, sort=VISIT, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    deed.facts |= {"visited_at": at, "visit": deed.data["found"]}
    deed.personal["text"] = deed.data.get("message") or ""
    if deed.data.get("next_on"):
        _go_there(deed, str(deed.data["next_on"]))


_SEVERITY = Field("severity", N_("How bad"), "singlevaluelist", required=True, choices=SEVERITIES)
_SEEN = Field("seen", N_("What you saw"), maximum=600)
_ADVICE = Field("advice", N_("Advice"), "text", required=True, maximum=600)
_WHICH = Field("finding", N_("Finding"), required=True, source="survey_finding")
SURVEY_STEPS = (
    step(
        "survey", N_("Walk through with the checklist"), at=OPEN, by=DESK, undo=False, procedure="survey",
        then=survey.walk,
        fields=(Field("walked_at", N_("When"), "moment", required=True), *CHECKLIST, PHOTOS),
    ),
    step(
        "advise", N_("Advise on a finding"), at=OPEN, by=DESK, undo=False, procedure="survey", then=survey.advise,
        fields=(_WHICH, _SEVERITY, _SEEN, _ADVICE),
    ),
    step(
        "add_finding", N_("Add a finding"), at=OPEN, by=DESK, procedure="survey", then=survey.add_finding,
        fields=(
            Field("topic", N_("Principle"), "singlevaluelist", required=True, choices=TOPICS), _SEVERITY, _SEEN,
            _ADVICE,
        ),
    ),
    step(
        "order", N_("Make a work order"), at=OPEN + CLOSED, by=STAFF, undo=False, procedure="survey",
        then=orders.order, fields=orders.ORDER_FIELDS,
    ),
    step(
        "hand_list", N_("Give the list to the resident"), at=OPEN, by=DESK, procedure="survey",
        then=survey.hand_list, tells=("reporter",), audience="reporter", meets=("acknowledge",),
        fields=(
            MESSAGE, Field("again_on", N_("Ask what was done on"), "datetime", hint=N_("Empty means in 90 days.")),
            TELL,
        ),
        said=N_("You have the list of what would make your place safer."),
    ),
    step(
        "follow_up", N_("Say what was done"), at=OPEN + CLOSED, by=DESK, undo=False, procedure="survey",
        then=survey.follow_up,
        fields=(
            _WHICH, Field("state", N_("It is"), "singlevaluelist", required=True, choices=STATES[1:]),
            Field("note", N_("Note"), maximum=300), PHOTOS,
        ),
    ),
)  # fmt: skip

FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your request. Nobody has read it yet.")),
        State("acknowledged", N_("Acknowledged"), N_("Somebody has read your request.")),
        State("assigned", N_("Assigned"), N_("Somebody is arranging it.")),
        State("waiting", N_("Waiting for an answer"), N_("We asked a question and wait for the answer."), waits=True),
        State("planned", N_("Planned"), N_("We have a day for it.")),
        State("reopened", N_("Reopened"), N_("This was opened again.")),
        State("closed", N_("Closed"), N_("This is closed."), closed=True),
        State("withdrawn", N_("Withdrawn"), N_("The person who asked for this withdrew it."), closed=True),
    ),
    steps=(
        step(
            "acknowledge", N_("Acknowledge"), at=("new", "reopened"), by=STAFF, to="acknowledged", key="a", bulk=True,
            fields=(MESSAGE, TELL), tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Somebody has read your request."),
        ),
        assign_step(
            at=OPEN, by=STAFF, bulk=True, said=N_("Your request was given to somebody who can arrange it.")
        ),
        pass_on_step(at=OPEN, said=N_("Somebody else works on your request now.")),
        give_back_step(at=OPEN, falls={"assigned": "acknowledged"}),
        step(
            "plan", N_("Agree on a day"), at=OPEN, by=DESK, to="planned", key="p",
            fields=(Field("on", N_("Day and time"), "moment", required=True), MESSAGE, TELL),
            then=plan, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("We have a day for your request."),
        ),
        step(
            VISIT, N_("Record a visit"), at=OPEN, by=DESK, key="v",
            fields=(
                Field("visited_at", N_("When"), "moment", required=True),
                Field("found", N_("How it went"), "singlevaluelist", required=True, choices=FOUND),
                MESSAGE,
                Field("next_on", N_("Next visit"), "moment", hint=N_("Leave empty when no other visit is planned.")),
                TELL,
            ),
            then=visit, tells=("reporter",), audience="reporter", meets=("acknowledge",), said=N_("We were there."),
        ),
        *SURVEY_STEPS,
        ask_step(at=OPEN, by=STAFF),
        answer_step(at=("waiting",), by=STAFF),
        add_step(at=OPEN),
        note_step(at=OPEN + CLOSED, by=DESK, bulk=True),
        *link_steps(at=OPEN + CLOSED, by=STAFF),
        tag_step(at=OPEN + CLOSED, by=STAFF),
        message_step(at=OPEN + CLOSED, by=STAFF),
        step(
            "resolve", N_("Close"), at=OPEN, by=STAFF, to="closed", closes=True, key="d",
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, source="outcome"),
                Field("message", MESSAGE.label, "text", required=True, hint=MESSAGE.hint),
                REASON,
                TELL,
            ),
            then=effects.resolve, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
        ),
        reopen_step(at=CLOSED, by=STAFF),
        withdraw_step(at=OPEN, by=STAFF, said=N_("The request was withdrawn.")),
    ),
    outcomes=(
        Outcome("done", N_("Done"), N_("We did what you asked for.")),
        Outcome("advice", N_("Advice given"), N_("We gave advice on what to do.")),
        Outcome("referred", N_("Connected with a service"), N_("We connected you with a service that can help.")),
        Outcome("not_possible", N_("Not possible"), N_("We could not do this.")),
        Outcome("no_contact", N_("Nobody could be reached"), N_("We could not reach you.")),
        Outcome("withdrawn", N_("Withdrawn"), N_("The request was withdrawn."), offered=False),
    ),
    procedures=(
        Procedure("survey", N_("Security survey"), N_("A walk with a checklist, findings and advice.")),
    ),
)  # fmt: skip

SERVICE = KINDS.add(
    Kind(
        slug="service",
        label=N_("Request for a service"),
        plural=N_("Requests for services"),
        workflow=FLOW,
        sees=COLLEAGUES_SEE,
        notices={
            "opened": "received", "step": "progress", "resolve": "resolved", "pass_on": "new_officer",
        },
        intake=Intake(openers=frozenset(STAFF | {Role.RECORDS, Role.ADMIN})),
        retention={
            "default": Retention(365, N_("Nobody asks about a visit after a year."), least=30),
            "withdrawn": Retention(90, N_("Nothing was done."), least=7),
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number"), N_("To arrange the service"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("What a security survey found, and the advice"), N_("To make the place safer"),
                          N_("As long as the case")),
            PersonalField(
                N_("When a house is empty, who has a key"), N_("To watch the house"), N_("As long as the case")
            ),
        ),
    )
)  # fmt: skip
