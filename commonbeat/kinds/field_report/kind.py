"""The field report: written in the field, approved by a supervisor, handed to sworn officers where it is theirs."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.custody import PHOTOS
from commonbeat.cases.kind import KINDS, Intake, Kind, PersonalField
from commonbeat.cases.tagging import tag_step
from commonbeat.cases.usual_steps import give_back_step, link_steps, note_step, pass_on_step
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.core.workflow import SYSTEM, Outcome, State, Workflow, step
from commonbeat.kinds.field_report import deeds, sworn
from commonbeat.kinds.field_report.vocabulary import AGES, ITEM_ROLES, ROLES, SIGNS

WRITERS = WORKERS | {Role.SUPERVISOR}
READERS = WRITERS | {Role.RECORDS}
DRAFT = ("drafting", "returned")
OPEN = ("drafting", "calling", "submitted", "returned", "supplemented")
DONE = ("approved", "finished")
CLOSED = ("approved", "finished", "void")

SIGNS_FIELD = Field(
    "signs", N_("Is any of this so?"), "multivaluelist", choices=SIGNS,
    hint=N_("Then stop, keep at a distance, and call sworn officers."),
)  # fmt: skip
NOT_NOW = Field(
    "not_now", N_("Why no sworn officer is needed"), "text", maximum=600,
    hint=N_("Only where the text sounds like their work: it was over, or somebody only told you about it."),
)  # fmt: skip
ABOUT = Field("text", N_("What it is about, in one sentence"), "text", required=True, maximum=300,
              hint=N_("Without names."))  # fmt: skip
DISPATCH = Field(
    "dispatch", N_("Dispatch"), "singlevaluelist", required=True,
    choices=(Choice("told", N_("Dispatch has it")), Choice("calm", N_("No danger now, dispatch need not come"))),
)  # fmt: skip
CALL_FIELDS = (
    Field("signs", N_("Why"), "multivaluelist", required=True, choices=SIGNS),
    DISPATCH,
    Field("incident", N_("Dispatch's number of the incident"), maximum=40),
    Field("note", N_("What they should know"), "text", maximum=600),
)

WRITING = (
    step(
        "write", N_("Write the report"), at=DRAFT, by=WRITERS, key="e", undo=False, then=deeds.write,
        fields=(
            Field("sort", N_("What happened"), source="field_report_open_sort"),
            Field("happened_at", N_("When"), "moment", required=True), ABOUT, SIGNS_FIELD,
            Field("told", N_("What you were told"), "text",
                  hint=N_("By whom: “Witness 1 said …”. Their words, not yours.")),
            Field("saw", N_("What you saw"), "text", hint=N_("What was there, in order. No guesses.")),
            Field("did", N_("What you did"), "text", hint=N_("One thing in each sentence: “I photographed the door.”")),
            Field("after", N_("What comes next"), "text", hint=N_("Who does what, by when. Whom did you tell?")),
            NOT_NOW,
        ),
    ),
    step(
        "add_party", N_("Add a person"), at=DRAFT, by=WRITERS, then=deeds.add_party,
        fields=(
            Field("role", N_("Role"), "singlevaluelist", required=True, choices=ROLES),
            Field("age", N_("Age"), "singlevaluelist", required=True, choices=AGES,
                  hint=N_("Who is under 18 stays hidden; a second person decides who may see it.")),
            Field("name", N_("Name"), personal=True, maximum=200),
            Field("phone", N_("Telephone number"), personal=True, maximum=40),
            Field("email", N_("E-mail address"), personal=True, maximum=254),
            Field("note", N_("What they have to do with it"), maximum=300, hint=N_("Without names.")),
        ),
    ),
    step(
        "add_item", N_("Add property"), at=DRAFT, by=WRITERS, then=deeds.add_item,
        fields=(
            Field("role", N_("It was"), "singlevaluelist", required=True, choices=ITEM_ROLES),
            Field("what", N_("What it is"), required=True),
            Field("marks", N_("Serial number or marks"), maximum=200),
            Field("worth", N_("Worth in dollars, about"), "number", minimum=0, maximum=100_000_000),
            Field("place", N_("Where it is now, and who has it"), maximum=300),
        ),
    ),
    step(
        "photograph", N_("Add photos"), at=DRAFT, by=WRITERS, key="p", undo=False, then=deeds.photograph,
        fields=(
            Field("photos", PHOTOS.label, "photos", required=True, hint=PHOTOS.hint),
            Field("shows", N_("What they show"), maximum=300),
        ),
    ),
    step(
        "answer", N_("Answer the questions"), at=DRAFT, by=WRITERS, undo=False, offered=False, then=deeds.answer,
        fields=(Field("answers", N_("Answers"), "text", required=True, maximum=20_000),),
    ),
    step(
        "drop", N_("Take out a person or property"), at=DRAFT, by=WRITERS, undo=False, then=deeds.drop,
        fields=(Field("row", N_("Which"), required=True, source="field_report_row"),),
    ),
)  # fmt: skip

HANDING_OVER = (
    step(
        "call_sworn", N_("Call sworn officers"), at=DRAFT, by=WRITERS, to="calling", key="h", undo=False,
        then=sworn.call, fields=CALL_FIELDS,
    ),
    step(
        "accept_call", N_("I take this over"), at=("calling",), by={Role.OFFICER, Role.SUPERVISOR}, to="drafting",
        undo=False, then=sworn.accept, key="w",
        fields=(Field("text", N_("What you will do"), "text", maximum=600),),
    ),
)  # fmt: skip

READING = (
    step("submit", N_("Send it to a supervisor"), at=DRAFT, by=WRITERS, to="submitted", undo=False, key="d",
         then=deeds.submit),
    step("finish", N_("Finish the report"), at=DRAFT, by=WRITERS, to="finished", closes=True, undo=False, key="f",
         then=deeds.finish),
    step(
        "write_on", N_("Open again to correct it"), at=("finished",), by=WRITERS, to="drafting", undo=False,
        then=deeds.write_on, fields=(Field("reason", N_("Why"), "text", required=True),),
    ),
    step(
        "approve", N_("Approve"), at=("submitted",), by={Role.SUPERVISOR}, to="approved", closes=True, undo=False,
        then=deeds.approve, key="a", fields=(Field("text", N_("Words for whoever wrote it"), "text"),),
    ),
    step(
        "send_back", N_("Send back with comments"), at=("submitted",), by={Role.SUPERVISOR}, to="returned",
        undo=False, then=deeds.send_back, key="b",
        fields=(Field("comments", N_("What has to change"), "text", required=True),),
    ),
    step(
        "supplement", N_("Add a supplement"), at=("approved",), by=WRITERS, to="supplemented", undo=False,
        then=deeds.supplement,
        fields=(
            Field("text", N_("What is added"), "text", required=True,
                  hint=N_("The report stays as it was approved. Say what is new or was wrong.")),
            PHOTOS, NOT_NOW,
        ),
    ),
    step(
        "approve_supplement", N_("Approve the supplement"), at=("supplemented",), by={Role.SUPERVISOR},
        to="approved", closes=True, undo=False, then=deeds.decide_supplement,
    ),
    step(
        "refuse_supplement", N_("Refuse the supplement"), at=("supplemented",), by={Role.SUPERVISOR}, to="approved",
        closes=True, undo=False, then=deeds.decide_supplement,
        fields=(Field("reason", N_("Why"), "text", required=True),),
    ),
    step(
        "disclose", N_("Give a copy to somebody outside"), at=DONE, by={Role.SUPERVISOR, Role.RECORDS},
        undo=False, then=deeds.disclose,
        fields=(Field("agency", N_("Who gets it"), required=True), Field("reason", N_("Why"), required=True)),
    ),
)  # fmt: skip

LATER = (
    step(
        "number", N_("Note the number of the records system"), at=(*OPEN, *DONE), by=READERS,
        then=deeds.note_number, undo=False,
        fields=(Field("number", N_("Number"), required=True, maximum=60,
                      hint=N_("A reference only. Nothing of what is kept there.")),),
    ),
    step(
        "void", N_("Begun by mistake"), at=DRAFT, by={*WRITERS, SYSTEM}, to="void", closes=True, undo=False,
        then=deeds.void, fields=(Field("reason", N_("Why"), "text", required=True),),
    ),
)  # fmt: skip

FLOW = Workflow(
    start="drafting",
    states=(
        State("drafting", N_("Draft"), N_("The report is being written.")),
        State("calling", N_("Waiting for a sworn officer"), N_("Somebody else was asked to come.")),
        State("submitted", N_("Waits for approval"), N_("Somebody reads the report.")),
        State("returned", N_("Came back"), N_("The report is being corrected.")),
        State("supplemented", N_("Supplement waits for approval"), N_("Something is being added to the report.")),
        State("approved", N_("Approved"), N_("The report is finished."), closed=True),
        State("finished", N_("Finished"), N_("The report is finished."), closed=True),
        State("void", N_("Void"), N_("The report was begun by mistake."), closed=True),
    ),
    steps=(
        *WRITING, *HANDING_OVER, *READING, *LATER,
        step(
            "assign", N_("Assign"), at=OPEN, by={Role.SUPERVISOR}, key="s", then=effects.assign,
            fields=(Field("user", N_("Person"), source="user"), Field("team", N_("Team or partner"), source="team")),
        ),
        pass_on_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}),
        give_back_step(at=OPEN, by={Role.SUPERVISOR, SYSTEM}),
        note_step(at=OPEN + CLOSED, by=READERS),
        *link_steps(at=OPEN + CLOSED, by=WRITERS),
        tag_step(at=OPEN + CLOSED, by=WRITERS),
    ),
    outcomes=(
        Outcome("approved", N_("Approved"), N_("The report is finished."), offered=False),
        Outcome("finished", N_("Finished, not read by a second person"), N_("The report is finished."), offered=False),
        Outcome("void", N_("Void"), N_("The report was begun by mistake."), offered=False),
    ),
)  # fmt: skip

FIELD_REPORT = KINDS.add(
    Kind(
        slug="field_report",
        label=N_("Field report"),
        plural=N_("Field reports"),
        workflow=FLOW,
        sees={
            Role.OFFICER: ("all", "assigned"),  # any of them may be called
            Role.CSO: ("assigned",),
            Role.LIAISON: ("assigned",),
            Role.PROGRAMME: ("assigned",),
            Role.SUPERVISOR: ("all",),
            Role.RECORDS: ("all",),
        },
        intake=Intake(channels=(), categories=False, contact=False, photos=False, reported=False),
        retention={
            "default": Retention(5 * 365, N_("Owners and insurers ask for it years later."), least=2 * 365),
            "void": Retention(90, N_("Nothing was reported."), least=7),
        },
        personal=(
            PersonalField(N_("Name, e-mail address, telephone number of people in the report"),
                          N_("To reach owners and witnesses"),
                          N_("Until two years after the last case closes, or erasure on request")),
            PersonalField(N_("That somebody is under 18"), N_("To keep who they are hidden"),
                          N_("As long as the case")),
            PersonalField(N_("What was told, seen and done; property; photos"), N_("To report what happened"),
                          N_("As long as the case")),
        ),
    )
)  # fmt: skip
