"""The complaint: its workflow, who sees it, and how long it is kept."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.routing import Decision, Facts
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import (
    add_step,
    answer_step,
    ask_step,
    asked,
    give_back_step,
    link_steps,
    message_step,
    note_step,
    pass_on_step,
    reopen_step,
    withdraw_step,
)
from commonbeat.core.actor import Role
from commonbeat.core.fields import Choice, Field, ShowWhen
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, State, Workflow, step
from commonbeat.kinds.complaint import deeds
from commonbeat.kinds.complaint.vocabulary import ALLEGATIONS, FINDINGS, LEVELS, OUTCOMES, PARTLY, SUSTAINED

STANDARDS = {Role.STANDARDS}
OPEN = ("new", "review", "investigating", "waiting", "mediating", "appealed")
CLOSED = ("decided", "settled", "withdrawn")
WORKED = ("new", "review", "investigating", "waiting")

TELL = Field("tell", N_("Tell the complainant"), "boolean")
MESSAGE = Field(
    "message", N_("Message to the complainant"), "text", required=True,
    hint=N_("Plain words, in their language. They read it in an e-mail and on their page."),
)  # fmt: skip
LETTER = Field(
    "message", N_("Letter to the complainant"), "text", required=True,
    hint=N_("What we looked at, what we found, and why. The findings and the right to appeal are added by themselves."),
)  # fmt: skip
REASON = Field("reason", N_("Reason, for the record"), "text", required=True)
WHICH = Field("which", N_("Allegation"), source="allegation", required=True)

QUESTIONS = (
    Field(
        "behalf", N_("For whom do you write?"), "singlevaluelist", required=True,
        choices=(
            Choice("self", N_("For myself")), Choice("other", N_("For somebody else")),
            Choice("saw", N_("I saw it happen to somebody")),
        ),
    ),
    Field("affected", N_("Their name, if you may tell us"), personal=True,
          show_when=ShowWhen("behalf", frozenset({"other", "saw"}))),
    Field("about", N_("Who was it?"), "text", personal=True,
          hint=N_("A name, a badge or car number, or how they looked. Leave it empty if you don't know.")),
    Field("happened_on", N_("On which day?"), "datetime", past=True),
    Field("happened_at", N_("At about what time?"), hint=N_("For example: in the evening, about 9 pm.")),
    Field("witnesses", N_("Who saw it, or is there a video?"), "text", personal=True),
    Field("wish", N_("What would put this right for you?"), "text"),
    Field("talk", N_("I am willing to talk it over with the officer, with a neutral mediator"), "boolean",
          hint=N_("Only if both sides want it. You can change your mind at any time.")),
)  # fmt: skip
"""What whoever complains is asked besides what happened; only the first needs an answer."""


def route(facts: Facts) -> Decision:
    """To nobody by rules: professional standards alone find it in their queue."""
    return Decision()


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your complaint. Professional standards reads it next.")),
        State("review", N_("In review"), N_("Professional standards has read your complaint.")),
        State("investigating", N_("Investigation"), N_("Somebody who does not work with the officer looks into it.")),
        State("waiting", N_("Waiting for an answer"), N_("We asked a question and wait for the answer."), waits=True),
        State("mediating", N_("In mediation"), N_("Both sides agreed to talk it over with a mediator."), waits=True),
        State("appealed", N_("Appeal"), N_("You appealed. Somebody else looks at the decision again.")),
        State("decided", N_("Decided"), N_("We have decided."), closed=True),
        State("settled", N_("Settled"), N_("This was settled in mediation."), closed=True),
        State("withdrawn", N_("Withdrawn"), N_("You took the complaint back."), closed=True),
    ),
    steps=(
        step(
            "announce", N_("Told professional standards"), at=("new",), by={SYSTEM}, undo=False, offered=False,
            then=deeds.announce,
        ),
        step(
            "acknowledge", N_("Acknowledge"), at=("new",), by=STANDARDS, to="review", key="a", fields=(TELL,),
            tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Professional standards has read your complaint."),
        ),
        step(
            "assign", N_("Assign"), at=OPEN, by=STANDARDS, key="s",
            fields=(Field("user", N_("Who looks into it"), source="investigator", required=True), TELL),
            then=deeds.assign, tells=("reporter",), audience="reporter",
            said=N_("Somebody was chosen to look into your complaint."),
        ),
        pass_on_step(
            at=OPEN, by={*STANDARDS, SYSTEM}, tell=TELL, then=deeds.pass_on,
            said=N_("Somebody else looks into your complaint now."),
        ),
        give_back_step(at=OPEN, by={*STANDARDS, SYSTEM}),
        step(
            "classify", N_("Set the level"), at=("new", "review", "investigating"), by=STANDARDS, to="investigating",
            key="c",
            fields=(
                Field("level", N_("Level"), "singlevaluelist", required=True, choices=LEVELS),
                Field("reason", N_("Reason, for the record"), "text"), TELL,
            ),
            then=deeds.classify, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("We read your complaint, and somebody looks into it now."),
        ),
        step(
            "allege", N_("Record an allegation"), at=("new", "review", "investigating", "waiting"), by=STANDARDS,
            key="g",
            fields=(
                Field("allegation", N_("What is alleged"), "singlevaluelist", required=True, choices=ALLEGATIONS),
                Field("officer", N_("Officer"), source="officer",
                      hint=N_("They and their chain of command are kept out of this case from now on.")),
                Field("described", N_("Or how the officer was described")),
                Field("text", N_("What they are said to have done"), "text", required=True),
            ),
            then=deeds.allege,
        ),
        step(
            "identify", N_("Name the officer of an allegation"), at=WORKED, by=STANDARDS, undo=False,
            fields=(WHICH, Field("officer", N_("Officer"), source="officer", required=True)), then=deeds.identify,
        ),
        step(
            "strike", N_("Take an allegation out"), at=WORKED, by=STANDARDS, undo=False,
            fields=(WHICH, Field("reason", N_("Why"), "text", required=True)), then=deeds.strike,
        ),
        ask_step(
            at=("new", "review", "investigating", "waiting"), by=STANDARDS,
            fields=asked(Choice("reporter", N_("The complainant"))),
        ),
        answer_step(at=("waiting",), by=STANDARDS, to="review", then=deeds.answer),
        add_step(at=OPEN),
        step(
            "interview", N_("Record an interview"), at=("review", "investigating", "waiting", "appealed"), by=STANDARDS,
            key="i",
            fields=(
                Field("role", N_("Who was heard"), "singlevaluelist", required=True, choices=(
                    Choice("complainant", N_("The complainant")), Choice("witness", N_("A witness")),
                    Choice("subject", N_("The officer concerned")), Choice("officer", N_("Another officer")),
                    Choice("other", N_("Somebody else")),
                )),
                Field("name", N_("Name"), personal=True),
                Field("how", N_("How"), "singlevaluelist", required=True, choices=(
                    Choice("person", N_("In person")), Choice("phone", N_("By telephone")),
                    Choice("video", N_("By video")), Choice("writing", N_("In writing")),
                )),
                Field("held_at", N_("When"), "moment", required=True),
                Field("text", N_("What they said"), "text", required=True, personal=True),
            ),
            then=deeds.interview,
        ),
        note_step(at=OPEN + CLOSED, by=STANDARDS, words=N_("Note for the file")),
        tag_step(at=OPEN + CLOSED, by=STANDARDS),
        *link_steps(at=OPEN + CLOSED, by=STANDARDS),
        message_step(at=OPEN + CLOSED, by=STANDARDS, label=N_("Write to the complainant"), fields=(MESSAGE, TELL)),
        step(
            "update", N_("Give news of how it stands"), by=STANDARDS, key="u",
            at=("review", "investigating", "waiting", "mediating", "appealed"),
            fields=(MESSAGE, TELL), then=deeds.update, tells=("reporter",), audience="reporter",
            said=N_("We told you how it stands."),
        ),
        step(
            "extend", N_("Take more time"), at=("review", "investigating", "waiting"), by=STANDARDS, undo=False,
            fields=(Field("until", N_("A decision comes by"), "datetime", required=True), REASON, MESSAGE, TELL),
            then=deeds.extend, tells=("reporter",), audience="reporter",
            said=N_("We need more time, and told you why."),
        ),
        step(
            "mediate", N_("Hand to mediation"), at=("review", "investigating"), by=STANDARDS, to="mediating",
            fields=(
                Field("about", N_("What the talks are about, for the mediator"), "text", required=True,
                      hint=N_("A few words. The mediator gets these and the two sides, and nothing else.")),
                Field("both", N_("The complainant and the officer both agreed to it"), "boolean"), TELL,
            ),
            then=deeds.mediate, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Both sides agreed to talk it over. While you talk, the complaint rests."),
        ),
        step(
            "mediated", N_("Mediation ended in agreement"), at=("mediating",), by=STANDARDS, to="settled", closes=True,
            letter=True, fields=(LETTER, TELL), then=deeds.mediated, tells=("reporter",), audience="reporter",
            meets=("acknowledge", "interim", "decide"),
        ),
        step(
            "not_mediated", N_("Mediation ended without agreement"), at=("mediating",), by=STANDARDS, to="review",
            fields=(Field("reason", N_("Reason, for the record"), "text"), TELL), then=effects.reopen,
            tells=("reporter",), audience="reporter", said=N_("The talks ended without agreement. We look into it."),
        ),
        step(
            "find", N_("Record a finding"), at=("investigating",), by=STANDARDS, undo=False, key="f",
            fields=(
                WHICH,
                Field("finding", N_("Finding"), "singlevaluelist", required=True,
                      choices=tuple(Choice(one.slug, one.label) for one in FINDINGS)),
                Field("reason", N_("Why this was found"), "text", required=True),
            ),
            then=deeds.find,
        ),
        step(
            "recommend", N_("Recommend a change of policy"), at=("investigating", "appealed", "decided", "settled"),
            by=STANDARDS,
            fields=(
                Field("about", N_("Policy or training"), required=True, maximum=200),
                Field("text", N_("What should change, and why"), "text", required=True,
                      hint=N_("Command staff read this without the case. Name nobody, and nothing that tells who.")),
            ),
            then=deeds.recommend,
        ),
        step(
            "decide", N_("Decide"), at=("investigating",), by=STANDARDS, to="decided", closes=True, letter=True,
            key="d", fields=(LETTER, TELL), then=deeds.decide, tells=("reporter",), audience="reporter",
            meets=("acknowledge", "interim", "decide"),
        ),
        step(
            "close", N_("Close without a finding"), at=("new", "review", "investigating", "waiting"), by=STANDARDS,
            to="decided", closes=True, letter=True,
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, choices=(
                    Choice("clarification", N_("Clarification only")),
                    Choice("admin_closed", N_("Administratively closed")),
                )),
                LETTER, REASON, TELL,
            ),
            then=deeds.close, tells=("reporter",), audience="reporter", meets=("acknowledge", "interim", "decide"),
        ),
        step(
            "appeal", N_("Appeal"), at=("decided",), by={REPORTER, *STANDARDS}, to="appealed", undo=False,
            fields=(
                Field("text", N_("What do you think is wrong with the decision?"), "text", required=True,
                      personal=True),
            ),
            then=deeds.appeal, audience="reporter", said=N_("You appealed. Somebody else looks at the decision."),
        ),
        step(
            "uphold", N_("The decision stands"), at=("appealed",), by=STANDARDS, to="decided", closes=True, letter=True,
            undo=False, fields=(LETTER, TELL), then=deeds.uphold, tells=("reporter",), audience="reporter",
            meets=("appeal", "interim"),
        ),
        step(
            "grant", N_("Look into it again"), at=("appealed",), by=STANDARDS, to="review", undo=False,
            fields=(MESSAGE, TELL), then=deeds.grant, tells=("reporter",), audience="reporter", meets=("appeal",),
            said=N_("Your appeal was right. We look into it again."),
        ),
        reopen_step(at=CLOSED, by=STANDARDS, to="review", tell=TELL),
        withdraw_step(
            at=OPEN, by=STANDARDS, meets=("acknowledge", "interim", "decide", "appeal"),
            said=N_("The complaint was withdrawn."),
        ),
    ),
    outcomes=OUTCOMES,
)  # fmt: skip

FIVE_YEARS, FIFTEEN_YEARS = 5 * 365 + 2, 15 * 365 + 4
"""Days, with every leap day that can fall into them: nothing goes a day early."""
SERIOUS = Retention(
    FIFTEEN_YEARS, N_("What was sustained stays on record for fifteen years at least."), least=FIFTEEN_YEARS
)

COMPLAINT = KINDS.add(
    Kind(
        slug="complaint",
        label=N_("Complaint"),
        plural=N_("Complaints"),
        workflow=FLOW,
        sees={Role.STANDARDS: ("all", "unplaced")},
        walled=True,
        keeps_words=True,
        led_by=Role.STANDARDS,
        clocks={
            "acknowledge": "complaint_acknowledge_days", "interim": "complaint_interim_days",
            "decide": "complaint_decide_days",
        },
        intake=Intake(
            fields=QUESTIONS, channels=("web", "phone", "counter", "paper", "text", "meeting"), categories=False,
            place=False,
        ),
        route=route,
        notices={
            "opened": "complaint_received", "step": "complaint_progress", "decide": "complaint_decided",
            "close": "complaint_decided", "uphold": "complaint_decided", "mediated": "complaint_decided",
        },
        retention={
            "default": Retention(
                FIVE_YEARS, N_("Complaints stay on record for five years at least, whatever was found."),
                least=FIVE_YEARS,
            ),
            SUSTAINED: SERIOUS,
            PARTLY: SERIOUS,
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number"), N_("To answer the complainant"),
                          N_("Until two years after the complaint closes, or erasure on request")),
            PersonalField(N_("Statement, answers and photos"), N_("To look into the complaint"),
                          N_("As long as the case")),
            PersonalField(N_("Who was heard, and what they said"), N_("To find out what happened"),
                          N_("As long as the case")),
            PersonalField(N_("Officers, what is alleged and what was found"), N_("To decide, and to learn from it"),
                          N_("As long as the case: five years at least, fifteen when it was sustained")),
            PersonalField(N_("What an appeal says"), N_("To look at the decision again"), N_("As long as the case")),
        ),
    )
)  # fmt: skip
