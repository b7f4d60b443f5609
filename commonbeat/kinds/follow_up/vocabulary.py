"""Words of a follow-up: what somebody agreed to, how a call went, which help there is."""

from __future__ import annotations

from collections.abc import Iterable

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome

YES, NO, LATER = "yes", "no", "later"
CONSENT = (
    Choice(YES, N_("Yes: we may be in touch")),
    Choice(LATER, N_("Not now: they come back to us")),
    Choice(NO, N_("No: they do not want it")),
)
WAYS = (
    Choice("call", N_("Call")),
    Choice("text", N_("Text message")),
    Choice("email", N_("E-mail")),
    Choice("letter", N_("Letter")),
    Choice("person", N_("In person, at a place they choose")),
)
REACHED, NO_ANSWER, LEFT_WORDS, STOP = "reached", "no_answer", "left_words", "stop"
CALLS = (
    Choice(REACHED, N_("Reached them")),
    Choice(NO_ANSWER, N_("No answer")),
    Choice(LEFT_WORDS, N_("Left words on the voicemail")),
    Choice("bad_time", N_("Reached, but they could not talk")),
    Choice(STOP, N_("They asked us not to call again")),
)
ATTEMPTS = 3
"""So often somebody tries before a follow-up ends because nobody could be reached."""

NEEDS = (
    Choice("safety", N_("To be safe at home or on the way")),
    Choice("medical", N_("Medical care")),
    Choice("talk", N_("Somebody to talk to, counseling")),
    Choice("legal", N_("Legal advice, an order of protection")),
    Choice("court", N_("What happens at court, and when")),
    Choice("money", N_("Compensation, money for what was lost")),
    Choice("housing", N_("A place to stay")),
    Choice("children", N_("Help for children")),
    Choice("language", N_("An interpreter")),
    Choice("property", N_("Getting property back, repairs")),
    Choice("other", N_("Something else")),
)
ANSWERS = (
    Choice("accepted", N_("They take it")),
    Choice("later", N_("They think about it")),
    Choice("declined", N_("They do not want it")),
)
RELEASE, ALONE = "release", "alone"
HOW = (
    Choice(ALONE, N_("They get in touch by themselves; we tell nobody")),
    Choice(RELEASE, N_("We tell the service about them; they signed a release")),
)
RESULTS = (
    Choice("pending", N_("Pending")),
    Choice("got_help", N_("Got help")),
    Choice("no_capacity", N_("No capacity")),
    Choice("not_eligible", N_("Not eligible")),
    Choice("elsewhere", N_("Referred elsewhere")),
    Choice("no_contact", N_("Could not be contacted")),
    Choice("not_interested", N_("No longer interested")),
)
"""How referrals stand, in words that services use among themselves."""

NOT_REACHED = "not_reached"
OUTCOMES = (
    Outcome("helped", N_("Got help"), N_("We were in touch, and you got help.")),
    Outcome("well", N_("Needs nothing more"), N_("We were in touch, and you need nothing more.")),
    Outcome("declined", N_("Did not want it"), N_("You did not want us to be in touch.")),
    Outcome(NOT_REACHED, N_("Could not be reached"), N_("We could not reach you.")),
    Outcome("moved", N_("Somebody else supports them"), N_("Somebody else supports you now.")),
)


def label(choices: Iterable[Choice], key: str) -> str:
    """The source text of a choice; the key itself where there is none."""
    return next((choice.label for choice in choices if choice.key == key), key)
