"""Danger in progress in what programs send: recognised, told back with the emergency number, recorded (RULES 18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.cases.categories import Known
from commonbeat.cases.danger import alarms_of, together
from commonbeat.community.agency import current


def danger_of(known: Known, *, text: str, answers: Mapping[str, Any], language: str) -> dict[str, Any] | None:
    """What a report tells of danger, and the number that the program is told; the words themselves stay private."""
    alarm = together(alarms_of(known, text=text, answers=answers, language=language))
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
