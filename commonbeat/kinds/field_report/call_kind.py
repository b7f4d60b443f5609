"""The call from dispatch: it waits in a queue, somebody who may take it works it as a field report, or it goes back."""

from __future__ import annotations

from commonbeat.cases.kind import EVERYWHERE, KINDS, WORKERS_SEE, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import give_back_step, link_steps, note_step, pass_on_step
from commonbeat.core.actor import Role
from commonbeat.core.fields import Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import SYSTEM, Outcome, State, Workflow, step
from commonbeat.kinds.field_report import call_deeds as deeds
from commonbeat.kinds.field_report.kind import CALL_FIELDS, READERS, WRITERS

OPEN, CLOSED = ("queued", "sworn", "taken"), ("reported", "returned")
REASON = Field("reason", N_("Why"), "text", required=True, maximum=600, hint=N_("Without names."))
SWORN_FIELDS = tuple(field for field in CALL_FIELDS if field.code != "incident")

FLOW = Workflow(
    start="queued",
    states=(
        State("queued", N_("Waits for somebody"), N_("Nobody has taken this yet.")),
        State("sworn", N_("Waits for a sworn officer"), N_("Somebody else was asked to come.")),
        State("taken", N_("Taken"), N_("Somebody is on it.")),
        State("reported", N_("Reported"), N_("A report says what was done."), closed=True),
        State("returned", N_("Back with dispatch"), N_("Dispatch has this again."), closed=True),
    ),
    steps=(
        step("claim", N_("I take this"), at=("queued", "sworn"), by=WRITERS, to="taken", key="w", undo=False,
             then=deeds.claim),
        step(
            "to_sworn", N_("Hand to sworn officers"), at=("queued",), by={*WRITERS, SYSTEM}, to="sworn", key="h",
            undo=False, then=deeds.to_sworn, fields=SWORN_FIELDS,
        ),
        step("put_back", N_("Put back for somebody else"), at=("taken",), by={*WRITERS, SYSTEM}, to="queued", key="b",
             undo=False, then=deeds.put_back, fields=(REASON,)),
        step(
            "hand_back", N_("Hand back to dispatch"), at=OPEN, by={*WRITERS, SYSTEM}, to="returned", closes=True,
            key="d", undo=False, then=deeds.hand_back, fields=(REASON,),
        ),
        step("end", N_("End with its report"), at=("taken",), by={SYSTEM}, to="reported", closes=True, undo=False,
             offered=False, then=deeds.end),
        step("remind", N_("Tell supervisors again"), at=("queued", "sworn"), by={SYSTEM}, undo=False, offered=False,
             then=deeds.remind),
        step(
            "assign", N_("Assign"), at=("queued", "sworn"), by={Role.SUPERVISOR}, key="s", then=deeds.assign,
            fields=(Field("user", N_("Person"), source="user"), Field("team", N_("Team or partner"), source="team")),
        ),
        pass_on_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}, then=deeds.pass_on),
        give_back_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}),
        note_step(at=OPEN + CLOSED, by=READERS),
        *link_steps(at=OPEN + CLOSED, by=WRITERS),
        tag_step(at=OPEN + CLOSED, by=WRITERS),
    ),
    outcomes=(
        Outcome("reported", N_("Reported"), N_("A report says what was done."), offered=False),
        Outcome("returned", N_("Back with dispatch"), N_("Dispatch has this again."), offered=False),
    ),
)  # fmt: skip


def route(facts: Facts) -> Decision:
    """To nobody: whoever may take it finds it in the queue."""
    return Decision()


DISPATCH_CALL = KINDS.add(
    Kind(
        slug="dispatch_call",
        label=N_("Call from dispatch"),
        plural=N_("Calls from dispatch"),
        workflow=FLOW,
        sees={
            **WORKERS_SEE,
            Role.SUPERVISOR: EVERYWHERE,
            Role.RECORDS: EVERYWHERE,
        },
        route=route,
        intake=Intake(channels=(), categories=False, photos=False, reported=False),
        retention={
            "default": Retention(2 * 365, N_("What was done stands in the report; the call shows how it came."),
                                 least=90),
        },
        personal=(
            PersonalField(N_("Name and telephone number of who called"), N_("To call back"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("What dispatch was told, and where"), N_("To know what the call is about"),
                          N_("As long as the case")),
        ),
    )
)  # fmt: skip
