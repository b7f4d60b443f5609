"""What is proposed of each part: release, remove, or remove some words; a person decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from commonbeat.core.personal_data import find_personal
from commonbeat.publishing.records.models import Exemption, Item
from commonbeat.publishing.records.parts import Part

Spans = list[list[int]]


def propose(part: Part, *, exemptions: Sequence[Exemption], language: str) -> tuple[str, Spans, Exemption | None]:
    """What the product would do: personal and internal parts go, words that point at somebody go, the rest stays."""
    fitting = next((one for one in exemptions if part.sort in one.sorts), None)
    if part.personal or part.closed:
        return Item.Choice.REMOVE, [], fitting
    if part.sort == "photo":
        return Item.Choice.RELEASE, [], None
    spans = [[found.start, found.end] for found in find_personal(part.text, language=language)]
    if not spans:
        return Item.Choice.RELEASE, [], None
    persons = next((one for one in exemptions if "person" in one.sorts), fitting)
    return Item.Choice.PART, spans, persons


def passages(text: str, spans: Iterable[Sequence[int]]) -> list[str]:
    """The words at these places, each once, in their order."""
    return list(dict.fromkeys(text[begin:end] for begin, end in spans))


def places_of(text: str, words: Iterable[str]) -> tuple[Spans, list[str]]:
    """Every place where these words stand, whatever their case, joined where they touch; and words that are nowhere."""
    found: list[tuple[int, int]] = []
    missing = []
    for sought in filter(None, (" ".join(word.split()) for word in words)):
        here = _each(text, sought)
        found += here
        if not here:
            missing.append(sought)
    joined: Spans = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    return joined, missing


def _each(text: str, sought: str) -> list[tuple[int, int]]:
    begin, end = (r"\b" if sign.isalnum() else "" for sign in (sought[0], sought[-1]))
    pattern = begin + r"\s+".join(re.escape(word) for word in sought.split()) + end
    return [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]


def without(text: str, spans: Iterable[Sequence[int]], *, sign: str) -> str:
    """The text with `sign` in place of each passage, so that not even its length is told."""
    kept, last = [], 0
    for begin, end in spans:
        kept += [text[last:begin], sign]
        last = end
    return "".join([*kept, text[last:]])
