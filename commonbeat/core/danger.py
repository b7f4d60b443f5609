"""Recognises words of danger in what a resident writes, so that the emergency number comes first.

It errs on the side of asking: a banner too many costs a moment, one too few may cost a life. It is not an
emergency line, does not decide what happened, and must never keep a report from being sent.

Every text is read in all languages we have words for, whatever the page's language, since people mix them.
A sentence in progress ("he has a gun") is `now`. It is only `possible` when it says that it is past
("last night", "two weeks ago") or usual ("every weekend"), unless the same sentence says that it is still
going on; what is denied ("nobody has a gun") is left out. Harmless expressions ("fire hydrant") go first.

What it cannot do: lists of words know what was put into them. On sentences that nobody had tuned them for,
they found three of four dangers at first (and no false alarm in sixteen); each round of such sentences went
into the lists and the tests. So the emergency number stays on every page of a report, found or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias

from commonbeat.core.phrases import Found, PhraseList, plain

Level: TypeAlias = Literal["now", "possible"]

LANGUAGES: Final = ("en", "es", "ar")
LOCAL: Final = "local"
CRISIS: Final = "crisis"
# Which kind names a text that has several; crisis comes last because `also` keeps it.
KINDS: Final = (
    "weapon", "medical", "fire", "violence", "break_in", "child", "crash", "follow", LOCAL, CRISIS
)  # fmt: skip
MOST_CHARACTERS: Final = 20_000

_SENTENCE: Final = re.compile(r"[^.!?؟;\n]+[.!?؟;\n]*")
_WORD: Final = re.compile(r"[^\W_]+")
_SHOUT_WORDS: Final = 3
_NEGATION_REACH: Final = 4


@dataclass(frozen=True, slots=True)
class Danger:
    """What a text may be telling.

    `kind` is one of KINDS, `also` the other kinds found (look for "crisis": the crisis line is another number
    than the emergency one). `words` are the resident's own words that were recognised, in his spelling.
    """

    kind: str
    level: Level
    words: tuple[str, ...]
    language: str
    also: tuple[str, ...] = ()

    @property
    def crisis(self) -> bool:
        """Whether somebody may harm themselves."""
        return CRISIS in (self.kind, *self.also)


@dataclass(frozen=True, slots=True)
class _Sense:
    """What a phrase of the lists means: a danger (with kind and level), something harmless, or a cue."""

    language: str
    role: str  # "danger", "harmless", "past", "habit", "present", "urgent"
    kind: str = ""
    level: Level = "possible"


Hit: TypeAlias = Found[_Sense]


def danger_in(text: str, *, language: str, extra_words: Sequence[str] = ()) -> Danger | None:
    """The most urgent danger that a text speaks of, or None.

    `language` only decides which words count first when several languages have them. `extra_words` are an
    agency's own phrases (kind "local"), in the syntax of `phrases.PhraseList`; a bad one is left out, never
    raised, so that a typing error in a setting cannot stop intake. About 0.3 ms for a usual report; only the
    first 20,000 characters are read.
    """
    text = text[:MOST_CHARACTERS]
    comparable = plain(text)
    found: list[tuple[str, Level, str, str]] = []
    senses = list(_phrases().find(comparable.text))
    hits = [hit for hit in senses if hit.label.role == "danger"]
    if hits:
        for hit, level in _weigh(comparable.text, hits, senses):
            said = comparable.original(hit.start, hit.end, text)
            found.append((hit.label.kind, level, hit.label.language, said))
    if extra_words:
        for extra in _extra(tuple(extra_words)).find(comparable.text):
            said = comparable.original(extra.start, extra.end, text)
            found.append((LOCAL, "now", language, said))
    if not found:
        return None
    found.sort(key=lambda one: (one[1] != "now", KINDS.index(one[0]), one[2] != language[:2].lower()))
    kind, level, spoken, _ = found[0]
    kinds = dict.fromkeys(one[0] for one in found)
    said_of_it = tuple(dict.fromkeys(one[3].strip() for one in found if one[:2] == (kind, level)))
    return Danger(kind, level, said_of_it, spoken, tuple(other for other in kinds if other != kind))


def _weigh(text: str, hits: list[Hit], senses: list[Hit]) -> Iterator[tuple[Hit, Level]]:
    """The hits that are meant, with the level that their sentence leaves them."""
    harmless = [sense for sense in senses if sense.label.role == "harmless"]
    cues = [sense for sense in senses if sense.label.role not in {"harmless", "danger"}]
    past_before = False
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        here = {cue.label.role for cue in cues if start <= cue.start < end}
        shout = len(_WORD.findall(sentence.group())) <= _SHOUT_WORDS
        for hit in hits:
            if not start <= hit.start < end or _overlaps(hit, harmless) or _denied(text, start, hit):
                continue
            yield hit, _level(hit.label, here, shout=shout, past_before=past_before)
        past_before = ("past" in here or past_before) and "present" not in here


def _level(sense: _Sense, cues: set[str], *, shout: bool, past_before: bool) -> Level:
    gone = ("past" in cues or "habit" in cues) and "present" not in cues
    if sense.kind == CRISIS and "past" not in cues:
        gone = False  # "I always think of suicide" is no habit to wait for
    if sense.level == "now":
        return "possible" if gone else "now"
    if gone or past_before:
        return "possible"
    return "now" if shout or "urgent" in cues else "possible"


def _overlaps(hit: Hit, harmless: list[Hit]) -> bool:
    """Whether a harmless expression shares words with the hit."""
    return any(calm.start < hit.end and hit.start < calm.end for calm in harmless)


def _denied(text: str, start: int, hit: Hit) -> bool:
    """Whether "no", "nobody" or the like stands right before the hit and denies it.

    "I don't know if …", "won't stop …" and "not sure whether …" deny nothing.
    """
    negation, unsure = _negation(hit.label.language)
    clause = max(text.rfind(",", start, hit.start), text.rfind(" but ", start, hit.start)) + 1
    before = _WORD.findall(text, max(start, clause), hit.start)[-_NEGATION_REACH:]
    for place, word in enumerate(before):
        if word in negation:
            return not any(after in unsure for after in before[place + 1 :])
    return False


@cache
def _phrases() -> PhraseList[_Sense]:
    """The phrases of all languages in one list, read once for each process."""
    senses: list[tuple[str, _Sense]] = []
    levels: tuple[Level, Level] = ("now", "possible")
    for language in LANGUAGES:
        lists = _file()[language]
        for level in levels:
            for kind, phrases in lists[level].items():
                senses += [(phrase, _Sense(language, "danger", kind, level)) for phrase in phrases]
        for role in ("harmless", "past", "habit", "present", "urgent"):
            senses += [(phrase, _Sense(language, role)) for phrase in lists[role]]
    return PhraseList(senses)


@cache
def _negation(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Words that deny, and words after which they deny nothing."""
    lists = _file()[language]
    denying, unsure = (frozenset(plain(word).text for word in lists[key]) for key in ("negation", "unsure"))
    return denying, unsure


@cache
def _file() -> dict[str, Any]:
    source = resources.files("commonbeat.core").joinpath("words/danger.json")
    loaded: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return loaded


@cache
def _extra(phrases: tuple[str, ...]) -> PhraseList[str]:
    good = []
    for phrase in phrases:
        try:
            PhraseList([(phrase, LOCAL)])
        except ValueError:
            continue
        good.append((phrase, LOCAL))
    return PhraseList(good)
