"""Finds the category that plain words mean: in any language they have, tolerant of accents, plurals and small typos."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from commonbeat.cases.categories import CategoryText, Known, offered
from commonbeat.community.reference import Remembered

_WORD = re.compile(r"[^\W_]+")
_LONGEST_QUERY = 200
_ARABIC = str.maketrans("أإآةى", "اااهي")
"""Letters that people write in more than one way."""
_NAME, _KEYWORD, _DESCRIPTION = 10.0, 8.0, 2.0
_PHRASE = 6.0
_LIKE, _TYPO = 0.7, 0.5
_LEAST = 1.5
# Words that say nothing about the matter; without them "the light on my street is out" finds lights.
_WORDS_OF_NO_HELP = (
    "a an the and or of in on at to for from with my our is are was it its there this that i we he she they somebody "
    "someone people please near by not no has have el la los las un una unos unas y o de del en al para por con mi "
    "nuestro es esta estan hay que yo se lo le su no me fi min ila ala an hatha hathihi"
)
_FILLERS = frozenset(_WORDS_OF_NO_HELP.split()) | {
    "في",
    "من",
    "الى",
    "على",
    "عن",
    "هذا",
    "هذه",
    "هناك",
    "و",
    "لا",
    "ما",
}


def plain_words(text: str) -> list[str]:
    """The words of a text without case, accents, Arabic vowels and the article."""
    lowered = unicodedata.normalize("NFKD", text[: _LONGEST_QUERY * 5]).casefold()
    bare = "".join(c for c in lowered if not unicodedata.combining(c) and c != "ـ")
    bare = bare.translate(_ARABIC)
    return [_stem(word) for word in _WORD.findall(bare)]


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """Singular enough to compare: the plural endings of English and Spanish, the Arabic article."""
    if word.startswith("ال") and len(word) > 4:
        return word[2:]
    if not word.isascii() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "ores", "ales", "iles", "ones")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


@dataclass(frozen=True, slots=True)
class _Indexed:
    known: Known
    words: dict[str, float]
    phrases: tuple[str, ...]


def _add(words: dict[str, float], text: str, weight: float) -> None:
    for word in plain_words(text):
        if word not in _FILLERS:
            words[word] = max(weight, words.get(word, 0.0))


def _index_one(known: Known, texts: Iterable[CategoryText]) -> _Indexed:
    words: dict[str, float] = {}
    phrases: list[str] = []
    for text in texts:
        _add(words, text.description, _DESCRIPTION)
        _add(words, text.group, _DESCRIPTION)
        for keyword in text.keywords:
            _add(words, keyword, _KEYWORD)
            phrases.append(" ".join(plain_words(keyword)))
        _add(words, text.name, _NAME)
        phrases.append(" ".join(plain_words(text.name)))
    return _Indexed(known, words, tuple(dict.fromkeys(phrases)))


def _load() -> list[_Indexed]:
    """Every language at once: people mix them, and a page in one language is read by speakers of another."""
    return [_index_one(known, known.texts.values()) for known in offered()]


_index = Remembered(_load, "categories")


def _near(one: str, other: str) -> bool:
    """True when one edit (two in long words) makes one word the other; two letters swapped are one mistake."""
    allowed = 2 if min(len(one), len(other)) >= 8 else 1
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > allowed:
        return False
    return OSA.distance(one, other, score_cutoff=allowed) <= allowed


def _score(item: _Indexed, asked: list[str]) -> float:
    total = 0.0
    for word in asked:
        exact = item.words.get(word)
        if exact is not None:
            total += exact
            continue
        best = 0.0
        for known, weight in item.words.items():
            if len(word) >= 3 and known.startswith(word):
                best = max(best, weight * _LIKE)
            elif weight * _TYPO > best and weight > _DESCRIPTION and _near(word, known):
                best = weight * _TYPO
        total += best
    whole = f" {' '.join(asked)} "
    return total + _PHRASE * any(phrase and f" {phrase} " in whole for phrase in item.phrases)


def find_categories(query: str, *, most: int = 8) -> list[Known]:
    """Categories that fit the words, best first; none for a query without telling words."""
    asked = [word for word in plain_words(query[:_LONGEST_QUERY]) if word not in _FILLERS][:20]
    if not asked:
        return []
    scored = [(_score(item, asked), -place, item.known) for place, item in enumerate(_index())]
    found = sorted((entry for entry in scored if entry[0] >= _LEAST), key=lambda e: e[:2], reverse=True)
    if found:
        floor = found[0][0] * 0.4
        found = [entry for entry in found if entry[0] >= floor]
    return [known for _, _, known in found[:most]]


def grouped(*, language: str) -> list[tuple[str, list[Known]]]:
    """All offered categories under their groups, in the agency's order."""
    groups: dict[str, list[Known]] = {}
    for known in offered():
        groups.setdefault(known.text(language).group, []).append(known)
    return list(groups.items())
