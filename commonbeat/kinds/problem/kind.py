"""The problem: scanned, analysed, answered and assessed; each phase says what it needs before it lets go."""

from __future__ import annotations

from commonbeat.cases.kind import KINDS, Kind, PersonalField
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import SYSTEM, Outcome, State, Workflow, step
from commonbeat.kinds.problem import effects, residents, studied
from commonbeat.kinds.problem.shared_steps import (
    REASON,
    SEES,
    STAFF,
    case_steps,
    choice,
    desk_steps,
    incident_steps,
    partner_steps,
    place_steps,
    plan_steps,
)
from commonbeat.kinds.problem.shared_terms import INTAKE, personal, terms
from commonbeat.kinds.problem.vocabulary import (
    CARRIED_OUT,
    DECISIONS,
    DISPLACEMENT,
    HYPOTHESIS_STATES,
    ORIGINS,
    PRIORITIES,
    SPEAKS,
    SUBSTEPS,
    TRIANGLE,
    TYPES,
)

OPEN = effects.PHASES
CLOSED = ("monitored", "set_aside")
THINKING = ("scanning", "analysis", "response")
STUDIED = ("response", "acting", "assessment")
DOING = ("analysis", "response", "acting", "assessment")

GRADES = (
    Outcome("eliminated", N_("Problem eliminated"), N_("The problem is gone.")),
    Outcome("reduced", N_("Substantially reduced"), N_("There is much less of it.")),
    Outcome("harm", N_("Harm reduced"), N_("It still happens, but does less harm.")),
    Outcome("handled", N_("Better handled"), N_("It still happens, but it is dealt with better.")),
    Outcome("shifted", N_("Shifted to another owner"), N_("Those who can solve it have taken it over.")),
    Outcome("unchanged", N_("No better"), N_("What we did has not helped so far.")),
)
"""Goldstein's five grades, and the honest sixth."""
SIDES = tuple(
    field
    for inner, outer, who, controller in TRIANGLE
    for field in (Field(inner, who, "text", maximum=1500), Field(outer, controller, "text", maximum=1500))
)


SCANNING_STEPS = (
    step(
        "describe", N_("Describe the problem"), at=OPEN, by=STAFF, undo=False, then=effects.describe,
        fields=(
            Field("title", N_("Name of the problem"), required=True, maximum=120,
                  hint=N_("What happens to whom, and where. Name no private person.")),
            Field("text", N_("Statement of the problem"), "text", required=True,
                  hint=N_("What keeps happening, to whom, where, when, and since when.")),
            choice("type", N_("Type of problem"), TYPES, required=True),
            choice("priority", N_("Priority"), PRIORITIES),
            choice("origin", N_("How it came up"), ORIGINS),
            Field("harms", N_("What it does to people"), "text"),
            Field("goals", N_("Broad goals"), "text"),
        ),
    ),
    *case_steps(OPEN + CLOSED),
    step(
        "gather", N_("Say which cases count"), at=THINKING, by=STAFF, undo=False, then=effects.gather,
        fields=(
            Field("categories", N_("Categories"), "multivaluelist", required=True, source="problem_category"),
            Field("areas", N_("Areas"), "multivaluelist", source="problem_area", hint=N_("None means every area.")),
            Field("radius_m", N_("Only so near to the place (metres)"), "number", minimum=50, maximum=5000),
            Field("measures", N_("Measures to look at besides"), "multivaluelist", source="problem_measure",
                  hint=N_("Incidents and other numbers of the evidence pages, for the same areas.")),
        ),
    ),
    *place_steps(OPEN),
    *partner_steps(OPEN),
    *incident_steps(OPEN),
    step(
        "tick", N_("Tick off sub-steps"), at=OPEN, by=STAFF, undo=False, then=effects.tick,
        fields=(
            Field("scanning", N_("Scanning"), "multivaluelist", choices=SUBSTEPS["scanning"]),
            Field("analysis", N_("Analysis"), "multivaluelist", choices=SUBSTEPS["analysis"]),
            Field("response", N_("Response"), "multivaluelist", choices=SUBSTEPS["response"]),
            Field("assessment", N_("Assessment"), "multivaluelist", choices=SUBSTEPS["assessment"]),
        ),
    ),
)  # fmt: skip

