"""Words of a missing person's case: what makes it urgent, who agreed, how it ended."""

from __future__ import annotations

from collections.abc import Iterable

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome

GROWN = 18
"""Age in years from which somebody decides alone what is told about them."""

SIGNS = (
    Choice("young", N_("A child of 12 or younger")),
    Choice("memory", N_("They forget where they are or who they are")),
    Choice("medicine", N_("They need medicine or care soon")),
    Choice("disability", N_("A disability makes it hard for them to ask for help")),
    Choice("self_harm", N_("They may hurt themselves")),
    Choice("others", N_("Somebody may have taken them, or may hurt them")),
    Choice("weather", N_("They are not dressed for the weather")),
    Choice("unlike", N_("It is not like them to stay away")),
)
"""What makes it urgent. A person weighs it; nothing is added up."""

LEVELS = (
    Choice("high", N_("High: they may be in great danger now")),
    Choice("medium", N_("Medium: they may come to harm, or harm somebody")),
    Choice("low", N_("Low: harm is possible, but not likely")),
    Choice("none", N_("No danger that we know of")),
)
"""How great the danger is, as police services grade it; somebody writes down why."""

HOURS = {"high": "missing_high_hours", "medium": "missing_medium_hours", "low": "missing_low_hours",
         "none": "missing_low_hours"}  # fmt: skip
"""The agency's hours until somebody looks at the case again, by level."""

RELATIONS = (
    Choice("parent", N_("Parent or guardian")),
    Choice("family", N_("Family")),
    Choice("partner", N_("Husband, wife or partner")),
    Choice("friend", N_("Friend or neighbor")),
    Choice("carer", N_("I look after them")),
    Choice("other", N_("Somebody else")),
)

AGREED = (
    Choice("family", N_("The family agreed")),
    Choice("guardian", N_("The parent or guardian agreed")),
    Choice("danger", N_("Nobody can be asked, and there is danger to life")),
)
"""On what ground somebody is shown to the public."""

WISHES = (
    Choice("may_tell", N_("They, or their guardian, say that the family may be told more")),
    Choice("no_place", N_("They do not want anybody to know where they are")),
)

JUDGED = (
    Choice("useful", N_("It helps: somebody looks there")),
    Choice("checked", N_("Checked: it was not them")),
    Choice("unclear", N_("It cannot be checked")),
)

DEAD, DUPLICATE = "dead", "duplicate"
FOUND = frozenset({"back", "safe", "hurt"})
OUTCOMES = (
    Outcome("back", N_("Came back"), N_("They came back.")),
    Outcome("safe", N_("Found safe and well"), N_("We found them. They are safe and well.")),
    Outcome("hurt", N_("Found, and in care"), N_("We found them. Somebody cares for them.")),
    Outcome(DEAD, N_("Found dead"), N_("Somebody spoke with you in person.")),
    Outcome("not_missing", N_("Was not missing"), N_("It turned out that nobody is missing.")),
    Outcome("elsewhere", N_("Another agency has it"), N_("Another agency looks for them now. It will call you.")),
    Outcome(DUPLICATE, N_("Duplicate"), N_("Somebody reported this before."), offered=False),
)


def label(choices: Iterable[Choice], key: str) -> str:
    """The source text of a choice; the key itself where there is none."""
    return next((choice.label for choice in choices if choice.key == key), key)
