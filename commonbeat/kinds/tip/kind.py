"""The declaration of the tip: who reads it, how it moves, how it ends, how long it lives."""

from __future__ import annotations

from commonbeat.cases import effects, links
from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts, decide, rules
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import (
    REASON,
    give_back_step,
    link_steps,
    message_step,
    note_step,
    pass_on_step,
    reopen_step,
)
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, Outcome, State, Workflow, step
from commonbeat.kinds.tip import effects as tip
from commonbeat.kinds.tip import promotion, reward

CHANNEL = "tip"
"""The tip page; by telephone or at the counter staff write the tip down, and it is as anonymous."""
READERS = {Role.LIAISON, Role.SUPERVISOR, Role.ANALYST}
"""Whoever reads tips as they come in and decides what becomes of them."""
HANDS = READERS | {Role.OFFICER}
"""An officer works the tips that are given to them, and sees no others."""
OPEN = ("new", "read", "working", "waiting", "reopened")
CLOSED = ("closed", "merged")

MESSAGE = Field(
    "message", N_("Message to the sender"), "text",
    hint=N_("Plain words. The sender reads this when they come back with their code; nothing is sent."),
)  # fmt: skip

FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your tip. Nobody has read it yet.")),
        State("read", N_("Read"), N_("Somebody has read your tip.")),
        State("working", N_("Being worked on"), N_("Somebody is looking into your tip.")),
        State("waiting", N_("Waiting for the sender"), N_("We asked you something. Please answer below."), waits=True),
        State(
            "reopened", N_("Opened again"), N_("You wrote to us, or we opened your tip again. Somebody will read it.")
        ),
        State("closed", N_("Closed"), N_("We closed your tip. If you write to us, it opens again."), closed=True),
        State(
            "merged", N_("Merged"), N_("Others told us the same. We work on it together with what they told us."),
            closed=True,
        ),
    ),
    steps=(
        step(
            "triage", N_("Judge the tip"), at=OPEN, by=READERS, to="read", stays=True, key="j",
            fields=(
                Field("priority", N_("How urgent"), "singlevaluelist", required=True, choices=tip.PRIORITIES),
                Field("credibility", N_("How credible"), "singlevaluelist", required=True, choices=tip.CREDIBILITY),
                Field("text", N_("Why, for colleagues"), "text"),
            ),
            then=tip.triage, meets=("acknowledge",),
        ),
        step(
            "assign", N_("Assign"), at=OPEN, by=READERS, to="working", key="s",
            fields=(Field("user", N_("Person"), required=True, source="user"),),
            then=tip.assign, meets=("acknowledge",),
        ),
        pass_on_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}, then=tip.pass_on),
        give_back_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}, falls={"working": "read"}),
        message_step(
            at=OPEN + CLOSED, by=HANDS, label=N_("Write to the sender"), tells=(),
            fields=(Field("message", MESSAGE.label, "text", required=True, hint=MESSAGE.hint),),
        ),
        step(
            "ask", N_("Ask the sender a question"), at=OPEN, by=HANDS, to="waiting", key="q",
            fields=(
                Field("message", N_("Question"), "text", required=True,
                      hint=N_("Ask only what helps, and never who they are.")),
            ),
            then=effects.message, audience="reporter", meets=("acknowledge",), said=N_("We asked you something."),
        ),
        step(
            "write", N_("The sender wrote"), at=OPEN + CLOSED, by={REPORTER}, undo=False,
            fields=(Field("text", N_("Your message"), "text", required=True, personal=True),),
            then=tip.write, audience="reporter", said=N_("You wrote to us."),
        ),
        step(
            "ask_to_close", N_("The sender asks to close this"), at=OPEN, by={REPORTER}, undo=False,
            then=tip.ask_to_close, audience="reporter", said=N_("You asked us to close this."),
        ),
        note_step(at=OPEN + CLOSED, by=HANDS),
        tag_step(at=OPEN + CLOSED, by=READERS),
        *link_steps(
            at=OPEN + CLOSED, by=READERS, same=False,
            hint=N_("Another tip. What others must know leaves in your own words: turn the tip into a concern."),
        ),
        step(
            "promote", N_("Turn into a concern or an incident"), at=OPEN, by=READERS, undo=False, key="p",
            fields=promotion.FIELDS, then=promotion.promote, meets=("acknowledge",),
        ),
        step(
            "review", N_("Review whether it must be kept"), at=OPEN + CLOSED, by=READERS, undo=False,
            fields=promotion.REVIEW_FIELDS, then=promotion.review,
        ),
        step(
            "disclose", N_("Give to another agency"), at=OPEN + CLOSED, by={Role.SUPERVISOR}, undo=False,
            fields=(
                Field("agency", N_("Agency"), required=True),
                Field("reason", N_("Why"), "text", required=True, hint=N_("The law or order that asks for it.")),
            ),
            then=tip.disclose,
        ),
        step(
            "merge", N_("Merge into another tip"), at=OPEN, by=READERS, to="merged", closes=True,
            fields=(Field("reference", N_("Reference of the other tip"), required=True, source="case"),),
            then=links.merge, audience="reporter", meets=("acknowledge", "respond"),
            said=N_("Others told us the same. We work on it together."),
        ),
        step(
            "close", N_("Close"), at=OPEN, by=READERS, to="closed", closes=True, key="d",
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, source="outcome"),
                MESSAGE,
                REASON,
            ),
            then=tip.close, audience="reporter", meets=("acknowledge", "respond"),
        ),
        step(
            "reward", N_("Offer a reward"), at=OPEN + CLOSED, by={Role.SUPERVISOR}, undo=False, fields=reward.FIELDS,
            then=reward.offer, audience="reporter", said=N_("A reward waits for you."),
        ),
        step(
            "take_reward", N_("The sender took the code of the reward"), at=OPEN + CLOSED, by={REPORTER}, undo=False,
            offered=False, then=reward.taken, audience="reporter", said=N_("You took the code of your reward."),
        ),
        step(
            "pay", N_("The reward was paid"), at=OPEN + CLOSED, by={SYSTEM}, undo=False, offered=False,
            then=reward.paid, audience="reporter", said=N_("The reward was paid."),
        ),
        reopen_step(at=CLOSED, by=READERS, tell=None),
        step(
            "expire", N_("Closed because nothing happened for long"), at=OPEN, by={SYSTEM}, to="closed", closes=True,
            undo=False, offered=False, then=tip.expire, audience="reporter",
        ),
    ),
    outcomes=(
        Outcome("acted", N_("Acted on"), N_("We acted on what you told us.")),
        Outcome("arrest", N_("Led to an arrest or charges"), N_("What you told us led to an arrest or charges.")),
        Outcome("recovered", N_("Something was found or made safe"), N_("What you told us made something safe.")),
        Outcome("passed", N_("Passed to investigators"), N_("Investigators have what you told us.")),
        Outcome("other_agency", N_("Other agency responsible"), N_("Another agency is responsible and has it.")),
        Outcome("no_action", N_("Not enough to act on"), N_("We could not act on it with what we know.")),
        Outcome("unfounded", N_("Checked, not confirmed"), N_("We checked it and could not confirm it.")),
        Outcome("not_credible", N_("Not credible"), N_("We looked at it and took no action.")),
        Outcome("withdrawn", N_("Closed as the sender asked"), N_("We closed it because you asked us to.")),
        Outcome("duplicate", N_("Duplicate"), N_("Others told us the same."), offered=False),
        Outcome(
            "expired", N_("Nothing happened for long"), N_("Nothing new came in for a long time."), offered=False
        ),
    ),
)  # fmt: skip


