"""The field's words for problems: sub-steps of SARA, the problem triangle, the 25 techniques, types and sources.

Sub-steps and triangle: Center for Problem-Oriented Policing. Techniques: Cornish and Clarke, “25 techniques of
situational prevention”. Priorities and sources follow the Chicago Police Department's district strategic plans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_

TYPES = (
    Choice("noise", N_("Noise and disputes between neighbours")),
    Choice("drinking", N_("Drinking in public")),
    Choice("drugs", N_("Drug dealing or drug use in the open")),
    Choice("youth", N_("Young people: truancy, drugs, conflicts")),
    Choice("bullying", N_("Bullying")),
    Choice("graffiti", N_("Graffiti and vandalism")),
    Choice("property", N_("Neglected or vacant property")),
    Choice("traffic", N_("Speeding and dangerous traffic")),
    Choice("parking", N_("Parking and abandoned vehicles")),
    Choice("theft", N_("Theft and burglary")),
    Choice("violence", N_("Violence and threats")),
    Choice("space", N_("A public place that people avoid")),
    Choice("basic_needs", N_("People without basic resources")),
    Choice("tension", N_("Tension between groups")),
    Choice("other", N_("Something else")),
)
"""What sort of problem it is: what past problems are found by."""

PRIORITIES = (
    Choice("violence", N_("Violent crime")),
    Choice("property", N_("Property crime")),
    Choice("quality", N_("Quality of life")),
    Choice("trust", N_("Trust and fear")),
)
ORIGINS = (
    Choice("concerns", N_("Concerns of residents")),
    Choice("alert", N_("Alert of a saved search")),
    Choice("recurring", N_("Concerns that keep coming back")),
    Choice("calls", N_("Calls for service")),
    Choice("talks", N_("Talks with residents")),
    Choice("advisory", N_("Advisory committee")),
    Choice("meeting", N_("Beat or community meeting")),
    Choice("survey", N_("Survey of residents")),
    Choice("data", N_("Crime data or hot spot")),
    Choice("partner", N_("Partner organisation")),
    Choice("other", N_("Something else")),
)

SUBSTEPS: Mapping[str, tuple[Choice, ...]] = {
    "scanning": (
        Choice("s1", N_("The problem comes back and matters to residents and police")),
        Choice("s2", N_("What it does to people and to the place is known")),
        Choice("s3", N_("It is ranked against other problems")),
        Choice("s4", N_("Broad goals are set")),
        Choice("s5", N_("Somebody confirmed that it exists")),
        Choice("s6", N_("How often and since when is known")),
        Choice("s7", N_("It is chosen for a closer look")),
    ),
    "analysis": (
        Choice("a1", N_("What happens before, during and after is known")),
        Choice("a2", N_("The data that is needed is found")),
        Choice("a3", N_("What is known about this type of problem is read")),
        Choice("a4", N_("What is done about it now is listed, with its strengths and limits")),
        Choice("a5", N_("The scope is as narrow as it can be")),
        Choice("a6", N_("People and means that can help are found")),
        Choice("a7", N_("There is a working hypothesis")),
    ),
    "response": (
        Choice("r1", N_("Ideas were gathered, with residents")),
        Choice("r2", N_("What others did about such a problem was looked up")),
        Choice("r3", N_("Responses were chosen from the options")),
        Choice("r4", N_("There is a plan, and it says who does what")),
        Choice("r5", N_("The objectives are specific")),
        Choice("r6", N_("The plan is carried out")),
    ),
    "assessment": (
        Choice("e1", N_("Whether the plan was carried out is checked")),
        Choice("e2", N_("Numbers and voices from before and after are gathered")),
        Choice("e3", N_("Whether the goals were reached is judged")),
        Choice("e4", N_("What else would help is named")),
        Choice("e5", N_("It is clear how the problem is watched from now on")),
    ),
}
"""The sub-steps of SARA, by phase."""

TRIANGLE = (
    ("offender", "handler", N_("Who causes it"), N_("Handler: who could influence them")),
    ("target", "guardian", N_("Who or what suffers"), N_("Guardian: who could protect them")),
    ("place", "manager", N_("Where it happens"), N_("Manager: who is in charge of the place")),
)
"""Three sides of a problem, each with whoever could control it: slug, slug of the controller, words of both."""
SIDES = tuple(slug for inner, outer, _, _ in TRIANGLE for slug in (inner, outer))

TECHNIQUES: Mapping[str, tuple[Choice, ...]] = {
    N_("Increase the effort"): (
        Choice("harden", N_("Harden targets")),
        Choice("access", N_("Control access")),
        Choice("exits", N_("Screen exits")),
        Choice("deflect", N_("Deflect offenders")),
        Choice("tools", N_("Control tools and weapons")),
    ),
    N_("Increase the risks"): (
        Choice("guardianship", N_("Extend guardianship")),
        Choice("surveillance", N_("Assist natural surveillance")),
        Choice("anonymity", N_("Reduce anonymity")),
        Choice("managers", N_("Use place managers")),
        Choice("formal", N_("Strengthen formal surveillance")),
    ),
    N_("Reduce the rewards"): (
        Choice("conceal", N_("Conceal targets")),
        Choice("remove", N_("Remove targets")),
        Choice("identify", N_("Identify property")),
        Choice("markets", N_("Disrupt markets")),
        Choice("benefits", N_("Deny benefits")),
    ),
    N_("Reduce provocations"): (
        Choice("stress", N_("Reduce frustration and stress")),
        Choice("disputes", N_("Avoid disputes")),
        Choice("arousal", N_("Reduce emotional arousal")),
        Choice("peers", N_("Neutralise peer pressure")),
        Choice("imitation", N_("Discourage imitation")),
    ),
    N_("Remove excuses"): (
        Choice("rules", N_("Set rules")),
        Choice("instructions", N_("Post instructions")),
        Choice("conscience", N_("Alert conscience")),
        Choice("compliance", N_("Assist compliance")),
        Choice("alcohol", N_("Control drugs and alcohol")),
    ),
}
"""The 25 techniques of situational prevention, by what they do."""
OTHER_TECHNIQUE = Choice("service", N_("None of the 25: a service, mediation or support"))

PLACE_ROLES = (
    Choice("scene", N_("Where it happens")), Choice("source", N_("Where it starts from")),
    Choice("affected", N_("Suffers from it")), Choice("alike", N_("Alike, to compare with")),
)  # fmt: skip
"""What a place has to do with a problem."""
PARTNER_ROLES = (
    Choice("manager", N_("In charge of the place")),
    Choice("handler", N_("Can influence who causes it")),
    Choice("guardian", N_("Can protect who suffers")),
    Choice("super", N_("Can move those who could control it")),
    Choice("affected", N_("Is affected")),
    Choice("response", N_("Takes part in the response")),
)
"""What an organisation has to do with a problem: controllers of the triangle, those who move them, and others."""

HYPOTHESIS_STATES = (
    Choice("open", N_("Not judged yet")), Choice("supported", N_("Supported")), Choice("rejected", N_("Rejected")),
)  # fmt: skip
SPEAKS = (Choice("for", N_("For it")), Choice("against", N_("Against it")))
DECISIONS = (
    Choice("open", N_("Not decided")), Choice("chosen", N_("Chosen")), Choice("aside", N_("Not this one")),
)  # fmt: skip
ACTION_STATES = (
    Choice("planned", N_("Planned")), Choice("doing", N_("Under way")), Choice("done", N_("Done")),
    Choice("dropped", N_("Dropped")),
)  # fmt: skip
CARRIED_OUT = (
    Choice("yes", N_("Yes, as planned")), Choice("partly", N_("In part")), Choice("no", N_("No")),
)  # fmt: skip
DISPLACEMENT = (
    Choice("none", N_("Looked for it, found none")),
    Choice("place", N_("Moved to another place or time")),
    Choice("form", N_("Changed its form")),
    Choice("benefit", N_("Places nearby got better too")),
    Choice("unknown", N_("Nobody could look for it")),
)
BETTER = ("eliminated", "reduced", "harm", "handled", "shifted")
"""Goldstein's five grades, from best to least; each is an outcome of the workflow."""


def techniques() -> Iterator[Choice]:
    """Every technique, and the answer for what is none of them."""
    for group in TECHNIQUES.values():
        yield from group
    yield OTHER_TECHNIQUE


def label(choices: tuple[Choice, ...] | Iterator[Choice], key: str) -> str:
    """The source text of a choice; the key itself where it is not known any more."""
    return next((choice.label for choice in choices if choice.key == key), key)
