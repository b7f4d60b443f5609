"""The declaration of a follow-up: who sees it, how it moves, how it ends. No step sends the person anything."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import give_back_step, link_steps, note_step, pass_on_step
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Field, ShowWhen
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import SYSTEM, State, Workflow, step
from commonbeat.kinds.follow_up import deeds
from commonbeat.kinds.follow_up.vocabulary import (
    ANSWERS,
    CALLS,
    CONSENT,
    HOW,
    NEEDS,
    OUTCOMES,
    RELEASE,
    RESULTS,
    WAYS,
    YES,
)

CARERS = WORKERS | {Role.SUPERVISOR}
OPEN, CLOSED = ("new", "agreed"), ("closed",)
IF_YES, IF_SIGNED = ShowWhen("consent", frozenset({YES})), ShowWhen("how", frozenset({RELEASE}))
WHICH = Field("referral", N_("Referral"), source="referral", required=True)
WHAT_THEY_SAID = Field("text", N_("What they said, as far as it must be kept"), "text", personal=True)
NEXT = N_("Name no names in tasks. This one says only that somebody is to be called.")


def route(facts: Facts) -> Decision:
    """To nobody by rules: whoever opens it has it."""
    return Decision()


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("Consent not given yet"), N_("We ask whether you want us to be in touch.")),
        State("agreed", N_("In touch"), N_("You agreed that we are in touch.")),
        State("closed", N_("Closed"), N_("This is closed."), closed=True),
    ),
    steps=(
        step(
            "ask_consent", N_("Record what they agreed to"), at=OPEN, by=CARERS, to="agreed", undo=False, key="c",
            fields=(
                Field("consent", N_("Do they want us to be in touch?"), "singlevaluelist", required=True,
                      choices=CONSENT, hint=N_("Ask before anything else. Help does not depend on the answer.")),
                Field("consent_words", N_("How they said it"), required=True, maximum=400, personal=True),
                Field("ways", N_("Which ways are safe?"), "multivaluelist", choices=WAYS, show_when=IF_YES),
                Field("times", N_("When is it safe?"), maximum=200, personal=True, show_when=IF_YES),
                Field("voicemail", N_("We may leave words on the voicemail"), "boolean", show_when=IF_YES),
                Field("careful", N_("Words never to use or leave"), maximum=300, personal=True, show_when=IF_YES,
                      hint=N_("For example: never say “police”; say that the library called.")),
            ),
            then=deeds.ask_consent,
        ),
        step(
            "plan_call", N_("Agree on a call"), at=OPEN, by=CARERS, key="p",
            fields=(Field("on", N_("Day and time"), "moment", required=True, hint=NEXT),), then=deeds.plan_call,
        ),
        step(
            "call", N_("Record a call"), at=OPEN, by=CARERS, undo=False, key="v",
            fields=(
                Field("call", N_("How did it go?"), "singlevaluelist", required=True, choices=CALLS),
                Field("way", N_("How were you in touch?"), "singlevaluelist", required=True, choices=WAYS,
                      initial="call"),
                Field("held_at", N_("When"), "moment", required=True), WHAT_THEY_SAID,
                Field("next_on", N_("Next call"), "moment", hint=N_("Leave empty when none was agreed.")),
            ),
            then=deeds.call,
        ),
        step(
            "needs", N_("Record what they need"), at=OPEN, by=CARERS, undo=False,
            fields=(
                Field("needs", N_("What do they need?"), "multivaluelist", required=True, choices=NEEDS),
                WHAT_THEY_SAID,
            ),
            then=deeds.needs,
        ),
        step(
            "offer", N_("Record help that was offered"), at=OPEN, by=CARERS,
            fields=(
                Field("need", N_("What for?"), "singlevaluelist", required=True, choices=NEEDS),
                Field("what", N_("Which help, and whose?"), required=True, maximum=200),
                Field("answer", N_("What did they say?"), "singlevaluelist", required=True, choices=ANSWERS),
            ),
            then=deeds.offer,
        ),
        step(
            "refer", N_("Refer to a service"), at=("agreed",), by=CARERS,
            fields=(
                Field("agency", N_("Service"), required=True, maximum=200),
                Field("need", N_("What for?"), "singlevaluelist", required=True, choices=NEEDS),
                Field("how", N_("How?"), "singlevaluelist", required=True, choices=HOW),
                Field("shares", N_("What may be told, as the release says it"), "text", show_when=IF_SIGNED),
                Field("signed_on", N_("Signed on"), "datetime", show_when=IF_SIGNED),
                Field("until", N_("Holds until"), "datetime", show_when=IF_SIGNED),
                Field("informed", N_("They know what is told, to whom and how long; help does not depend on it"),
                      "boolean", show_when=IF_SIGNED),
            ),
            then=deeds.refer,
        ),
        step(
            "share", N_("Record what was told to the service"), at=("agreed",), by=CARERS, undo=False,
            fields=(WHICH, Field("text", N_("What was told, and to whom there"), "text", required=True, personal=True)),
            then=deeds.share,
        ),
        step(
            "revoke", N_("They take the release back"), at=OPEN + CLOSED, by=CARERS, undo=False, fields=(WHICH,),
            then=deeds.revoke,
        ),
        step(
            "result", N_("What became of a referral"), at=OPEN + CLOSED, by=CARERS, undo=False,
            fields=(
                WHICH, Field("result", N_("How does it stand?"), "singlevaluelist", required=True, choices=RESULTS),
                WHAT_THEY_SAID,
            ),
            then=deeds.result,
        ),
        note_step(at=OPEN + CLOSED, by=CARERS),
        *link_steps(at=OPEN + CLOSED, by=CARERS),
        tag_step(at=OPEN + CLOSED, by={Role.SUPERVISOR}),
        step(
            "assign", N_("Assign"), at=OPEN, by=CARERS, key="s",
            fields=(Field("user", N_("Person"), source="carer", required=True),), then=deeds.assign,
        ),
        pass_on_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}, then=deeds.pass_on),
        give_back_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}),
        step(
            "close", N_("Close"), at=OPEN, by=CARERS, to="closed", closes=True, key="d", undo=False,
            fields=(
                Field("outcome", N_("How did it end?"), "singlevaluelist", required=True, source="outcome"),
                Field("last_word", N_("Their own last word, if they want to leave one"), "text", personal=True),
                Field("reason", N_("Reason, for the record"), "text"),
            ),
            then=deeds.close,
        ),
        step(
            "reopen", N_("Reopen"), at=CLOSED, by=CARERS, to="new", undo=False,
            fields=(Field("reason", N_("Why"), "text", required=True),), then=deeds.reopen,
        ),
    ),
    outcomes=OUTCOMES,
)  # fmt: skip

FOLLOW_UP = KINDS.add(
    Kind(
        slug="follow_up",
        label=N_("Follow-up with a person harmed"),
        plural=N_("Follow-ups with persons harmed"),
        workflow=FLOW,
        sees={**dict.fromkeys(WORKERS, ("assigned",)), Role.SUPERVISOR: ("all",)},
        walled=True,
        intake=Intake(
            channels=("desk",), categories=False, contact=False, photos=False, place=False, reported=False,
        ),
        route=route,
        retention={
            "default": Retention(365, N_("Somebody may need help again."), least=30),
            "declined": Retention(90, N_("They did not want it."), least=30),
        },
        personal=(
            PersonalField(N_("Name, telephone number, e-mail address"), N_("To be in touch, as they agreed"),
                          N_("As long as the case, or erasure on request")),
            PersonalField(N_("What they agreed to, safe ways and times, words never to use"), N_("To keep them safe"),
                          N_("As long as the case")),
            PersonalField(N_("What happened, calls, needs, help, their last word"), N_("To help them"),
                          N_("As long as the case")),
            PersonalField(N_("Releases: what may be told, to whom, until when"), N_("So that nothing else is told"),
                          N_("As long as the case")),
        ),
    )
)  # fmt: skip
