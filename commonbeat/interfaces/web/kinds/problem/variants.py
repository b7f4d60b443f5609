"""Where the pages of problems, joint projects and reviews differ: words and the order of steps, by kind."""

from __future__ import annotations

from collections.abc import Mapping

from commonbeat.core.text import N_

FORWARD = {
    "problem": {"scanning": "analyse", "analysis": "respond", "response": "start_response", "acting": "assess",
                "assessment": "close"},
    "project": {"idea": "agree", "planning": "begin", "doing": "close", "upkeep": "close"},
    "review": {"looking": "improve", "improving": "close"},
}  # fmt: skip
"""By kind: the step that leads on from each phase."""
ROWS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "problem": (
        ("priority", N_("Priority")), ("origin", N_("How it came up")), ("harms", N_("What it does to people")),
        ("goals", N_("Broad goals")),
    ),
    "project": (
        ("goals", N_("What it is to reach")), ("harms", N_("Why it is needed")),
        ("objective", N_("Objective")), ("measure", N_("How it is measured")), ("target", N_("Target")),
        ("target_on", N_("By")), ("volunteers", N_("What volunteers do")), ("budget", N_("Budget")),
    ),
    "review": (("goals", N_("What was meant to happen")), ("harms", N_("What it did to people"))),
}  # fmt: skip
"""By kind: what its overview says besides its type."""
LOOKING_BACK: Mapping[str, Mapping[str, str]] = {
    "problem": {
        "heading": N_("Assessment"), "carried_out": N_("Was the plan carried out?"), "result": N_("What changed"),
        "none": N_("Not assessed yet. Without an assessment the problem cannot be closed."),
    },
    "project": {
        "heading": N_("Looking back"), "carried_out": N_("Was the plan carried out?"), "result": N_("What changed"),
        "none": N_("Nobody looked back yet. Without it the project cannot be finished."),
    },
    "review": {
        "heading": N_("What was learnt"), "carried_out": N_("Did it go as planned?"),
        "result": N_("What went differently, and why"), "none": N_("Nothing is written down yet."),
    },
}  # fmt: skip
"""By kind: how its assessment is called."""
STANDS = {
    "problem": N_("Where the problem stands"), "project": N_("Where the project stands"),
    "review": N_("Where the review stands"),
}  # fmt: skip
TYPE_LABELS = {
    "problem": N_("Type of problem"), "project": N_("Type of project"), "review": N_("Type of operation"),
}  # fmt: skip
ABOUT = {"problem": N_("The problem"), "project": N_("The project"), "review": N_("The operation")}
SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("problem_overview", "problem-about", N_("The problem")),
    ("problem_joint", "joint-about", N_("What it is about")),
    ("problem_linked", "linked-title", N_("Places, organisations, incidents")),
    ("problem_counts", "problem-counts", N_("How often")),
    ("problem_analysis", "problem-analysis", N_("Analysis")),
    ("problem_response", "problem-response", N_("Response")),
    ("problem_permits", "permits", N_("Permits")),
    ("problem_plan", "problem-plan", N_("Plan of action")),
    ("problem_study", "problem-study", N_("Study of the outcome")),
    ("problem_residents", "problem-residents", N_("What residents say")),
    ("problem_assessment", "problem-assessment", N_("Looking back")),
)
"""Panel, heading on the page, and its words: the page is long, so its first panel leads to the others."""
