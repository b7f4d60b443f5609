"""Danger in progress in what programs send: recognised, told back with the emergency number, recorded (RULES 18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.cases.categories import Known
from commonbeat.community.agency import current
from commonbeat.core.danger import danger_in


def danger_of(known: Known, *, text: str, answers: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """What a report tells of danger, by its words, answers or category; the words themselves stay private."""
    said = "\n".join([text, *_strings(answers.values())])
    extra = [str(word) for words in known.row.danger_words.values() for word in words]
    found = danger_in(said, language=language, extra_words=extra)
    chosen = any(
        choice.danger
        for item in known.fields
        for choice in item.choices
        if choice.key in _strings([answers.get(item.code)])
    )
    if found is None and not chosen and known.row.danger != "likely":
        return None
    crisis = bool(found and found.crisis)
    return {
        "kind": found.kind if found else "answer" if chosen else "category",
        "level": found.level if found else "possible", "crisis": crisis, "told": current().emergency_number,
    }  # fmt: skip


def _strings(values: Iterable[Any]) -> list[str]:
    return [str(part) for value in values for part in (value if isinstance(value, list) else [value])]


def danger_notice(danger: Mapping[str, Any] | None) -> str:
    """What to show before anything else; empty where nothing speaks of danger."""
    if danger is None:
        return ""
    agency = current()
    call = _("If anybody is in danger now, call %(number)s. Nobody answers emergencies here.")
    lines = [call % {"number": agency.emergency_number}]
    if danger["crisis"]:
        lines.append(
            _("To talk with somebody in a crisis, call or text %(number)s.") % {"number": agency.crisis_number}
        )
    return " ".join(lines)
