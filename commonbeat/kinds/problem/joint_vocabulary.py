"""Words of joint projects and after-action reviews: what sort they are, and how a permit stands."""

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_

PROJECT_TYPES = (
    Choice("space", N_("Make a public place better")),
    Choice("cleanup", N_("Graffiti and clean-up")),
    Choice("bullying", N_("Against bullying")),
    Choice("relief", N_("Help for people in need")),
    Choice("youth", N_("With young people")),
    Choice("safety", N_("Safety of streets and homes")),
    Choice("trust", N_("Meet each other")),
    Choice("joint_other", N_("Something else together")),
)
"""What sort of joint project it is."""

REVIEW_TYPES = (
    Choice("event", N_("Event or festival")),
    Choice("operation", N_("Planned operation or patrol")),
    Choice("demonstration", N_("Demonstration or crowd")),
    Choice("search", N_("Search for a person")),
    Choice("emergency", N_("Emergency or critical incident")),
    Choice("traffic_control", N_("Traffic control")),
    Choice("exercise", N_("Exercise or training")),
    Choice("reviewed_other", N_("Another operation")),
)
"""What is looked back at."""

PERMIT_STATES = (
    Choice("needed", N_("Needed")), Choice("asked", N_("Asked for")), Choice("granted", N_("Granted")),
    Choice("refused", N_("Refused")), Choice("dropped", N_("Not needed after all")),
)  # fmt: skip
"""How a permit stands; a granted one whose last day is over has expired."""
