"""The field's words for restorative conferences: who takes part, where a matter comes from, how it can end."""

from __future__ import annotations

from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome
from commonbeat.talks.vocabulary import UNSURE

HARMED, RESPONSIBLE = "harmed", "responsible"
ROLES = {
    HARMED: N_("Was harmed"),
    RESPONSIBLE: N_("Takes responsibility"),
    "supports_harmed": N_("Supports who was harmed"),
    "supports_responsible": N_("Supports who takes responsibility"),
    "community": N_("Speaks for the neighbourhood"),
}
NEEDED = frozenset({HARMED, RESPONSIBLE})
"""Without their yes there is no conference; who stands beside them may stay away."""
REFERRED_BY = (
    Choice("officer", N_("An officer")), Choice("school", N_("A school")), Choice("court", N_("A prosecutor or court")),
    Choice("victims", N_("A service for victims")), Choice("harmed", N_("Who was harmed")),
    Choice("other", N_("Somebody else")),
)  # fmt: skip
SAFETY = {
    "owns": N_("Does whoever did it say so, and want to put it right?"),
    "free": N_("Is the person harmed asked without any pressure, and free to say no?"),
}
"""A no, or not being sure, ends it."""
RISKS = {
    "intimate": N_("Was it violence at home, stalking, or a sexual offence?"),
    "fear": N_("Is somebody threatened, or afraid of the other?"),
    "order": N_("Does a court order forbid contact?"),
}
"""A yes, or not being sure, ends it."""
SCREEN_FIELDS = tuple(
    Field(code, words, "singlevaluelist", required=True, choices=UNSURE) for code, words in {**SAFETY, **RISKS}.items()
)
COMPLETED = "completed"
NOTHING_CAME = N_(
    "The conference does not take place. It needs the free yes of everybody, and that did not come about."
)
OUTCOMES = (
    Outcome(COMPLETED, N_("Agreement completed"), N_("What was agreed on has been done.")),
    Outcome("partly", N_("Agreement completed in part"), N_("A part of what was agreed on has been done.")),
    Outcome("not_completed", N_("Agreement not completed"), N_("What was agreed on has not been done.")),
    Outcome("no_agreement", N_("Conference without agreement"), N_("You met, and did not agree.")),
    Outcome("declined", N_("Somebody declined"), NOTHING_CAME),
    Outcome("no_contact", N_("Somebody could not be reached"), NOTHING_CAME),
    Outcome("inappropriate", N_("Not suitable for a conference"), NOTHING_CAME),
    Outcome("withdrawn", N_("Somebody withdrew"), NOTHING_CAME, offered=False),
)
REFERRAL_FIELDS = (
    Field("referred_by", N_("Who refers it?"), "singlevaluelist", required=True, choices=REFERRED_BY),
    Field("text", N_("What happened?"), "text", required=True, maximum=4000,
          hint=N_("In a few words. Name nobody here: people are added with their own page of contact details.")),
    Field("number", N_("Number of the records system, if there is one"), maximum=60),
    Field("area", N_("In which area?"), source="area"),
)  # fmt: skip


def against(answers: dict[str, str]) -> list[str]:
    """Which answers speak against a conference."""
    wrong = [code for code in SAFETY if answers.get(code) != "yes"]
    return wrong + [code for code in RISKS if answers.get(code) != "no"]
