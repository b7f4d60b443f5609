"""The mediation: its workflow, who sees it, and how long it is kept."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import REASON, TELL, add_step, link_steps, message_step, note_step
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, State, Workflow, step
from commonbeat.kinds.mediation import deeds
from commonbeat.kinds.mediation.vocabulary import ABOUT, OUTCOMES, REFERRALS, SCREEN_FIELDS
from commonbeat.talks import leading, sides
from commonbeat.talks.declared import CAME_TO_NOTHING, NOTES, SAFETY, SEES
from commonbeat.talks.steps import BEFORE, OPEN, STATES, TALKS, talk_steps

COORDINATORS = {Role.LIAISON}
"""Whoever takes requests in, chooses who leads the talks, and ends them."""
TEAM = COORDINATORS | leading.LEADERS
HANDS = {Role.LIAISON, SYSTEM}
CLOSED = ("closed",)
MESSAGE = Field(
    "message", N_("Message to the one who asked"), "text", required=True,
    hint=N_("Say why, with care, and where else they can turn. Repeat nothing that another side told you."),
)  # fmt: skip

QUESTIONS = (
    Field("about", N_("What sort of trouble is it?"), "singlevaluelist", required=True, choices=ABOUT),
    Field("other", N_("Who is the other side?"), "text", required=True, personal=True,
          hint=N_("You need not know a name. “The family upstairs” or “the barber shop at the corner” will do.")),
    Field("other_reach", N_("Where or how can we reach them?"), "text", personal=True,
          hint=N_("An address, a telephone number, or when they are at home.")),
    Field("tried", N_("Have you talked about it already? What came of it?"), "text"),
    Field("afraid", N_("Are you afraid of them, or did somebody hurt or threaten you?"), "singlevaluelist",
          required=True, choices=(Choice("no", N_("No")), Choice("yes", N_("Yes"))),
          hint=N_("Only we read this. If it is so, we look for another way that is safe for you.")),
    Field("needs", N_("What do you need to take part?"), "text",
          hint=N_("For example an interpreter, a room without steps, or an evening.")),
)  # fmt: skip
"""What whoever asks for mediation tells besides the matter itself."""


def route(facts: Facts) -> Decision:
    """To nobody by rules: the coordinator finds it in the queue and looks first who may lead it."""
    return Decision()


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your request. Nobody has read it yet.")),
        State("intake", N_("Intake"), N_("We look whether talks are the right way, and who could lead them.")),
        *STATES,
    ),
    steps=(
        step(
            "acknowledge", N_("Acknowledge"), at=("new",), by=COORDINATORS, to="intake", key="a", fields=(TELL,),
            tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Somebody has read your request. We look whether talks are the right way."),
        ),
        step(
            "add_side", N_("Add a side"), at=BEFORE, by=TEAM, key="d",
            fields=(*sides.WHO_FIELDS, *sides.NEED_FIELDS), then=deeds.add_side,
        ),
        step(
            "divert", N_("Comes from a complaint"), at=("new",), by={SYSTEM}, to="intake", undo=False, offered=False,
            fields=(Field("officers", N_("Officers"), "multivaluelist", required=True),), then=deeds.divert,
        ),
        *talk_steps(team=TEAM, coordinators=COORDINATORS, hands=HANDS, by_itself=True),
        step(
            "screen", N_("Screen: is it safe and free?"), at=("new", "intake", "screened"), by=TEAM, to="screened",
            key="c", fields=SCREEN_FIELDS, then=deeds.screen, meets=("acknowledge",),
        ),
        step(
            "not_suitable", N_("Not suitable"), at=(*BEFORE, *TALKS),
            by=TEAM, to="closed", closes=True, undo=False,
            fields=(
                Field("referral", N_("Where they are pointed to"), "singlevaluelist", required=True, choices=REFERRALS),
                MESSAGE, REASON, TELL,
            ),
            then=deeds.refuse, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
        ),
        step(
            "invite", N_("Ask every side"), at=("screened", "asking"), by=TEAM, to="asking", key="i", undo=False,
            fields=(sides.ABOUT, Field("tell", N_("Send it now"), "boolean")), then=deeds.invite,
        ),
        note_step(at=OPEN + CLOSED, by=TEAM, words=N_("Note for whoever arranges the talks")),
        *link_steps(at=OPEN + CLOSED, by=TEAM),
        tag_step(at=OPEN + CLOSED, by=COORDINATORS),
        add_step(at=OPEN),
        message_step(at=OPEN + CLOSED, by=TEAM, label=N_("Write to the one who asked")),
        step(
            "close", N_("Close"), at=OPEN, by=TEAM, to="closed", closes=True, undo=False,
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, source="outcome"),
                Field("message", N_("Message to the one who asked"), "text",
                      hint=N_("Every side reads how it ended in the same words. Add here only what is for this one.")),
                REASON, TELL,
            ),
            then=deeds.close, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
        ),
        step("reopen", N_("Begin again"), at=CLOSED, by=COORDINATORS, to="intake", undo=False,
             fields=(Field("reason", N_("Why"), "text", required=True),), then=deeds.reopen),
        step(
            "withdraw", N_("Withdraw"), at=(*BEFORE, *TALKS), by={REPORTER, *TEAM},
            to="closed", closes=True, undo=False, fields=(Field("reason", N_("Why"), "text"),),
            then=deeds.withdraw, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
        ),
        step(
            "record", N_("Record what was settled on the spot"), at=("new",), by=WORKERS, to="closed", closes=True,
            undo=False, offered=False,
            fields=(
                Field("outcome", N_("How it ended"), "singlevaluelist", required=True, source="outcome"),
                Field("agreed", N_("What was agreed"), "text"),
            ),
            then=deeds.record_quick, meets=("acknowledge", "respond"),
        ),
    ),
    outcomes=OUTCOMES,
)  # fmt: skip

MEDIATION = KINDS.add(
    Kind(
        slug="mediation",
        label=N_("Mediation"),
        plural=N_("Mediations"),
        workflow=FLOW,
        sees=SEES,
        walled=True,
        led_by=Role.LIAISON,
        intake=Intake(
            fields=QUESTIONS, channels=("web", "phone", "counter", "paper", "text", "meeting"), categories=False,
            place=False,
        ),
        route=route,
        notices={
            "opened": "mediation_received", "step": "complaint_progress", "close": "complaint_progress",
            "not_suitable": "complaint_progress", "withdraw": "complaint_progress",
        },
        retention={
            "default": Retention(1095, N_("Whether an agreement lasts, and what helped, is looked at for three years."),
                                 least=180),
            **CAME_TO_NOTHING,
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number, address of every side"),
                          N_("To ask each side, and to arrange the talks"),
                          N_("Until two years after the case closes, or erasure on request")),
            PersonalField(N_("What it is about, and who the other side is"), N_("To see whether talks can help"),
                          N_("As long as the case")),
            SAFETY,
            PersonalField(N_("What each side needs, its language, its yes or no"), N_("To arrange the talks"),
                          N_("As long as the case")),
            PersonalField(N_("What was agreed, and whether it is kept"), N_("To ask again after 30 and 90 days"),
                          N_("As long as the case")),
            NOTES,
        ),
    )
)  # fmt: skip
