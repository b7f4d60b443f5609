"""The field's words for complaints: levels, allegations, findings, and how each reads in plain words.

Dispositions follow what departments of California, Colorado and Texas publish; levels follow Fort Collins, Colorado.
"""

from __future__ import annotations

from collections.abc import Iterable

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome

LEVELS = (
    Choice("inquiry", N_("Inquiry: a question about policy or procedure")),
    Choice("performance", N_("Performance: how a service was given")),
    Choice("level_one", N_("Level one: a breach of rules that is not serious")),
    Choice("level_two", N_("Level two: serious, such as force, bias, or a crime")),
)
DAYS_OF = {
    "inquiry": "complaint_performance_days",
    "performance": "complaint_performance_days",
    "level_one": "complaint_level_one_days",
    "level_two": "complaint_level_two_days",
}
"""The agency's number of days until the decision, by level."""

ALLEGATIONS = (
    Choice("force", N_("Use of force")),
    Choice("stop", N_("Stop, search or arrest")),
    Choice("bias", N_("Unequal treatment")),
    Choice("courtesy", N_("Discourtesy or language")),
    Choice("neglect", N_("Neglect of duty, or no service")),
    Choice("procedure", N_("Procedure not followed")),
    Choice("property", N_("Property lost, damaged or kept")),
    Choice("driving", N_("Driving or use of a vehicle")),
    Choice("honesty", N_("Untruthful statement or report")),
    Choice("harassment", N_("Harassment or retaliation")),
    Choice("privacy", N_("Privacy or records")),
    Choice("other", N_("Something else")),
)

SUSTAINED = "sustained"
PARTLY = "partially_sustained"
POLICY = "policy_failure"

FINDINGS = (
    Outcome(SUSTAINED, N_("Sustained"), N_("It happened as you said, and it was against our rules.")),
    Outcome(PARTLY, N_("Partially sustained"), N_("A part of it happened as you said and was against our rules.")),
    Outcome("not_sustained", N_("Not sustained"), N_("There is not enough proof to say what happened.")),
    Outcome("exonerated", N_("Exonerated"), N_("It happened, and it was within the law and our rules.")),
    Outcome("unfounded", N_("Unfounded"), N_("It did not happen.")),
    Outcome(POLICY, N_("Policy failure"), N_("Our rules were followed, and the rules themselves have to change.")),
    Outcome(
        "unrelated", N_("Violation not related"), N_("We found another breach of our rules than the one you named.")
    ),
    Outcome("not_involved", N_("Not involved"), N_("The officer who was named was not there or had no part in it.")),
)
"""How one allegation ended: the field's word, and what it means for whoever complained."""

OUTCOMES = (
    Outcome(SUSTAINED, N_("Sustained"), N_("It happened as you said, and it was against our rules."), offered=False),
    Outcome(
        PARTLY, N_("Partially sustained"), N_("A part of it happened as you said and was against our rules."),
        offered=False,
    ),
    Outcome(POLICY, N_("Policy failure"), N_("Our rules were followed, and the rules themselves have to change."),
            offered=False),
    Outcome("not_sustained", N_("Not sustained"), N_("There is not enough proof to say what happened."), offered=False),
    Outcome("exonerated", N_("Exonerated"), N_("It happened, and it was within the law and our rules."), offered=False),
    Outcome("unfounded", N_("Unfounded"), N_("It did not happen."), offered=False),
    Outcome("not_involved", N_("Not involved"), N_("The officer who was named was not there or had no part in it."),
            offered=False),
    Outcome("mediated", N_("Mediated"), N_("Both sides talked it over with a mediator, and agreed how it ends.")),
    Outcome("clarification", N_("Clarification only"), N_("We explained what happened. No rule was broken.")),
    Outcome("admin_closed", N_("Administratively closed"),
            N_("We closed this without a finding. Our letter says why.")),
    Outcome("withdrawn", N_("Withdrawn"), N_("You took the complaint back."), offered=False),
)  # fmt: skip
"""How a whole complaint ended; those of findings follow from them and are chosen by nobody."""

WEAKER = (POLICY, "not_sustained", "exonerated", "unfounded", "not_involved")
"""Where nothing was sustained, the first of these that some allegation has is how the complaint ended."""
FOUND = frozenset({SUSTAINED, PARTLY, "unrelated"})


def outcome_of(findings: Iterable[str]) -> str:
    """How a complaint ended, by the findings on its allegations; all of them have one."""
    found = list(findings)
    if all(one == SUSTAINED for one in found):
        return SUSTAINED
    if any(one in FOUND for one in found):
        return PARTLY
    return next(one for one in WEAKER if one in found)


def label(choices: Iterable[Choice], key: str) -> str:
    """The source text of a choice."""
    return next((choice.label for choice in choices if choice.key == key), key)


def finding(slug: str) -> Outcome | None:
    """A finding by its name; None while there is none."""
    return next((one for one in FINDINGS if one.slug == slug), None)
