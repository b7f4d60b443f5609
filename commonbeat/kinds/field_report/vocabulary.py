"""Sorts of incidents that departments start with, roles of people and property, signs that need sworn officers."""

from __future__ import annotations

from dataclasses import dataclass

from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of incident with its card. `sworn` is the sign why only sworn officers take it; empty for all others.

    `needs` are parts that must be there before a report is sent in, `questions` are asked besides (see
    `read_questions`). `approved` says that a supervisor reads it. `keep_days` lengthens the time that it is kept.
    """

    key: str
    label: str
    card: tuple[str, ...]
    call: str
    sworn: str = ""
    needs: tuple[str, ...] = ()
    offence: str = ""
    approved: bool = True
    keep_days: int | None = None
    questions: tuple[Field, ...] = ()
    offered: bool = True


_KEEP_SAFE = N_("Keep people and yourself at a distance. Watch, and tell dispatch what you see.")
_AT_ONCE = N_("At once. This is work for sworn officers.")
_IF_SOMEBODY = N_("Whoever did it is here or comes back; somebody threatens you; you see a weapon.")

DECLARED = (
    Sort("found", N_("Found property"), (
        N_("Photograph it where it lies. Note where, when and who found it."),
        N_("Hand it to the property room the same shift."),
    ), N_("It is a weapon, drugs, a lot of cash, or you do not know what it is."), needs=("item",)),
    Sort("lost", N_("Lost property"), (
        N_("Note marks and serial numbers."), N_("Say where found property is kept."),
    ), N_("It was a weapon, or it was taken from a person by force."), needs=("item",)),
    Sort("theft", N_("Theft, nobody seen"), (
        N_("Ask who had it last, and when it was seen last."), N_("Photograph the place and any damage."),
    ), _IF_SOMEBODY, needs=("item",), offence="23H"),
    Sort("damage", N_("Damage to property, nobody seen"), (
        N_("Photograph the damage from near and far."), N_("Ask neighbors whether they saw or recorded anything."),
    ), _IF_SOMEBODY, needs=("item",), offence="290"),
    Sort("crash", N_("Crash with damage only"), (
        N_("Make the place safe first: lights, cones, traffic."), N_("Note vehicles, places and damage."),
    ), N_("Somebody is hurt, a driver seems impaired or leaves, or people quarrel.")),
    Sort("vehicle", N_("Abandoned vehicle"), (
        N_("Photograph all sides and the plate."), N_("Tag it, and note the day to look again."),
    ), N_("Somebody is inside, it was used in a crime, or it is listed as stolen.")),
    Sort("parking", N_("Parking and blocked ways"), (
        N_("Photograph the vehicle with the sign or the marking."), N_("Try to reach the owner before a tow."),
    ), N_("The driver refuses, threatens or drives off.")),
    Sort("noise", N_("Noise or a quarrel that is over"), (
        N_("Hear both sides apart from each other."), N_("Offer mediation."),
    ), N_("It starts again, somebody is afraid, or it is between people who live together.")),
    Sort("animal", N_("Animal"), (
        N_("Keep people away, and call animal control."), N_("Note bites, and who was bitten."),
    ), N_("The animal attacks, or somebody is badly hurt.")),
    Sort("assist", N_("Help to a person or to another agency"), (
        N_("Say what you can do and what you cannot."), N_("Write down which service you called."),
    ), N_("Somebody may harm themselves or others.")),
    Sort("scene", N_("Hazard or scene to keep closed"), (
        N_("Close it off, and keep a way open for crews."), N_("Ask for relief after two hours at the latest."),
    ), N_("People break through, or a crime happened there.")),
    Sort("in_progress", N_("Crime in progress"), (_KEEP_SAFE,), _AT_ONCE, sworn="present"),
    Sort("assault", N_("Assault, robbery or sexual violence"), (_KEEP_SAFE,), _AT_ONCE, sworn="violence"),
    Sort("family", N_("Violence among people who live together"), (_KEEP_SAFE,), _AT_ONCE, sworn="violence"),
    Sort("weapon", N_("Weapon seen or used"), (_KEEP_SAFE,), _AT_ONCE, sworn="weapon", offence="520"),
    Sort("arrest", N_("Arrest, search or warrant"), (_KEEP_SAFE,), _AT_ONCE, sworn="arrest"),
    Sort("pursuit", N_("Stop or pursuit of a person or vehicle"), (_KEEP_SAFE,), _AT_ONCE, sworn="pursuit"),
    Sort("impaired", N_("Impaired driver"), (_KEEP_SAFE,), _AT_ONCE, sworn="pursuit", offence="90D"),
)  # fmt: skip

BY_LAW = frozenset(one.key for one in DECLARED if one.sworn)
"""Sorts that the law leaves to sworn officers: nobody can open them to others or take them out of use (RULES 12)."""

PARTS = (
    Choice("item", N_("Property")), Choice("party", N_("A person")), Choice("photo", N_("A photo")),
    Choice("told", N_("What was told")),
)  # fmt: skip
"""Parts of a report that a sort may ask for."""

SIGNS = (
    Choice("present", N_("Whoever did it is here, or comes back")),
    Choice("violence", N_("Somebody is violent or threatens")),
    Choice("weapon", N_("A weapon was seen, or may be there")),
    Choice("hurt", N_("Somebody is hurt")),
    Choice("arrest", N_("Somebody must be held, searched or arrested")),
    Choice("pursuit", N_("Somebody or a vehicle must be stopped or followed")),
    Choice("crime", N_("It is a crime that only sworn officers take")),
)
URGENT = frozenset({"present", "violence", "weapon", "hurt", "pursuit"})
"""Signs of danger now: dispatch is told before anything is written here (RULES 18)."""

ROLES = (
    Choice("called", N_("Who called")), Choice("harmed", N_("Who was harmed")), Choice("witness", N_("Witness")),
    Choice("owner", N_("Owner")), Choice("finder", N_("Finder")), Choice("driver", N_("Driver")),
    Choice("involved", N_("Involved in another way")),
)  # fmt: skip
AGES = (
    Choice("adult", N_("18 or older")), Choice("minor", N_("Under 18")), Choice("unknown", N_("Not known")),
)  # fmt: skip
ITEM_ROLES = (
    Choice("found", N_("Found")), Choice("lost", N_("Lost")), Choice("stolen", N_("Stolen")),
    Choice("damaged", N_("Damaged")), Choice("kept", N_("Taken into keeping")), Choice("returned", N_("Given back")),
)  # fmt: skip


def label(choices: tuple[Choice, ...], key: str) -> str:
    """The source words of a choice."""
    return next((choice.label for choice in choices if choice.key == key), key)
