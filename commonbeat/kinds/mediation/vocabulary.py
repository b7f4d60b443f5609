"""The field's words for mediation: how it is screened, and how it can end.

Stages follow community mediation centres of Toronto and New York; outcomes those that New York's courts count.
"""

from __future__ import annotations

from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome
from commonbeat.talks.vocabulary import NO, UNSURE, YES, YES_NO

FIRST, OTHER, OFFICER = "first", "other", "officer"
ROLES = {FIRST: N_("Asked for it"), OTHER: N_("Other side"), OFFICER: N_("Officer")}

ABOUT = (
    Choice("noise", N_("Noise")),
    Choice("property", N_("Fences, trees, property lines")),
    Choice("parking", N_("Parking or driveways")),
    Choice("animals", N_("Animals")),
    Choice("youth", N_("Young people meeting somewhere")),
    Choice("groups", N_("Trouble between groups")),
    Choice("event", N_("An event or a business")),
    Choice("home", N_("People who share a house or a flat")),
    Choice("police", N_("Something that an officer did")),
    Choice("other", N_("Something else")),
)

AGREEMENT = "agreement"
NOTHING_CAME = N_("The talks do not take place. They need the free yes of everybody, and that did not come about.")
OUTCOMES = (
    Outcome("conciliated", N_("Conciliated: settled without a session"), N_("It was settled without a session.")),
    Outcome(AGREEMENT, N_("Mediated, with an agreement"), N_("You talked it over and agreed.")),
    Outcome("no_agreement", N_("Mediated, without agreement"), N_("You talked it over, and did not agree.")),
    Outcome("arbitrated", N_("Arbitrated"), N_("Somebody whom both sides accepted decided it.")),
    Outcome("declined", N_("A side declined"), NOTHING_CAME),
    Outcome("no_contact", N_("A side could not be reached"), NOTHING_CAME),
    Outcome("no_show", N_("A side did not come"), NOTHING_CAME),
    Outcome("inappropriate", N_("Not suitable for mediation"), N_("Mediation is not the right way for this."),
            offered=False),
    Outcome("withdrawn", N_("A side withdrew"), NOTHING_CAME, offered=False),
)  # fmt: skip
"""Who said no, who was silent and who withdrew sound the same to every side."""

RISKS = {
    "violence": N_("Has there been violence between them?"),
    "fear": N_("Did somebody threaten, follow or control the other, or is somebody afraid?"),
    "order": N_("Is there a protection order, a charge or a court case between them?"),
    "pressure": N_("Is somebody made to take part, or not able to decide freely?"),
}
"""A yes to one of these, or not being sure, ends it: mediation is not safe or not free then."""
POWER = Field(
    "power", N_("Is one side much stronger: by office, money, number, age or language?"), "singlevaluelist",
    required=True, choices=YES_NO,
)  # fmt: skip
BALANCE = Field("balance", N_("What is done so that both can speak freely"), "text")
SCREEN_FIELDS = (
    *(Field(code, words, "singlevaluelist", required=True, choices=UNSURE) for code, words in RISKS.items()),
    POWER,
    BALANCE,
)


def risks_in(answers: dict[str, str]) -> list[str]:
    """Which of the questions speak against mediation."""
    return [code for code in RISKS if answers.get(code) != NO]


STRONGER = YES
REFERRALS = (
    Choice("none", N_("Nowhere")),
    Choice("advocate", N_("An advocate for victims, or a shelter")),
    Choice("legal", N_("Legal advice, or a court")),
    Choice("officer", N_("An officer, as a report of its own")),
    Choice("service", N_("A social or health service")),
    Choice("housing", N_("The landlord or a housing office")),
)
"""Where somebody is pointed to for whom mediation is not the right way."""