def route(facts: Facts) -> Decision:
    """By rules that name tips alone: a rule for everything would give them to people who must not read them."""
    return decide(facts, [rule for rule in rules() if facts.kind in (rule.when.get("kind") or ())], at=facts.at)


TIP = KINDS.add(
    Kind(
        slug="tip",
        label=N_("Tip"),
        plural=N_("Tips"),
        workflow=FLOW,
        sees={
            Role.LIAISON: ("all", "unplaced", "assigned"),
            Role.SUPERVISOR: ("all", "unplaced"),
            Role.ANALYST: ("all", "unplaced"),
            Role.OFFICER: ("assigned",),
        },
        intake=Intake(
            fields=(
                Field("when", N_("When was it, or when does it happen?"), maximum=200,
                      hint=N_("As well as you know, for example: most Fridays after 10 pm.")),
                Field("who", N_("Who or what is it about?"), "text", maximum=2000, personal=True,
                      hint=N_("Names, looks, vehicles, plates. Only if you know, and only what you saw or heard.")),
            ),
            channels=(CHANNEL, "phone", "counter", "paper", "text", "meeting"),
            contact=False,
            place=False,
            openers=frozenset(WORKERS | {Role.SUPERVISOR}),
            back="/tip/return/",
        ),
        retention={
            "default": Retention(
                180, N_("A tip is no file on anybody: what it led to is kept where it led."), least=30
            ),
            "arrest": Retention(2 * 365, N_("The court may ask how it began."), least=180),
            "acted": Retention(365, N_("Further tips on the same matter come within a year."), least=30),
            "not_credible": Retention(30, N_("What is not credible must not stand against anybody."), least=7),
            "unfounded": Retention(30, N_("What is not confirmed must not stand against anybody."), least=7),
            "withdrawn": Retention(30, N_("The sender asked for an end."), least=7),
            "duplicate": Retention(30, N_("The other tip carries the matter."), least=7),
            "expired": Retention(30, N_("Nobody needed it for a year."), least=7),
        },
        route=route,
        walled=True,
        sealed=True,
        idle_days=365,
        personal=(
            PersonalField(
                N_("Words, place and photos of a tip, sealed under a key of its own"), N_("To act on the tip"),
                N_("As long as the tip; then the key is destroyed and nothing can be read again"),
            ),
            PersonalField(
                N_("Messages between the sender and the department, sealed"), N_("To ask and to answer"),
                N_("As long as the tip"),
            ),
            PersonalField(
                N_("Nothing about the sender: no name, no network address, no browser"), N_("So that nobody is afraid"),
                N_("Never kept"),
            ),
        ),
    )
)  # fmt: skip
