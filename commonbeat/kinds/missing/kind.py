"""The declaration of a missing person's case: how it moves, who sees it, how it ends, how long it is kept."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import (
    HANDS,
    MESSAGE,
    REASON,
    STAFF,
    TELL,
    answer_step,
    ask_step,
    assign_step,
    give_back_step,
    link_steps,
    message_step,
    note_step,
    pass_on_step,
)
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field, ShowWhen
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import REPORTER, SYSTEM, State, Workflow, step
from commonbeat.kinds.missing import bulletins, deeds
from commonbeat.kinds.missing.vocabulary import DEAD, JUDGED, LEVELS, OUTCOMES, RELATIONS, SIGNS, WISHES

LEADS = {Role.SUPERVISOR}
OPEN = ("new", "searching", "waiting", "reopened")
CLOSED = ("located", "merged")
CLOCKS = ("acknowledge", "look")
WHICH = Field("sighting", N_("Sighting"), source="sighting", required=True)
WHY = Field("reason", N_("Why"), "text", required=True, maximum=400)

QUESTIONS = (
    Field("missing_name", N_("Name of the missing person"), required=True, personal=True),
    Field("age", N_("How old are they? A guess is fine"), "number", required=True, minimum=0, maximum=120),
    Field("relation", N_("Who are you to them?"), "singlevaluelist", required=True, choices=RELATIONS),
    Field("seen_at", N_("When did somebody last see or hear them?"), "moment", required=True, past=True,
          hint=N_("A guess is fine.")),
    Field("looks", N_("How do they look?"), "text", required=True, personal=True,
          hint=N_("Height, build, hair, eyes, marks.")),
    Field("clothes", N_("What were they wearing?"), personal=True),
    Field("signs", N_("Is any of this so?"), "multivaluelist", choices=SIGNS,
          hint=N_("It helps us to see how urgent it is. We search in any case.")),
    Field("care", N_("Which medicine or help do they need?"), "text", personal=True),
    Field("places", N_("Where may they be, and with whom?"), "text", personal=True),
    Field("before", N_("Have they been missing before?"), "singlevaluelist",
          choices=(Choice("no", N_("No")), Choice("yes", N_("Yes")), Choice("unknown", N_("I do not know")))),
    Field("family_agrees", N_("The family agrees that name and photo are shown to the public"), "boolean",
          hint=N_("A supervisor decides whether it helps. It is taken back when they are found.")),
)  # fmt: skip
"""What whoever misses somebody is asked besides what happened."""

FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your report. Somebody reads it now.")),
        State("searching", N_("Being looked for"), N_("We are looking for them.")),
        State("waiting", N_("Waiting for an answer"), N_("We asked you something, and we go on looking.")),
        State("reopened", N_("Being looked for again"), N_("We are looking for them again.")),
        State("located", N_("Ended"), N_("The search is over."), closed=True),
        State("merged", N_("Merged"), N_("Somebody reported this before; we follow it there."), closed=True),
    ),
    steps=(
        step(
            "alarm", N_("Told whoever leads"), at=("new",), by={SYSTEM}, undo=False, offered=False, then=deeds.alarm
        ),
        step(
            "assess", N_("Judge how urgent it is"), at=OPEN, by=STAFF, to="searching", key="j",
            fields=(
                Field("level", N_("How great is the danger?"), "singlevaluelist", required=True, choices=LEVELS),
                Field("text", N_("Why, for the record"), "text", required=True), TELL,
            ),
            then=deeds.assess, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Somebody has read your report, and we are looking for them."),
        ),
        assign_step(at=OPEN, by=STAFF, to="searching", said=N_("Somebody leads the search now.")),
        pass_on_step(at=OPEN, by=HANDS),
        give_back_step(at=OPEN, by=HANDS),
        step(
            "review", N_("Look at it again"), at=OPEN, by=STAFF, key="r", undo=False,
            fields=(
                Field("text", N_("What was done, and what comes next"), "text", required=True),
                Field("hours", N_("Hours until the next look"), "number", minimum=1, maximum=720,
                      hint=N_("Leave empty for the usual time of this level.")),
                Field("message", MESSAGE.label, "text", hint=MESSAGE.hint), TELL,
            ),
            then=deeds.review, tells=("reporter",), audience="reporter", said=N_("We looked at everything again."),
        ),
        ask_step(at=OPEN, by=STAFF),
        answer_step(at=("waiting",), by=STAFF, to="searching"),
        step(
            "add", N_("Add information"), at=OPEN + CLOSED, by={REPORTER}, undo=False, then=deeds.add,
            fields=(
                Field("text", N_("What do you want to add? Tell us here as well if they came back"), "text",
                      required=True, personal=True),
            ),
            audience="reporter", said=N_("You added information."),
        ),
        note_step(at=OPEN + CLOSED, by=STAFF),
        tag_step(at=OPEN + CLOSED, by=STAFF),
        message_step(at=OPEN + CLOSED, by=STAFF),
        *link_steps(at=OPEN + CLOSED, by=STAFF),
        step(
            "draft_bulletin", N_("Draft a notice for the public"), at=OPEN, by=STAFF, undo=False, key="b",
            fields=bulletins.FIELDS, then=bulletins.draft,
        ),
        step(
            "translate_bulletin", N_("Write it in another language"), at=OPEN, by=STAFF, undo=False,
            fields=(bulletins.LANGUAGE, *bulletins.WRITTEN), then=bulletins.translate,
        ),
        step(
            "approve_bulletin", N_("Approve: make it public"), at=OPEN, by=LEADS, undo=False,
            fields=(
                Field("child_ok", N_("It is a child: I approve the name and the photo"), "boolean",
                      hint=N_("Your name stands beside this decision.")),
                Field("photo_hours", N_("Hours for which the photo is shown"), "number", minimum=1, maximum=720,
                      hint=N_("Leave empty for the usual time.")),
                TELL,
            ),
            then=bulletins.approve, tells=("reporter",), audience="reporter",
            said=N_("We show the public whom we are looking for."),
        ),
        step(
            "return_bulletin", N_("Give the draft back"), at=OPEN, by=LEADS, undo=False, fields=(WHY,),
            then=bulletins.give_back,
        ),
        step(
            "withdraw_bulletin", N_("Withdraw the notice now"), at=OPEN, by=STAFF, undo=False, fields=(WHY,),
            then=bulletins.withdraw,
        ),
        step(
            "expire_bulletin", N_("The notice ended by itself"), at=OPEN, by={SYSTEM}, undo=False, offered=False,
            then=bulletins.expired,
        ),
        step(
            "sighting", N_("A sighting came in"), at=OPEN, by={SYSTEM}, undo=False, offered=False,
            fields=(WHICH,), then=deeds.sighting,
        ),
        step(
            "judge", N_("Judge a sighting"), at=OPEN + CLOSED, by=STAFF, undo=False,
            fields=(
                WHICH, Field("judged", N_("What is it worth?"), "singlevaluelist", required=True, choices=JUDGED),
                Field("reason", N_("Why, for the record"), "text"),
            ),
            then=deeds.judge,
        ),
        step(
            "merge", N_("Merge into another case"), at=OPEN, by=STAFF, to="merged", closes=True, undo=False,
            fields=(Field("reference", N_("Reference of the first report"), required=True, source="case"), TELL),
            then=deeds.merge, tells=("reporter",), audience="reporter", meets=CLOCKS,
            said=N_("Somebody reported this before you. You will be told how it goes on."),
        ),
        step(
            "locate", N_("Found, or otherwise over"), at=OPEN, by=STAFF, to="located", closes=True, key="d", undo=False,
            fields=(
                Field("outcome", N_("How did it end?"), "singlevaluelist", required=True, source="outcome"),
                Field("wish", N_("What do they wish?"), "singlevaluelist", required=True, choices=WISHES,
                      show_when=deeds.IF_FOUND),
                Field("place", N_("Where they were found, for the record only"), personal=True,
                      show_when=deeds.IF_FOUND),
                Field("told_in_person", N_("Who spoke with the family, and when?"), personal=True,
                      show_when=ShowWhen("outcome", frozenset({DEAD}))),
                Field("message", MESSAGE.label, "text",
                      hint=N_("Plain words. Never say where a grown-up is who does not want it.")),
                REASON, TELL,
            ),
            then=deeds.locate, tells=("reporter",), audience="reporter", meets=CLOCKS,
        ),
        step(
            "reopen", N_("Reopen"), at=CLOSED, by=STAFF, to="reopened", undo=False,
            fields=(WHY, TELL), then=deeds.reopen, tells=("reporter",), audience="reporter",
            said=N_("We are looking for them again."),
        ),
    ),
    outcomes=OUTCOMES,
)  # fmt: skip

_EVERYWHERE = ("all", "unplaced", "assigned")

MISSING = KINDS.add(
    Kind(
        slug="missing",
        label=N_("Missing person"),
        plural=N_("Missing persons"),
        workflow=FLOW,
        sees=dict.fromkeys(sorted(WORKERS), _EVERYWHERE)
        | {Role.SUPERVISOR: ("all", "unplaced"), Role.RECORDS: ("all", "unplaced"), Role.ADMIN: ("all", "unplaced")},
        hours={"acknowledge": "missing_acknowledge_hours"},
        urgent=True,
        intake=Intake(
            fields=QUESTIONS, channels=("web", "phone", "counter", "paper", "text", "meeting"), categories=False,
            place=False,
        ),
        notices={"step": "progress"},
        retention={
            "default": Retention(2 * 365, N_("Whoever goes missing once may do so again."), least=90),
            DEAD: Retention(10 * 365, N_("Relatives and courts ask for years."), least=5 * 365),
            "not_missing": Retention(180, N_("Nobody was missing."), least=30),
            "duplicate": Retention(365, N_("The first report carries the record."), least=90),
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number of who reports"), N_("To ask and to tell them"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("Name, age, looks, health and photos of the missing person"), N_("To find them"),
                          N_("As long as the case")),
            PersonalField(N_("What the public is shown"), N_("To find them"),
                          N_("Public until they are found or its day comes; a child's photo ends first")),
            PersonalField(N_("Sightings, and the e-mail address of who wants to hear"), N_("To find them"),
                          N_("As long as the case; an address only where somebody asked to be told")),
        ),
    )
)  # fmt: skip
