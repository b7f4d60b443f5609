"""The observation: staff note what is wrong with a place; it stays on a register until somebody has seen to it."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.custody import PHOTOS
from commonbeat.cases.kind import COLLEAGUES_SEE, EVERYWHERE, KINDS, Intake, Kind, PersonalField
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import give_back_step, link_steps, pass_on_step
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import SYSTEM, Outcome, State, Workflow, step
from commonbeat.kinds.observation import deeds
from commonbeat.kinds.observation.checking import PLACE_ONLY
from commonbeat.kinds.observation.vocabulary import CHARGES, HARMS

STAFF = WORKERS | {Role.SUPERVISOR, Role.ANALYST}
DESK = STAFF | {Role.PARTNER}
OPEN, CLOSED = ("seen", "standing", "handed"), ("cleared", "expired")

NOTE = Field("note", N_("What it looks like now"), "text", maximum=1000, hint=N_("Only the place. No people."))
HARM = Field("harm", N_("Risk"), "singlevaluelist", choices=HARMS)
AGAIN = Field(
    "recheck_on", N_("Look again on"), "datetime", hint=N_("Empty means the usual day for what it is.")
)  # fmt: skip
HOW = (
    Choice("mended", N_("It was put right")),
    Choice("gone", N_("It is gone by itself")),
    Choice("not_found", N_("Nothing like it is there")),
)

FLOW = Workflow(
    start="seen",
    states=(
        State("seen", N_("Seen"), N_("Somebody saw this.")),
        State("standing", N_("Confirmed"), N_("Somebody looked at this, and it is so.")),
        State("handed", N_("With another agency"), N_("Whoever is in charge knows about it.")),
        State("cleared", N_("Cleared"), N_("This is not so any more."), closed=True),
        State("expired", N_("Run out"), N_("Nobody has looked at this for a long time."), closed=True),
    ),
    steps=(
        step(
            "confirm", N_("Confirm"), at=("seen",), by=STAFF, to="standing", key="c", then=deeds.confirm,
            undo=False,
            fields=(
                Field("harm", HARM.label, "singlevaluelist", required=True, choices=HARMS),
                Field("charge", N_("Who has to see to it"), "singlevaluelist", required=True, choices=CHARGES),
                Field("organisation", N_("Which organisation"), source="observation_organisation"),
                AGAIN, NOTE, PLACE_ONLY,
            ),
        ),
        step(
            "look", N_("Still there"), at=OPEN, by=DESK, key="l", then=deeds.look, undo=False,
            fields=(NOTE, HARM, AGAIN, PHOTOS, PLACE_ONLY),
        ),
        step(
            "hand_over", N_("Hand to another agency"), at=OPEN, by=STAFF, to="handed", key="h", undo=False,
            then=deeds.hand_over,
            fields=(
                Field("agency", N_("Agency"), required=True), Field("reason", N_("Why"), required=True),
                Field("their_reference", N_("Their reference")), AGAIN,
            ),
        ),
        step(
            "clear", N_("It is gone"), at=OPEN, by=DESK, to="cleared", closes=True, key="d", then=deeds.clear,
            undo=False,
            fields=(
                Field("how", N_("What became of it"), "singlevaluelist", required=True, choices=HOW),
                NOTE, PHOTOS, PLACE_ONLY,
            ),
        ),
        step(
            "expire", N_("Nobody looked any more"), at=OPEN, by={SYSTEM}, to="expired", closes=True, undo=False,
            offered=False, then=deeds.expire,
        ),
        step(
            "reopen", N_("It is there again"), at=CLOSED, by=STAFF, to="standing", undo=False, then=deeds.reopen,
            fields=(Field("reason", N_("Why"), "text", required=True), HARM, AGAIN),
        ),
        step(
            "assign", N_("Assign"), at=OPEN, by=STAFF, key="s", bulk=True, then=effects.assign,
            fields=(Field("user", N_("Person"), source="user"), Field("team", N_("Team or partner"), source="team")),
        ),
        pass_on_step(at=OPEN),
        give_back_step(at=OPEN),
        step(
            "note", N_("Add a note"), at=OPEN + CLOSED, by=DESK, key="n", then=deeds.note,
            fields=(Field("text", N_("Note for colleagues"), "text", required=True), PLACE_ONLY),
        ),
        *link_steps(at=OPEN + CLOSED, by=STAFF),
        tag_step(at=OPEN + CLOSED, by=STAFF),
    ),
    outcomes=(
        Outcome("mended", N_("Put right"), N_("This was put right.")),
        Outcome("gone", N_("Gone"), N_("This is gone.")),
        Outcome("not_found", N_("Not found"), N_("Nothing like it was there.")),
        Outcome("expired", N_("Run out"), N_("Nobody has looked at this for a long time."), offered=False),
    ),
)  # fmt: skip

OBSERVATION = KINDS.add(
    Kind(
        slug="observation",
        label=N_("Observation"),
        plural=N_("Observations"),
        workflow=FLOW,
        sees={**COLLEAGUES_SEE, Role.ANALYST: EVERYWHERE},
        intake=Intake(channels=(), categories=False, contact=False, reported=False),
        noticed=True,
        retention={
            "default": Retention(2 * 365, N_("What was wrong with a place helps to see what comes back."), least=90),
            "not_found": Retention(90, N_("Nothing was there."), least=7),
        },
        personal=(
            PersonalField(
                N_("None: places only; names, numbers, plates and words about people are refused"),
                N_("To see to the condition of a place"), N_("As long as the case"),
            ),
        ),
    )
)  # fmt: skip
