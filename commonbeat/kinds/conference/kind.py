"""The restorative conference: its workflow, who sees it, and how long it is kept."""

from __future__ import annotations

from dataclasses import replace

from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import REASON, TELL, link_steps, note_step
from commonbeat.core.actor import Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, State, Step, Workflow, step
from commonbeat.kinds.conference import deeds
from commonbeat.kinds.conference.vocabulary import OUTCOMES, REFERRED_BY, ROLES, SCREEN_FIELDS
from commonbeat.talks import agreeing, leading, sides
from commonbeat.talks.declared import CAME_TO_NOTHING, NOTES, SAFETY, SEES
from commonbeat.talks.steps import BEFORE, OPEN, STATES, TALKS, talk_steps

COORDINATORS = {Role.LIAISON}
TEAM = COORDINATORS | leading.LEADERS
QUESTIONS = (
    Field("referred_by", N_("Who refers it?"), "singlevaluelist", choices=REFERRED_BY),
    Field("number", N_("Number of the records system, if there is one"), maximum=60),
)
ROLE = Field(
    "role", N_("Their part"), "singlevaluelist", required=True,
    choices=tuple(Choice(key, words) for key, words in ROLES.items()),
)  # fmt: skip


def route(facts: Facts) -> Decision:
    """To nobody by rules: the coordinator looks first who may lead it."""
    return Decision()


def _prepared(item: Step) -> Step:
    """Everybody who is concerned is met alone before they meet."""
    return replace(item, then=deeds.plan) if item.slug == "plan" else item


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("Referred"), N_("Somebody asked whether a conference can help. Nobody has looked at it yet.")),
        State("intake", N_("Intake"), N_("We look whether a conference is safe and can help.")),
        *STATES,
    ),
    steps=(
        step("acknowledge", N_("Acknowledge"), at=("new",), by=COORDINATORS, to="intake", key="a"),
        step(
            "add_side", N_("Add somebody"), at=BEFORE, by=TEAM, key="d",
            fields=(ROLE, *sides.WHO_FIELDS, *sides.NEED_FIELDS), then=deeds.add_person,
        ),
        step(
            "screen", N_("Screen: is it safe and free?"), at=("new", "intake", "screened"), by=TEAM, to="screened",
            key="c", fields=SCREEN_FIELDS, then=deeds.screen,
        ),
        step(
            "invite", N_("Ask everybody"), at=("screened", "asking"), by=TEAM, to="asking", key="i", undo=False,
            fields=(sides.ABOUT, Field("tell", N_("Send it now"), "boolean")), then=deeds.invite,
        ),
        *map(
            _prepared,
            talk_steps(team=TEAM, coordinators=COORDINATORS, hands={Role.LIAISON, SYSTEM}, by_itself=False),
        ),
        note_step(at=(*OPEN, "closed"), by=TEAM, words=N_("Note for whoever arranges the conference")),
        *link_steps(at=(*OPEN, "closed"), by=TEAM),
        tag_step(at=(*OPEN, "closed"), by=COORDINATORS),
        step(
            "close", N_("Close"), at=OPEN, by=TEAM, to="closed", closes=True, undo=False,
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, source="outcome"), REASON,
                replace(TELL, label=N_("Tell everybody who was asked")),
            ),
            then=deeds.close,
        ),
        step("reopen", N_("Begin again"), at=("closed",), by=COORDINATORS, to="intake", undo=False,
             fields=(Field("reason", N_("Why"), "text", required=True),), then=agreeing.talk_again),
        step(
            "withdraw", N_("Withdraw"), at=(*BEFORE, *TALKS), by={REPORTER, *TEAM}, to="closed", closes=True,
            undo=False, fields=(Field("reason", N_("Why"), "text"),), then=deeds.withdraw,
        ),
    ),
    outcomes=OUTCOMES,
)  # fmt: skip

CONFERENCE = KINDS.add(
    Kind(
        slug="conference",
        label=N_("Restorative conference"),
        plural=N_("Restorative conferences"),
        workflow=FLOW,
        sees=SEES,
        walled=True,
        led_by=Role.LIAISON,
        intake=Intake(fields=QUESTIONS, channels=("desk",), categories=False, place=False, reported=False),
        route=route,
        retention={
            "default": Retention(1095, N_("Whether what was agreed is done is looked at for three years."), least=180),
            **CAME_TO_NOTHING,
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number, address of everybody who takes part"),
                          N_("To ask each of them, and to arrange the conference"),
                          N_("Until two years after the case closes, or erasure on request")),
            PersonalField(N_("What happened, and who refers it"), N_("To see whether a conference can help"),
                          N_("As long as the case")),
            SAFETY,
            PersonalField(N_("What was agreed, and whether it is done"), N_("To ask again after 30 and 90 days"),
                          N_("As long as the case")),
            NOTES,
        ),
    )
)  # fmt: skip
