"""What the review of a request shows of each part, and how its form is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonbeat.publishing.records.actions import Decision
from commonbeat.publishing.records.models import Exemption, Item
from commonbeat.publishing.records.parts import SORTS, Part
from commonbeat.publishing.records.proposing import passages

CHOICES = ("release", "part", "remove")


def read_decisions(
    data: QueryDict, items: Mapping[str, Item], parts: Mapping[str, Part], exemptions: Sequence[Exemption]
) -> list[Decision]:
    """What somebody chose for each part that they were shown; parts without a choice are left as they are."""
    known = {str(one.pk): one for one in exemptions}
    found = []
    for path, item in items.items():
        choice = data.get(f"d-{item.pk}", "")
        if choice and path in parts:
            words = tuple(data.get(f"w-{item.pk}", "").splitlines())
            exemption, seen = known.get(data.get(f"e-{item.pk}", "")), data.get(f"s-{item.pk}", "")
            found.append(Decision(item, parts[path], choice, exemption, words, seen))
    return found


def part_rows(
    parts: Mapping[str, Part], items: Mapping[str, Item], *, wanted: Iterable[Decision], problems: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Each part that is under review, with its choice as stored, as typed where it was refused, or as proposed."""
    typed = {one.item.pk: one for one in wanted if one.item.pk in problems}
    rows = []
    for path, part in parts.items():
        item = items.get(path)
        if item is None or item.digest != part.digest:
            continue
        given = typed.get(item.pk)
        rows.append(
            {
                "item": item, "sort": _(SORTS[part.sort]), "title": " ".join(filter(None, (_(part.title), part.about))),
                "pieces": [] if part.closed or part.sort == "photo" else pieces(part.text, item.spans),
                "closed": part.closed, "photo": part.path.partition("/")[2] if part.sort == "photo" else "",
                "choice": given.choice if given else item.decision or item.proposal, "decided": item.decision,
                "choices": ["remove"] if part.closed else [c for c in CHOICES if c != "part" or part.sort != "photo"],
                "exemption": (given.exemption.pk if given.exemption else None) if given else item.exemption_id,
                "words": "\n".join(given.words) if given else "\n".join(passages(part.text, item.spans)),
                "problem": problems.get(item.pk, ""),
            }
        )  # fmt: skip
    return rows


def pieces(text: str, spans: Iterable[Sequence[int]]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it goes."""
    found, last = [], 0
    for begin, end in spans:
        found += [(text[last:begin], False), (text[begin:end], True)]
        last = end
    return [piece for piece in [*found, (text[last:], False)] if piece[0]]
