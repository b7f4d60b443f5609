"""The checklist of a security survey: crime prevention through environmental design (CPTED), by its five principles."""

from __future__ import annotations

from dataclasses import dataclass

from commonbeat.core.fields import Choice, Field
from commonbeat.core.text import N_


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to look at: the good state in words, and the advice where it is not so."""

    key: str
    topic: str
    label: str
    advice: str


TOPICS = (
    Choice("surveillance", N_("Natural surveillance")),
    Choice("access", N_("Access control")),
    Choice("territory", N_("Territorial reinforcement")),
    Choice("upkeep", N_("Maintenance and management")),
    Choice("activity", N_("Activity support")),
)
QUESTIONS = (
    Question("sightlines", "surveillance", N_("Doors and windows can be seen from the street or from neighbors"),
             N_("Open the view: lower the fence or cut what hides doors and windows.")),
    Question("lighting", "surveillance", N_("Doors, walks and parking are lit at night"),
             N_("Put a light with a motion sensor where it is dark.")),
    Question("plants", "surveillance", N_("Shrubs are below the windows, branches above head height"),
             N_("Keep shrubs below 3 feet and branches above 7 feet.")),
    Question("parking", "surveillance", N_("Parked cars can be seen from inside"),
             N_("Move parking into view, or light it and put up a mirror.")),
    Question("entrances", "access", N_("There is one main entrance, and side doors are closed"),
             N_("Lead visitors to one entrance, and keep side doors closed.")),
    Question("locks", "access", N_("Doors are solid, with a deadbolt and long screws in the strike plate"),
             N_("Put in a deadbolt with a one-inch bolt, and three-inch screws in the strike plate.")),
    Question("windows", "access", N_("Windows and sliding doors lock"),
             N_("Put pins or bars into sliding windows and doors.")),
    Question("fence", "access", N_("Fences and gates are whole and closed"),
             N_("Mend the fence, and put a lock on the gate.")),
    Question("walks", "access", N_("Walks lead past windows, not past hidden corners"),
             N_("Close hidden ways with plants or a gate.")),
    Question("numbers", "territory", N_("The house number can be read from the street, also at night"),
             N_("Put up a lit number of at least 4 inches, front and back.")),
    Question("borders", "territory", N_("It is clear where the private ground begins"),
             N_("Mark the border with a low hedge, a fence or another surface.")),
    Question("signs", "territory", N_("Signs say who may come in and when"), N_("Put up signs with hours and rules.")),
    Question("repair", "upkeep", N_("Broken things are repaired soon"), N_("Name somebody who looks each week.")),
    Question("graffiti", "upkeep", N_("There is no graffiti, or it goes within two days"),
             N_("Photograph it, report it and paint over it within two days.")),
    Question("litter", "upkeep", N_("Waste and stored things give no cover and no way up"),
             N_("Move bins and stored things away from walls and windows.")),
    Question("use", "activity", N_("People use the place at the hours when trouble is likely"),
             N_("Bring people there: a bench in view, longer hours, something to do.")),
    Question("neighbors", "activity", N_("Empty lots and buildings next door are looked after"),
             N_("Ask the city to see to the place next door.")),
)  # fmt: skip
ANSWERS = (
    Choice("good", N_("Good")), Choice("mend", N_("Could be safer")), Choice("none", N_("Not here")),
)  # fmt: skip
SEVERITIES = (
    Choice("high", N_("High: do it first")), Choice("medium", N_("Medium")), Choice("low", N_("Low: when it suits")),
)  # fmt: skip
STATES = (
    Choice("open", N_("Not known yet")), Choice("done", N_("Done")), Choice("partly", N_("Done in part")),
    Choice("not_done", N_("Not done")),
)  # fmt: skip
CHECKLIST = tuple(
    Field(f"q_{one.key}", one.label, "singlevaluelist", choices=ANSWERS) for one in QUESTIONS
)  # fmt: skip


def label(choices: tuple[Choice, ...], key: str) -> str:
    """The source words of a choice."""
    return next((choice.label for choice in choices if choice.key == key), key)


def question_of(key: str) -> Question | None:
    """The question with this key."""
    return next((one for one in QUESTIONS if one.key == key), None)
