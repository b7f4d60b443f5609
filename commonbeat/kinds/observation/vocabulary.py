"""What can be wrong with a place, how bad it may become, and who has to see to it."""

from __future__ import annotations

from collections.abc import Mapping

from commonbeat.core.fields import Choice
from commonbeat.core.text import N_

SORTS = (
    Choice("vacant", N_("Vacant or open building")),
    Choice("dark", N_("Dark street or broken light")),
    Choice("no_view", N_("Place that nobody can see into")),
    Choice("sign", N_("Missing or damaged sign or signal")),
    Choice("hydrant", N_("Blocked or damaged hydrant")),
    Choice("graffiti", N_("Graffiti")),
    Choice("dumping", N_("Dumped waste or needles")),
    Choice("way", N_("Damaged road, sidewalk or crossing")),
    Choice("growth", N_("Plants that block the view or the way")),
    Choice("fence", N_("Open gate, fence or roof")),
    Choice("crew", N_("Hazard to crews: wires, animals, bad footing")),
    Choice("other", N_("Something else about the place")),
)
LOOK_AGAIN: Mapping[str, int] = {"hydrant": 2, "crew": 14, "fence": 7, "dumping": 7, "way": 14, "sign": 7, "dark": 14}
"""Days until somebody looks again, unless somebody says another day."""
LOOK_AGAIN_OTHERWISE = 30
HARMS = (
    Choice("low", N_("Low: a nuisance")),
    Choice("medium", N_("Medium: could lead to harm")),
    Choice("high", N_("High: somebody could be hurt soon")),
)
CHARGES = (
    Choice("city", N_("A city department")),
    Choice("utility", N_("A utility company")),
    Choice("transit", N_("A transit or railway company")),
    Choice("school", N_("A school or park")),
    Choice("private", N_("A private owner")),
    Choice("unknown", N_("Not known yet")),
)


def label(choices: tuple[Choice, ...], key: str) -> str:
    """The source words of a choice."""
    return next((choice.label for choice in choices if choice.key == key), key)
