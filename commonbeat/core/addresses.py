"""Reads street addresses as people write them: house number and street, with what may be missing or spelled out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from commonbeat.core.phrases import plain

_TOKEN: Final = re.compile(r"[^\W_]+")
_REST: Final = re.compile("[,;#\n]")
_RANGE: Final = re.compile(r"(\d)\s*[-–]\s*\d+")
_INSIDE: Final = frozenset({"apt", "apartment", "unit", "suite", "ste", "floor", "fl", "rear", "bsmt", "basement"})
_LEFT_OUT: Final = frozenset({"block", "of", "the"})
DIRECTIONS: Final = {
    "north": "n", "south": "s", "east": "e", "west": "w", "northeast": "ne", "northwest": "nw", "southeast": "se",
    "southwest": "sw",
}  # fmt: skip
SORTS: Final = {
    "street": "st", "avenue": "ave", "av": "ave", "boulevard": "blvd", "drive": "dr", "road": "rd", "place": "pl",
    "court": "ct", "parkway": "pkwy", "terrace": "ter", "highway": "hwy", "lane": "ln", "square": "sq",
    "circle": "cir", "plaza": "plz", "way": "way",
}  # fmt: skip
_DIRECTION: Final = frozenset(DIRECTIONS.values())
_SORT: Final = frozenset(SORTS.values())
_LONGEST_NUMBER: Final = 6


@dataclass(frozen=True, slots=True)
class Address:
    """A house: its number, the name of its street, and what stands before and behind the name where it was said."""

    number: int
    name: str
    direction: str = ""
    sort: str = ""

    @property
    def street(self) -> str:
        """Direction, name and sort, as far as they are known."""
        return " ".join(part for part in (self.direction, self.name, self.sort) if part)


def read_address(text: str) -> Address | None:
    """The house in a text such as "5100 S. Ellis Avenue, Apt 3" or "Calle Mayor 12"; None where there is none.

    Case, accents and marks do not matter. What follows a comma is the town, what follows # a door. Directions and
    sorts of streets are read in English; in other languages they are a part of the name.
    """
    words = _TOKEN.findall(_RANGE.sub(r"\1", plain(_REST.split(text, 1)[0]).text))
    inside = next((place for place, word in enumerate(words) if place and word in _INSIDE), len(words))
    words = [word for word in words[:inside] if word not in _LEFT_OUT]
    if len(words) < 2:
        return None
    if _is_number(words[0]):
        number, *words = words
    elif _is_number(words[-1]):
        *words, number = words
    else:
        return None
    direction = sort = ""
    if len(words) > 1 and (short := DIRECTIONS.get(words[0], words[0])) in _DIRECTION:
        direction, words = short, words[1:]
    if len(words) > 1 and (short := SORTS.get(words[-1], words[-1])) in _SORT:
        sort, words = short, words[:-1]
    return Address(int(number), " ".join(words)[:80], direction, sort)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= _LONGEST_NUMBER
