"""Finds words that speak of people in a text that must be about a place alone.

A list of plain words in English, Spanish and Arabic, not an understanding: it asks the writer to look again. Words that
mostly speak of things (“they”, “white”) are left out: a warning that is usually wrong is soon clicked away. Names,
numbers and plates are found by `core.personal_data`.
"""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = """
    he she him her his hers man men woman women male males female females boy boys girl girls guy guys lady ladies
    kid kids child children teen teens teenager teenagers youth youths adult adults person persons people individual
    individuals suspect suspects offender offenders resident residents tenant tenants neighbor neighbors neighbour
    neighbours homeless addict addicts dealer dealers loiterer loiterers prostitute prostitutes drunk drunks vagrant
    vagrants squatter squatters somebody someone driver drivers member members hispanic latino asian
    él ella hombre hombres mujer mujeres chico chicos chica chicas niño niños niña niñas joven jóvenes
    persona personas gente sospechoso sospechosos inquilino inquilinos vecino vecinos indigente indigentes
    رجل رجال امرأة نساء شاب شباب فتاة ولد أولاد طفل أطفال شخص أشخاص مشتبه جار جيران ساكن سكان
"""
_FINDER: Final = re.compile(r"(?<!\w)(?:" + "|".join(sorted(_WORDS.split(), key=len, reverse=True)) + r")(?!\w)", re.I)
# Things of the street whose names hold such a word.
_THINGS: Final = re.compile(
    r"(?<!\w)(?:man-?holes?|(?:school )?(?:children|kids|men|people) (?:crossing|at work))(?!\w)", re.I
)


def words_on_people(text: str) -> list[str]:
    """The words of a text that speak of people, each once, as they were written."""
    bare = _THINGS.sub(lambda found: " " * len(found[0]), text)
    return list(dict.fromkeys(found[0] for found in _FINDER.finditer(bare)))
