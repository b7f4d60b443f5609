"""Finds names of people in a text by cues ("named …", "my neighbor …", "señor …") and common given names.

Streets, parks, schools, saints and shops bear people's names too; what stands before and after decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

from commonbeat.core.phrases import plain

Place: TypeAlias = tuple[int, int, bool]

_CAP: Final = r"[A-ZÁÉÍÓÚÑÜ](?:[a-záéíóúñüë]+(?:['’-]?[A-ZÁÉÍÓÚÑ]?[a-záéíóúñü]+)*|['’][A-Z][a-z]+|c[A-Z][a-z]+)"
_FULL: Final = rf"{_CAP}(?:\s+(?:[A-Z]\.|(?:de|del|de\s+la|la|los|van|von|bin|al|el|y|da|dos)\s+{_CAP}|{_CAP})){{0,3}}"
_TITLE: Final = (
    r"(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Sr|Sra|Srta|Dra|Don|Doña|señor|señora|señorita|Señor"
    r"|Señora|Señorita|Pastor|Rev|Coach)"
)
_RELATION: Final = (
    r"(?:neighbou?r|landlord|landlady|tenant|roommate|husband|wife|boyfriend|girlfriend|ex"
    r"|ex-husband|ex-wife|son|daughter|kid|child"
    r"|brother|sister|cousin|uncle|aunt|nephew|niece|mother|father|mom|dad|stepson"
    r"|stepfather|friend|boss|coworker|manager|owner|teacher"
    r"|suspect|driver|guy|man|woman|boy|girl|super|grandson|granddaughter"
    r"|vecin[oa]|dueñ[oa]|espos[oa]|marido|novi[oa]|hij[oa]|herman[oa]|prim[oa]|tí[oa]"
    r"|sobrin[oa]|mamá|papá|amig[oa]|jefe|jefa|maestr[oa]"
    r"|inquilin[oa]|caser[oa]|niñ[oa]|hombre|mujer|muchach[oa])"
)
_NAMED: Final = (
    r"(?:named|called|name\s+is|names\s+are|name's|goes\s+by|known\s+as|se\s+llaman?"
    r"|llamad[oa]|(?:su|mi)\s+nombre\s+es|de\s+nombre)"
)
_NAME_RULES: Final = tuple(
    (re.compile(pattern), sure)
    for pattern, sure in (
        (rf"\b{_TITLE}\b\.?\s+(?P<it>{_FULL})", True),
        (rf"\b(?i:{_NAMED})\s+(?P<it>{_FULL})", True),
        (rf"\b(?i:{_RELATION})\s*,?\s+(?:is\s+|es\s+)?(?P<it>{_CAP}(?:\s+{_CAP}){{0,2}})", True),
        (
            rf"\b(?:I am|I'm|This is|Soy|Me llamo|my name is|My name is|signed|Signed|Sincerely"
            rf"|Thanks|Regards|Atentamente|Gracias),?\s+(?P<it>{_CAP}\s+{_CAP})",
            True,
        ),
    )
)
_ARABIC_NAME: Final = re.compile(
    r"(?:السيدة|السيد|الدكتورة|الدكتور|الأستاذة|الأستاذ|اسمها|اسمه|اسمي|يدعى|تدعى|المدعو"
    r"|جاري|جارتي|زوجي|زوجتي|ابني|ابنتي|أخي|أختي)\s+"
    r"(?P<it>[\u0621-\u064a]{2,}(?:\s+(?:بن|بنت|أبو|عبد|آل)\s+[\u0621-\u064a]{2,}|\s+[\u0621-\u064a]{2,})?)"
)
_ARABIC_SURE: Final = re.compile(r"السيد|الدكتور|الأستاذ|اسم|يدعى|تدعى|المدعو")
_PAIR: Final = re.compile(
    rf"(?<![\w'’])(?=(?P<it>(?P<given>{_CAP})\s+(?:[A-Z]\.\s+)?(?:(?:de|de\s+la|del|van|bin|al|el)\s+)?"
    rf"{_CAP}(?:\s+{_CAP})?))"
)
_WORD_AFTER: Final = re.compile(r"(?:['’]s)?\s*,?\s*([^\W\d_]+)")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_]+)\.?\s+(?:de\s+|del\s+|la\s+|Don\s+|Doña\s+)?$")
_NUMBER_BEFORE: Final = re.compile(r"\d+(?:st|nd|rd|th)?\s+(?:[NSEW]\.?\s+|North\s+|South\s+|East\s+|West\s+)?$")
_NO_NAMES: Final = """
    Street Avenue Road Drive Park Police Officer City Department Please Thank Thanks The This That There
    They He She It We You I My And But If When Where What Who Why How Is Are Was Were Monday Tuesday
    Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December North South East West Main Oak Elm No Not Very El La Los Las Un
    Una En Por Para Con Que Como Cuando Calle Avenida Parque Policia Policía Oficial Gracias Lunes
    Martes Ford Honda Toyota Chevy Jeep Nissan Dodge Help Call Can Could Would Will Again Still Always
    Never Every Also Then Next Our Your His Her Their Spanish English Arabic American Mexican Black
    White Red Blue Green Illinois Chicago Facebook Google Instagram
