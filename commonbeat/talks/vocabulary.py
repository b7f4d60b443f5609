"""Words of talks that every kind of them shares: needs, ways, sorts of sessions and what came of them."""

from __future__ import annotations

from collections.abc import Iterable

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_

YES, NO = "yes", "no"
YES_NO = (Choice(YES, N_("Yes")), Choice(NO, N_("No")))
UNSURE = (*YES_NO, Choice("unsure", N_("Not sure")))

WAYS = (Choice("email", N_("By e-mail")), Choice("letter", N_("By letter")), Choice("phone", N_("By telephone")))
"""How a side is reached."""
ANSWERED = (
    Choice("phone", N_("By telephone")), Choice("paper", N_("On paper")), Choice("person", N_("In person")),
)  # fmt: skip
PAGE = "page"
"""They said it themselves, on their own page."""

NEEDS = (
    Choice("interpreter", N_("An interpreter")),
    Choice("sign", N_("A sign language interpreter")),
    Choice("step_free", N_("A room without steps")),
    Choice("large_print", N_("Large print, or words read aloud")),
    Choice("apart", N_("Not in one room with the other side")),
    Choice("support", N_("Somebody I trust beside me")),
    Choice("childcare", N_("Somebody to look after children")),
    Choice("evening", N_("An evening or a weekend")),
)

PRE, JOINT, SHUTTLE = "pre", "joint", "shuttle"
SORTS = (
    Choice(PRE, N_("Meeting with one side before the talks")),
    Choice(JOINT, N_("Session with everybody")),
    Choice(SHUTTLE, N_("Session in separate rooms")),
)
MEETING_WAYS = (Choice("person", N_("In person")), Choice("video", N_("By video")), Choice("phone", N_("By telephone")))
PREPARED, GOES_ON = "prepared", "goes_on"
RESULTS = (
    Choice("agreed", N_("They agreed")),
    Choice("partly", N_("They agreed on a part")),
    Choice(GOES_ON, N_("They go on another time")),
    Choice("no_agreement", N_("They did not agree")),
    Choice("no_show", N_("Somebody did not come")),
    Choice(PREPARED, N_("They are prepared")),
)

KEPT, PARTLY, BROKEN = "kept", "partly", "broken"
FOUND = (
    Choice(KEPT, N_("It is kept")), Choice(PARTLY, N_("It is kept in part")), Choice(BROKEN, N_("It is not kept")),
)  # fmt: skip
WORST = (BROKEN, PARTLY, KEPT)
"""Where sides differ, the first of these that somebody said is how a point stands."""
FOLLOW_UPS = (30, 90)
"""Days after the agreement on which every side is asked whether it is kept."""


def label(choices: Iterable[Choice], key: str) -> str:
    """The source text of a choice."""
    return next((choice.label for choice in choices if choice.key == key), key)