ANALYSIS_STEPS = (
    step("triangle", N_("Fill in the triangle"), at=THINKING, by=STAFF, undo=False, then=effects.triangle,
         fields=SIDES),
    step(
        "inventory", N_("List what is done now"), at=THINKING, by=STAFF, undo=False, then=effects.inventory,
        fields=(Field("present_response", N_("What is done about it now"), "text", required=True,
                      hint=N_("By whom, how often, what helps and what does not.")),),
    ),
    step(
        "hypothesis", N_("Add a hypothesis"), at=THINKING, by=STAFF, then=effects.hypothesis,
        fields=(
            Field("idea", N_("It happens because"), "text", required=True, maximum=1500),
            Field("whys", N_("Why is that? And why that?"), "text",
                  hint=N_("Up to five whys, one on each line: each answers why the line before it is so.")),
        ),
    ),
    step(
        "weigh", N_("Add evidence"), at=(*THINKING, "acting", "assessment"), by=STAFF, then=effects.weigh,
        fields=(
            Field("hypothesis", N_("Hypothesis"), required=True, source="problem_hypothesis"),
            choice("speaks", N_("It speaks"), SPEAKS, required=True),
            Field("evidence", N_("What was found"), "text", required=True, maximum=1500),
            Field("source", N_("Where it comes from")),
        ),
    ),
    step(
        "judge", N_("Judge a hypothesis"), at=(*THINKING, "acting", "assessment"), by=STAFF, undo=False,
        then=effects.judge,
        fields=(
            Field("hypothesis", N_("Hypothesis"), required=True, source="problem_hypothesis"),
            choice("state", N_("It is"), HYPOTHESIS_STATES, required=True), REASON,
        ),
    ),
)  # fmt: skip

RESPONSE_STEPS = (
    step(
        "option", N_("Add an option"), at=THINKING, by=STAFF, then=effects.option,
        fields=(
            Field("technique", N_("Technique"), required=True, source="problem_technique",
                  hint=N_("Beside each stands how often it was chosen here before, and how often that helped.")),
            Field("idea", N_("What could be done"), "text", required=True, maximum=1500),
        ),
    ),
    step(
        "choose", N_("Decide about an option"), at=("analysis", "response"), by=STAFF, undo=False,
        then=effects.choose,
        fields=(
            Field("option", N_("Option"), required=True, source="problem_option"),
            choice("decision", N_("Decision"), DECISIONS, required=True), REASON,
        ),
    ),
    step(
        "objective", N_("Set the objective"), at=("analysis", "response"), by=STAFF, undo=False,
        then=effects.objective,
        fields=(
            Field("objective", N_("Objective"), "text", required=True, maximum=1000),
            Field("measure", N_("How it is measured"), required=True),
            Field("target", N_("Target"), required=True, hint=N_("A number, such as “half as many a month”.")),
            Field("target_on", N_("By"), "datetime"),
        ),
    ),
    *plan_steps(DOING, answered_at=OPEN),
)  # fmt: skip

STUDY_STEPS = (
    step(
        "draft_study", N_("Draft a study of the outcome"), at=STUDIED, by=STAFF, undo=False, then=studied.draft_study,
        fields=(
            Field("title", N_("What is the study called?"), required=True, maximum=120,
                  hint=N_("A question says most: “Do brighter lights reduce burglaries?”")),
            Field("source", N_("Which records?"), required=True, source="problem_incident_source",
                  hint=N_("The areas of this problem are compared with others by these. An analyst checks the plan.")),
            Field("sorts", N_("Only these sorts"), maximum=2000,
                  hint=N_("With semicolons between them, as the records write them. Empty for all.")),
        ),
    ),
    step(
        "link_study", N_("Link a study"), at=STUDIED, by=STAFF, then=studied.link_study,
        fields=(Field("study", N_("Study of the outcome"), required=True, source="problem_study"),),
    ),
    step(
        "link_question", N_("Say what residents are asked"), at=STUDIED, by=STAFF, then=residents.link_question,
        fields=(
            Field("question", N_("Question of a survey"), required=True, source="problem_question",
                  hint=N_("One whose answers would change if this got better. Only released waves are shown.")),
        ),
    ),
    step("remove_study", N_("Take the study off"), at=OPEN + CLOSED, by=STAFF, then=studied.remove_study,
         fields=(REASON,)),
    step("remove_question", N_("Take the question off"), at=OPEN + CLOSED, by=STAFF, then=residents.remove_question,
         fields=(REASON,)),
)  # fmt: skip

