"""The concern: a resident reports something that somebody should do something about."""

from __future__ import annotations

from commonbeat.cases import agreements, effects, links, notices, sound
from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import COLLEAGUES_SEE, EVERYWHERE, KINDS, Intake, Kind, PersonalField
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
    asked,
    assign_step,
    give_back_step,
    link_steps,
    message_step,
    note_step,
    pass_on_step,
    reopen_step,
    withdraw_step,
)
from commonbeat.core.actor import Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import KEY, REPORTER, Outcome, Procedure, State, Workflow, step
from commonbeat.publishing.outcomes import draft_outcome

CLERKS = STAFF | {Role.RECORDS, Role.ADMIN}
"""Whoever sits where people call and come."""
PROGRAMS = DESK | {KEY}
OPEN = (
    "new", "acknowledged", "assigned", "waiting", "rechecking", "curing", "agreed", "handed_over", "reopened"
)  # fmt: skip
CLOSED = ("resolved", "merged", "withdrawn")


def resolve(deed: Deed) -> None:
    """Close with an outcome, and draft what the public will be told."""
    effects.resolve(deed)
    draft_outcome(deed)


FLOW = Workflow(
    start="new",
    states=(
        State("new", N_("New"), N_("We have your report. Nobody has read it yet.")),
        State("acknowledged", N_("Acknowledged"), N_("Somebody has read your report.")),
        State("assigned", N_("Assigned"), N_("Somebody is working on it.")),
        State("waiting", N_("Waiting for an answer"), N_("We asked a question and wait for the answer."), waits=True),
        State("rechecking", N_("Rechecking"), N_("We looked, and will look again soon.")),
        State(
            "curing", N_("Notice served"),
            N_("We told those responsible what to put right, and by when. Then we look again."), runs="cure",
        ),
        State(
            "agreed", N_("Agreement on trial"),
            N_("The people concerned agreed on what to do. We ask again whether it is kept."), runs="review",
        ),
        State("handed_over", N_("Handed to another agency"), N_("Another agency has it now.")),
        State("reopened", N_("Reopened"), N_("This was opened again.")),
        State("resolved", N_("Resolved"), N_("This is closed."), closed=True),
        State(
            "merged",
            N_("Merged"),
            N_("This was reported before; it is followed under the first report."),
            closed=True,
        ),
        State("withdrawn", N_("Withdrawn"), N_("The person who reported this withdrew it."), closed=True),
    ),
    steps=(
        step(
            "acknowledge", N_("Acknowledge"), at=("new", "reopened"), by=PROGRAMS, to="acknowledged", key="a",
            bulk=True,
            fields=(MESSAGE, TELL), tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("Somebody has read your report."),
        ),
        assign_step(
            at=OPEN, by=STAFF, stays=True, bulk=True, said=N_("Your report was given to somebody who can act on it.")
        ),
        pass_on_step(at=OPEN, said=N_("Somebody else works on your report now.")),
        give_back_step(at=OPEN, falls={"assigned": "acknowledged"}),
        ask_step(
            at=OPEN, by=DESK, stays=True,
            fields=asked(Choice("reporter", N_("The reporter")), Choice("owner", N_("The owner"))),
        ),
        answer_step(at=("waiting", "curing", "agreed"), by=DESK, stays=True),
        add_step(at=OPEN),
        note_step(at=OPEN + CLOSED, by=PROGRAMS, bulk=True),
        tag_step(at=OPEN + CLOSED, by=STAFF | {KEY}),
        message_step(at=OPEN + CLOSED, by=DESK, bulk=True),
        step(
            "recheck", N_("Look again later"), at=OPEN, by=DESK, to="rechecking", key="r",
            fields=(
                Field("hours", N_("Hours until the recheck"), "number", minimum=1, maximum=2160,
                      hint=N_("Leave empty for the category's own time; 72 for a vehicle.")),
                Field("text", N_("What to look for")),
                TELL,
            ),
            then=effects.recheck, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("We looked, and will look again."),
        ),
        step(
            "measure", N_("Record a sound measurement"), at=OPEN, by=DESK, procedure="sound",
            fields=sound.FIELDS, then=sound.measure,
        ),
        step(
            "agree", N_("Record an agreement"), at=OPEN, by=DESK, to="agreed", procedure="agreement",
            fields=(*agreements.FIELDS, TELL), then=agreements.agree, tells=("reporter",), audience="reporter",
            meets=("acknowledge",), said=N_("The people concerned agreed on quiet hours."),
        ),
        step(
            "breach", N_("The agreement was not kept"), at=("agreed", "resolved"), by=DESK, to="reopened",
            procedure="agreement", fields=(*agreements.BREACH_FIELDS, TELL), then=agreements.breach,
            tells=("reporter",), audience="reporter", said=N_("The agreement was not kept. This is open again."),
        ),
        step(
            "serve", N_("Serve a notice"), at=OPEN, by=STAFF, to="curing", procedure="notice", letter=True,
            fields=(*notices.FIELDS, TELL), then=notices.serve, tells=("reporter",), audience="reporter",
            meets=("acknowledge",), said=N_("We told those responsible what to put right, and by when."),
        ),
        step(
            "reinspect", N_("Look again after the notice"), at=("curing",), by=STAFF, to="assigned",
            procedure="notice", fields=(*notices.INSPECTION_FIELDS, TELL), then=notices.reinspect,
            tells=("reporter",), audience="reporter", said=N_("We looked again at what had to be put right."),
        ),
        step(
            "hand_over", N_("Hand to another agency"), at=OPEN, by=STAFF, to="handed_over", key="h", undo=False,
            fields=(
                Field("agency", N_("Agency"), required=True),
                Field("reason", N_("Why"), required=True),
                Field("their_reference", N_("Their reference")),
                MESSAGE, TELL,
            ),
            then=effects.hand_over, tells=("reporter",), audience="reporter", meets=("acknowledge",),
            said=N_("This is another agency's work, and we gave it to them."),
        ),
        *link_steps(at=OPEN + CLOSED, by=STAFF, key="l"),
        step(
            "merge", N_("Merge into another case"), at=OPEN, by=STAFF, to="merged", closes=True,
            fields=(Field("reference", N_("Reference of the first report"), required=True, source="case"), TELL),
            then=links.merge, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
            said=N_("Somebody reported this before you. You will be told how it goes on."),
        ),
        step(
            "split", N_("Split off a part"), at=OPEN, by=STAFF, undo=False,
            fields=(
                Field("category", N_("Category of the part"), required=True, source="category"),
                Field("text", N_("What is to be done"), "text", required=True),
            ),
            then=effects.split,
        ),
        step(
            "resolve", N_("Resolve"), at=OPEN, by=PROGRAMS, to="resolved", closes=True, key="d", bulk=True,
            fields=(
                Field("outcome", N_("Outcome"), "singlevaluelist", required=True, source="outcome"),
                Field("message", N_("What we did, in public words"), "text", required=True,
                      hint=N_("The reporter reads this at once; the public after a second person has published it.")),
                REASON,
                TELL,
            ),
            then=resolve, tells=("reporter",), audience="reporter", meets=("acknowledge", "respond"),
        ),
        reopen_step(at=CLOSED, by=STAFF),
        withdraw_step(at=OPEN, by=STAFF, said=N_("The report was withdrawn.")),
        step(
            "rate", N_("Is it fixed?"), at=("resolved",), by={REPORTER}, undo=False,
            fields=(
                Field("fixed", N_("Is it fixed?"), "singlevaluelist", required=True,
                      choices=(Choice("yes", N_("Yes")), Choice("no", N_("No")))),
                Field("text", N_("What is still wrong, or what went well?"), "text", personal=True),
            ),
            then=effects.rate, audience="reporter", said=N_("You told us whether it is fixed."),
        ),
    ),
    outcomes=(
        Outcome("fixed", N_("Fixed"), N_("This is fixed.")),
        Outcome("advice", N_("Advice given"), N_("We gave advice on what to do.")),
        Outcome("agreement", N_("Agreement reached"), N_("The people concerned agreed on what to do.")),
        Outcome("warned", N_("Warning given"), N_("We warned the people responsible.")),
        Outcome("complied", N_("Put right after a notice"), N_("It was put right after a notice from us.")),
        Outcome("court", N_("Referred to court"), N_("A court decides what happens next.")),
        Outcome("cited", N_("Citation issued"), N_("We issued a citation.")),
        Outcome("towed", N_("Vehicle removed"), N_("The vehicle was removed.")),
        Outcome("moved", N_("Vehicle moved by its owner"), N_("The owner moved the vehicle.")),
        Outcome("improved", N_("Better, not over"), N_("It is better, but not over. We keep an eye on it.")),
        Outcome("visited", N_("Visited"), N_("We went there and spoke with people.")),
        Outcome("patrols", N_("Extra patrols"), N_("Officers stop by more often for some time.")),
        Outcome("referred", N_("Connected with a service"), N_("We connected people with a service that can help.")),
        Outcome("other_agency", N_("Other agency responsible"), N_("Another agency is responsible and has it.")),
        Outcome("not_found", N_("Not found"), N_("We looked and did not find it.")),
        Outcome("no_action", N_("No action possible"), N_("We cannot act on this.")),
        Outcome("duplicate", N_("Duplicate"), N_("This was reported before."), offered=False),
        Outcome("withdrawn", N_("Withdrawn"), N_("The report was withdrawn."), offered=False),
        Outcome(
            "elsewhere", N_("Closed elsewhere"), N_("This was closed in the system that it came from."), offered=False
        ),
        Outcome(
            "history", N_("Kept as history"), N_("Another system sent this without saying how it ended."), offered=False
        ),
    ),
    procedures=(
        Procedure("sound", N_("Sound is measured"), N_("Staff record measurements beside the agency's limits.")),
        Procedure("agreement", N_("Agreements on quiet hours"), N_("With a day on which both sides are asked again.")),
        Procedure("notice", N_("Notices to owners"), N_("With a day by which things are put right, and a look then.")),
        Procedure("repeats", N_("Repeats are counted"), N_("How often the same place had this in twelve months.")),
    ),
)  # fmt: skip

