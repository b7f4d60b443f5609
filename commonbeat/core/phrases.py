"""Finds phrases of word lists in what people type, whatever the case, accents or Arabic spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

Label = TypeVar("Label")

_TOKEN: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_ARABIC: Final = re.compile(r"[\u0621-\u064a]")
_LETTERS: Final = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": ""}
)
_APOSTROPHES: Final = frozenset("'’‘ʼ`´ʹ")
_ATTACHED: Final = r"(?:[وفبلك]{0,2}(?:ال)?|لل)"  # and, so, with, for, the: written onto the Arabic word
_GAP: Final = r"(?:[^\W_]+(?:-[^\W_]+)*[^\w.!?;\n]+){0,4}?"


@dataclass(frozen=True, slots=True)
class Plain:
    """A text made comparable, with the place in the original of each of its characters."""

    text: str
    places: tuple[int, ...]

    def original(self, start: int, end: int, source: str) -> str:
        """The piece of `source` from which the characters `start` to `end` came."""
        if start >= end:
            return ""
        return source[self.places[start] : self.places[end - 1] + 1]


def plain(text: str) -> Plain:
    """Lower case without accents and apostrophes; Arabic letters used for each other become one.

    "He's" and "hes", "está" and "esta", "أمي" and "امي" are the same; marks that end sentences stay.
    """
    if text.isascii() and "'" not in text and "`" not in text:
        return Plain(text.lower(), tuple(range(len(text))))
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for piece in _plain_character(character):
            out.append(piece)
            places.append(place)
    return Plain("".join(out), tuple(places))


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _APOSTROPHES:
        return ""
    pieces = unicodedata.normalize("NFKD", character).casefold().translate(_LETTERS)
    # A hamza or madda comes apart from its alif in NFKD and is dropped here, as is meant.
    return "".join(one for one in pieces if not unicodedata.combining(one) and unicodedata.category(one) != "Cf")


@dataclass(frozen=True, slots=True)
class Found(Generic[Label]):
    """A phrase in the plain text: its label and place."""

    label: Label
    start: int
    end: int


class PhraseList(Generic[Label]):
    """Phrases with labels, found quickly however many there are.

    A phrase is words with a space between; `a/b` either word, `stem*` any ending, `(word)` may be missing,
    `..` up to four other words, never across the end of a sentence. Arabic words are also found with the
    small words that are written onto them. Each phrase is looked for only in texts that hold its longest
    word, so the cost is some 20 microseconds for a usual text, not one search for each phrase.
    """

    def __init__(self, phrases: Iterable[tuple[str, Label]]) -> None:
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._rules: list[tuple[re.Pattern[str], Label]] = []
        for phrase, label in phrases:
            tokens = plain(phrase).text.split()
            self._rules.append((_compile(tokens), label))
            for word in _trigger(tokens).split("/"):
                index = self._stems if word.endswith("*") else self._words
                index.setdefault(word.rstrip("*"), []).append(len(self._rules) - 1)
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def find(self, text: str) -> Iterator[Found[Label]]:
        """Every place of every phrase in an already plain text, in no order."""
        wanted: set[int] = set()
        words = set(_TOKEN.findall(text))
        if not text.isascii() or "-" in text:
            words = {form for token in words for form in _forms(token)}
        for word in words & self._words.keys():
            wanted.update(self._words[word])
        for length in self._stem_lengths:
            for stem in {word[:length] for word in words} & self._stems.keys():  # a shorter word is no stem so long
                if len(stem) == length:
                    wanted.update(self._stems[stem])
        for number in sorted(wanted):
            rule, label = self._rules[number]
            for match in rule.finditer(text):
                yield Found(label, match.start(), match.end())


def _trigger(tokens: list[str]) -> str:
    fixed = [token for token in tokens if token != ".." and not token.startswith("(")]
    if not fixed:
        raise ValueError(f"a phrase needs a word that is always there: {' '.join(tokens)!r}")
    return max(fixed, key=lambda token: min(len(word) for word in token.split("/")))


def _forms(word: str) -> Iterator[str]:
    """The word as it stands, its parts about a hyphen, and Arabic words without attached ones."""
    yield word
    if "-" in word:
        yield from word.split("-")
    if _ARABIC.search(word):
        match = re.match(_ATTACHED, word)
        for cut in range(1, (match.end() if match else 0) + 1):
            yield word[cut:]


def _compile(tokens: list[str]) -> re.Pattern[str]:
    parts: list[str] = []
    for position, token in enumerate(tokens):
        if token == "..":
            parts.append(_GAP)
            continue
        last = position == len(tokens) - 1
        space = "" if last else r"(?:[^\w.!?;\n]+|$)"
        if token.startswith("(") and token.endswith(")"):
            parts.append(f"(?:{_either(token[1:-1])}{space or ''})?")
        else:
            parts.append(_either(token) + space)
    return re.compile(r"(?<![^\W_])" + "".join(parts).removesuffix(r"(?:[^\w.!?;\n]+|$)") + r"(?![^\W_])")


def _either(token: str) -> str:
    words = []
    for word in token.split("/"):
        pattern = re.escape(word.rstrip("*")) + (r"[^\W_]*" if word.endswith("*") else "")
        words.append((_ATTACHED if _ARABIC.search(word) else "") + pattern.replace(r"\-", r"[- ]?"))
    return f"(?:{'|'.join(words)})"
