"""The emergency number before anything else, wherever a resident writes; that it was shown comes back signed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from commonbeat.cases.categories import categories
from commonbeat.cases.danger import Alarm, heard_in, together
from commonbeat.cases.models import Case
from commonbeat.community.agency import current

_SALT = "report-danger"
Hidden = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Way:
    """Where the page of the emergency number leads: on with everything that was typed, or away from it."""

    on: str
    words: str
    away: str


def shown_before(signed: str) -> dict[str, Any] | None:
    """The record of the page that showed the number, if it was shown and whoever wrote went on."""
    try:
        return dict(signing.loads(signed, salt=_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def unanswered(alarms: Sequence[Alarm], signed: str) -> Alarm | None:
    """Signs of danger in progress that were not yet answered with "go on"."""
    alarm = together([alarm for alarm in alarms if alarm.level != "possible"])
    seen = set((shown_before(signed) or {}).get("words", ()))
    return None if alarm is None or seen.issuperset(alarm.words) else alarm


def unanswered_in(case: Case, text: str, signed: str) -> Alarm | None:
    """The same for words that are added to a case."""
    known = categories().get(case.category_id) if case.category_id else None
    return unanswered(heard_in(known, text, language=get_language() or "en"), signed)


def note_shown(alarm: Alarm, signed: str, *, at: dt.datetime) -> str:
    """The signed note that the number is being shown; it comes back only if whoever wrote goes on."""
    before = shown_before(signed) or {}
    record = {
        "level": alarm.level, "kind": alarm.kind, "number": current().emergency_number, "continued": True,
        "shown_at": before.get("shown_at") or at.isoformat(),
        "words": list(dict.fromkeys([*before.get("words", ()), *alarm.words]))[:20],
    }  # fmt: skip
    return signing.dumps(record, salt=_SALT)


def show_number(
    request: HttpRequest, alarm: Alarm, *, hidden: Hidden, way: Way, problem: str = "", section: str = "report"
) -> HttpResponse:
    """The emergency number. Nothing is stored unless whoever wrote goes on; what they typed travels along."""
    context = {
        "alarm": alarm, "words": alarm.said, "hidden": hidden, "way": way, "problem": problem, "section": section
    }  # fmt: skip
    return render(request, "pages/public/report/danger.html", context)


def ask_before_sending(
    request: HttpRequest, alarm: Alarm, *, typed: Hidden, way: Way, problem: str = ""
) -> HttpResponse:
    """The emergency number before words are added to a case."""
    signed = note_shown(alarm, request.POST.get("danger", ""), at=timezone.now())
    kept = [*typed, ("danger", signed)]
    return show_number(request, alarm, hidden=kept, way=way, problem=problem, section="follow")
