"""Keeps people out of observations: what points at somebody is refused, what may do so is asked about (RULES 1, 15)."""

from __future__ import annotations

from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.person_words import words_on_people
from commonbeat.core.personal_data import find_personal
from commonbeat.core.protected_views import names_views
from commonbeat.core.text import N_

NAMES = N_("Leave out “%(words)s”. An observation is about a place, never about a person. Report an incident instead.")
VIEWS = N_("Leave out “%(words)s”. What people believe or belong to says nothing about a place.")
PEOPLE = N_("“%(words)s” sounds like people. Write what the place is like, or tick this box if it is about the place.")
PLACE_ONLY = Field("place_only", N_("I looked again: this is about the place, and about no person"), "boolean")


def check_words(text: str, *, code: str, place_only: bool, language: str = "en") -> None:
    """Raise `Invalid` for words about people; those that may mean something else pass when somebody looked again."""
    found = find_personal(text, language=language)
    sure = [one.text for one in found if one.sure]
    if sure:
        raise Invalid([Problem(code, NAMES, {"words": ", ".join(sure[:3])})])
    view = names_views(text)
    if view:
        raise Invalid([Problem(code, VIEWS, {"words": view})])
    doubtful = [one.text for one in found] + words_on_people(text)
    if doubtful and not place_only:
        raise Invalid([Problem(PLACE_ONLY.code, PEOPLE, {"words": ", ".join(doubtful[:3])})])
