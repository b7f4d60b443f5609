"""Danger in progress in what programs send: recognised, told back with the emergency number, recorded (RULES 18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.cases.categories import Known, categories
from commonbeat.cases.danger import Alarm, alarms_of, heard_in, together
from commonbeat.cases.models import Case
from commonbeat.community.agency import current


def danger_of(known: Known, *, text: str, answers: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """What a report tells of danger, and the number that the program is told; the words themselves stay private."""
    return _record(alarms_of(known, text=text, answers=answers, language=language))


def danger_added(case: Case, text: str) -> dict[str, Any] | None:
    """The same for words that a program adds to a case."""
    known = categories().get(case.category_id) if case.category_id else None
    return _record(heard_in(known, text, language=case.language))


def _record(alarms: Sequence[Alarm]) -> dict[str, Any] | None:
    alarm = together(alarms)
    if alarm is None:
        return None
    return {"kind": alarm.kind, "level": alarm.level, "crisis": alarm.crisis, "told": current().emergency_number}


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