CONCERN = KINDS.add(
    Kind(
        slug="concern",
        label=N_("Concern"),
        plural=N_("Concerns"),
        workflow=FLOW,
        sees={**COLLEAGUES_SEE, Role.ANALYST: EVERYWHERE, Role.EDITOR: EVERYWHERE, KEY: EVERYWHERE},
        notices={
            "opened": "received", "step": "progress", "agree": "agreement", "resolve": "resolved",
            "pass_on": "new_officer",
        },
        intake=Intake(openers=frozenset(CLERKS)),
        retention={
            "default": Retention(
                3 * 365, N_("Open questions and repeat reports are seldom older than three years."), least=365
            ),
            "duplicate": Retention(365, N_("The first report carries the record."), least=90),
            "withdrawn": Retention(365, N_("Nothing was decided."), least=90),
        },
        public=True,
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number"), N_("To answer the reporter"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("Name and contact details of an owner"), N_("To serve a notice and to ask the owner"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("Who agreed on quiet hours"), N_("To ask both sides again"), N_("As long as the case")),
            PersonalField(N_("Text, answers and photos"), N_("To act on the concern"), N_("As long as the case")),
            PersonalField(
                N_("Place"), N_("To find and solve it"), N_("As long as the case; the public sees a blurred one")
            ),
        ),
    )
)  # fmt: skip
