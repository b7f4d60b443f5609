"""The commendation: read, approved, told to whoever is praised, and put on their file."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import add_step, link_steps, message_step, note_step, withdraw_step
from commonbeat.core.actor import Role
from commonbeat.core.fields import Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome, State, Workflow, step
from commonbeat.kinds.commendation import deeds

READERS = {Role.STANDARDS, Role.SUPERVISOR}
OPEN, CLOSED = ("new",), ("shared", "declined", "withdrawn")
TELL = Field("tell", N_("Tell whoever wrote"), "boolean")

QUESTIONS = (
    Field("about", N_("Whom do you want to thank?"), "text",
          hint=N_("A name, a badge or car number, or how they looked. We find out who it was.")),
    Field("happened_on", N_("On which day?"), "datetime", past=True),
    Field("thanks_public", N_("You may show my words on the public page of thanks"), "boolean",
          hint=N_("Only if you tick this. Never with your address or number.")),
    Field("thanks_name", N_("Name to stand beside them, if any"), personal=True, maximum=80),
)  # fmt: skip


def route(facts: Facts) -> Decision:
    """To nobody by rules: supervisors and professional standards find it in their queue."""
    return Decision()


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your thanks. Somebody reads them soon.")),
        State("shared", N_("Passed on"), N_("We passed your thanks on."), closed=True),
        State("declined", N_("Not passed on"), N_("We read it. We could not pass it on to anybody."), closed=True),
        State("withdrawn", N_("Withdrawn"), N_("You took this back."), closed=True),
    ),
    steps=(
        step(
            "approve", N_("Approve and pass on"), at=OPEN, by=READERS, to="shared", closes=True, key="a",
            fields=(
                Field("officers", N_("Who is praised"), "multivaluelist", source="officers", required=True),
                Field("words", N_("Words for their file"), "text", required=True,
                      hint=N_("As they were written; without names of other people and without what is private.")),
                Field("public", N_("Show them on the public page of thanks, as whoever wrote agreed"), "boolean"),
                Field("message", N_("Message to whoever wrote"), "text"), TELL,
            ),
            then=deeds.approve, tells=("reporter",), audience="reporter", meets=("acknowledge",),
        ),
        step(
            "decline", N_("Do not pass on"), at=OPEN, by=READERS, to="declined", closes=True,
            fields=(
                Field("reason", N_("Reason, for the record"), "text", required=True),
                Field("message", N_("Message to whoever wrote"), "text"), TELL,
            ),
            then=deeds.decline, tells=("reporter",), audience="reporter", meets=("acknowledge",),
        ),
        message_step(
            at=OPEN + CLOSED, by=READERS, label=N_("Write to whoever wrote"),
            fields=(Field("message", N_("Message"), "text", required=True), TELL),
        ),
        add_step(at=OPEN),
        note_step(at=OPEN + CLOSED, by=READERS),
        *link_steps(at=OPEN + CLOSED, by=READERS),
        tag_step(at=OPEN + CLOSED, by=READERS),
        step(
            "reopen", N_("Take back and read again"), at=CLOSED, by=READERS, to="new", undo=False,
            fields=(Field("reason", N_("Why"), "text", required=True),), then=deeds.reopen,
        ),
        withdraw_step(at=OPEN, by=READERS, meets=("acknowledge",), said=N_("You took this back.")),
    ),
    outcomes=(
        Outcome("shared", N_("On file"), N_("We passed your thanks on."), offered=False),
        Outcome("declined", N_("Not passed on"), N_("We read it. We could not pass it on to anybody."), offered=False),
        Outcome("withdrawn", N_("Withdrawn"), N_("You took this back."), offered=False),
    ),
)  # fmt: skip

COMMENDATION = KINDS.add(
    Kind(
        slug="commendation",
        label=N_("Commendation"),
        plural=N_("Commendations"),
        workflow=FLOW,
        sees={role: ("all", "unplaced") for role in sorted(READERS)},
        led_by=Role.STANDARDS,
        clocks={"acknowledge": "commendation_days"},
        intake=Intake(
            fields=QUESTIONS, channels=("web", "phone", "counter", "paper", "text", "meeting"), categories=False,
            place=False,
        ),
        route=route,
        notices={"opened": "commendation_received", "step": "complaint_progress"},
        retention={
            "default": Retention(
                2 * 365, N_("What was approved stands on the file of whoever was praised; the rest is of no more use."),
                least=90,
            )
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number"), N_("To say thank you, and to ask"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("What was written, and photos"), N_("To pass the thanks on"), N_("As long as the case")),
            PersonalField(N_("Words on the file of whoever was praised"), N_("So that good work is seen"),
                          N_("As long as the file")),
        ),
    )
)  # fmt: skip