PHASE_STEPS = (
    step("analyse", N_("Go on to analysis"), at=("scanning",), by=STAFF, to="analysis", then=effects.move_on),
    step("respond", N_("Go on to planning a response"), at=("analysis",), by=STAFF, to="response",
         then=effects.move_on),
    step("start_response", N_("Start the response"), at=("response",), by=STAFF, to="acting", undo=False,
         then=effects.start_response),
    step("assess", N_("Go on to the assessment"), at=("acting",), by=STAFF, to="assessment", then=effects.move_on),
    step(
        "appraise", N_("Assess the response"), at=("assessment",), by=STAFF, then=effects.appraise,
        fields=(
            choice("carried_out", N_("Was the plan carried out?"), CARRIED_OUT, required=True),
            Field("process", N_("What was done, and what was not"), "text", required=True),
            Field("result", N_("What changed, by numbers and by what people say"), "text", required=True),
            Field("study", N_("Study of the outcome"), source="problem_study",
                  hint=N_("A study with places to compare says more than a before and after.")),
            choice("displacement", N_("Did it move?"), DISPLACEMENT, required=True),
            Field("displacement_words", N_("Where it went, or who else got better"), "text"),
            Field("grade", N_("Grade"), "singlevaluelist", required=True,
                  choices=tuple(Choice(one.slug, one.label) for one in GRADES)),
            Field("lessons", N_("What others can learn from it"), "text", required=True,
                  hint=N_("Colleagues find this in the library of problems.")),
        ),
    ),
    step(
        "close", N_("Close and keep watch"), at=("assessment",), by=STAFF, to="monitored", closes=True,
        then=effects.close, undo=False,
        fields=(
            Field("title", N_("Title for the public"), required=True, maximum=120),
            Field("said", N_("What the problem was, in public words"), "text", required=True,
                  hint=N_("No names, no house numbers.")),
            Field("message", N_("What we did, in public words"), "text", required=True,
                  hint=N_("The public reads this after a second person has published it.")),
            Field("alarm_count", N_("Open it again when so many cases come within 90 days"), "number", minimum=1,
                  maximum=10000, hint=N_("Empty means that nobody watches the numbers.")),
        ),
    ),
    step(
        "go_back", N_("Go back to an earlier phase"), at=DOING, by=STAFF, undo=False,
        then=effects.go_back,
        fields=(
            choice("phase", N_("Phase"), (
                Choice("scanning", N_("Scanning")), Choice("analysis", N_("Analysis")),
                Choice("response", N_("Response: planning")), Choice("acting", N_("Response: under way")),
            ), required=True),
            REASON,
        ),
    ),
    step(
        "set_aside", N_("Set it aside"), at=OPEN, by={Role.SUPERVISOR, *WORKERS}, to="set_aside", closes=True,
        then=effects.set_aside,
        fields=(
            choice("why", N_("Why"), (
                Choice("no_problem", N_("Not a problem after all")), Choice("no_means", N_("No means for it now")),
                Choice("part_of", N_("Part of another problem")),
            ), required=True),
            REASON,
        ),
    ),
    step("reopen", N_("Reopen"), at=CLOSED, by=STAFF, to="analysis", undo=False, then=effects.reopen,
         fields=(Field("reason", N_("Why"), "text", required=True),)),
    step("relapse", N_("The problem came back"), at=("monitored",), by={SYSTEM}, to="analysis", undo=False,
         offered=False, then=effects.relapse, fields=(Field("count", N_("Cases"), "number", required=True),)),
)  # fmt: skip

FLOW = Workflow(
    start="scanning",
    states=(
        State("scanning", N_("Scanning"), N_("We look whether this is a problem.")),
        State("analysis", N_("Analysis"), N_("We find out why it happens.")),
        State("response", N_("Response: planning"), N_("We choose with our partners what to do.")),
        State("acting", N_("Response: under way"), N_("We and our partners do something about it.")),
        State("assessment", N_("Assessment"), N_("We check whether it helped.")),
        State("monitored", N_("Closed and watched"), N_("This is closed. We watch if it comes back."), closed=True),
        State("set_aside", N_("Set aside"), N_("We do not work on this."), closed=True),
    ),
    steps=PHASE_STEPS + SCANNING_STEPS + ANALYSIS_STEPS + RESPONSE_STEPS + STUDY_STEPS + desk_steps(OPEN, CLOSED),
    outcomes=(
        *GRADES,
        Outcome("no_problem", N_("Not a problem after all"), N_("It was not a lasting problem."), offered=False),
        Outcome("no_means", N_("No means for it now"), N_("We cannot work on it now."), offered=False),
        Outcome("part_of", N_("Part of another problem"), N_("It is a part of another problem."), offered=False),
    ),
)  # fmt: skip

PROBLEM = KINDS.add(
    Kind(
        slug="problem",
        label=N_("Problem"),
        plural=N_("Problems"),
        workflow=FLOW,
        intake=INTAKE,
        sees=SEES,
        retention=terms(
            N_("What was learnt helps with the next such problem."), ended="no_problem",
            nothing=N_("Nothing was done about it."),
        ),
        personal=personal(
            PersonalField(N_("What staff and partners write about the problem"), N_("To understand and solve it"),
                          N_("As long as the case"))
        ),
    )
)  # fmt: skip