"""
_NEVER_NAMES: Final = frozenset(_NO_NAMES.split())


def names_in(text: str) -> Iterator[Place]:
    """(start, end, sure) of each name of a person; the same place may come more than once."""
    lists = _lists()
    for rule, sure in _NAME_RULES:
        for match in rule.finditer(text):
            yield from _name(text, match.start("it"), match.group("it"), sure=sure, cued=True)
    for match in _PAIR.finditer(text):
        given = plain(match.group("given")).text
        if given in lists.given or given in lists.ambiguous:
            sure = given in lists.given
            yield from _name(text, match.start("it"), match.group("it"), sure=sure, cued=False)
    for match in _ARABIC_NAME.finditer(text):
        words = match.group("it").split()
        known = plain(words[0]).text in lists.given
        named = bool(_ARABIC_SURE.match(match.group()))
        if known or named:
            # After "my neighbour" a second word may be a verb; after "Mr" it is the family's name.
            whole = named or (len(words) > 1 and plain(words[-1]).text in lists.given)
            value = match.group("it") if whole else words[0]
            yield match.start("it"), match.start("it") + len(value), True


def _name(text: str, start: int, value: str, *, sure: bool, cued: bool) -> Iterator[Place]:
    """The name without what is not part of it, unless its surroundings make it a street, a park, a shop."""
    words = value.split()
    while words and words[0] in _NEVER_NAMES:
        start += len(value) - len(value[len(words[0]) :].lstrip())
        value = value[len(words[0]) :].lstrip()
        words = words[1:]
    lists = _lists()
    while words and (words[-1] in _NEVER_NAMES or plain(words[-1]).text in {"de", "del", "la", "y"}):
        value = value[: len(value) - len(words[-1])].rstrip()
        words = words[:-1]
    if not words or (not cued and len(words) < 2):
        return
    if any(plain(word.rstrip(".")).text in lists.place_after for word in words[1:]):
        return
    if cued and plain(words[0]).text in lists.place_after and len(words) == 1:
        return
    end = start + len(value)
    after = _WORD_AFTER.match(text, end)
    if after and plain(after.group(1)).text in lists.place_after and "," not in after.group():
        return
    if re.match(r"['’]s\b", text[end:]) and not cued and after is None:
        return
    before = _WORD_BEFORE.search(text[max(0, start - 30) : start])
    if before and plain(before.group(1)).text in lists.place_before:
        return
    if _NUMBER_BEFORE.search(text[max(0, start - 24) : start]) or _is_public(value, lists):
        return
    yield start, end, sure


def _is_public(value: str, lists: _Names) -> bool:
    low = plain(value).text
    return any(low == name or low.startswith(name + " ") or (" " in low and low in name) for name in lists.public)


@dataclass(frozen=True, slots=True)
class _Names:
    given: frozenset[str]
    ambiguous: frozenset[str]
    place_after: frozenset[str]
    place_before: frozenset[str]
    public: tuple[str, ...]


@cache
def _lists() -> _Names:
    source = resources.files("commonbeat.core").joinpath("words/names.json")
    lists: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))

    def comparable(key: str) -> list[str]:
        return [plain(word).text for word in lists[key]]

    return _Names(
        frozenset(comparable("given")),
        frozenset(comparable("ambiguous")),
        frozenset(comparable("place_after")),
        frozenset(comparable("place_before")),
        tuple(comparable("public")),
    )
