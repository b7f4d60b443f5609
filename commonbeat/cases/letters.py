"""Form letters: which are offered for a step, and their fields filled in for one case (F08)."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from commonbeat.cases.categories import categories
from commonbeat.cases.models import Case, ResponseTemplate
from commonbeat.community.agency import current
from commonbeat.core.actor import Actor

LETTER_FIELDS = ("reference", "category", "address", "officer", "due_on", "agency", "phone", "cure_on", "violations")
_FIELD = re.compile(r"\{(\w{1,40})\}")


def offered_letters(step: str, *, language: str) -> list[ResponseTemplate]:
    """Letters for a step in a language, or in English where there is none in that language."""
    root = language.split("-")[0]
    rows = ResponseTemplate.objects.filter(retired_at=None, language__in={language, root, "en"}).order_by("title")
    fitting = [row for row in rows if not row.steps or step in row.steps]
    own = [row for row in fitting if row.language != "en" or root == "en"]
    known = {row.slug for row in own}
    return own + [row for row in fitting if row.language == "en" and row.slug not in known and root != "en"]


def letter_for(step: str, case: Case, *, language: str, actor: Actor, at: dt.datetime, **more: str) -> str:
    """The words of the letter that the agency wrote for this very step, filled in; empty where there is none."""
    own = [row for row in offered_letters(step, language=language) if step in row.steps]
    spoken = [row for row in own if row.language.split("-")[0] == language.split("-")[0]]
    return fill(spoken[0].body, case, language=language, actor=actor, at=at, **more) if spoken else ""


def fill(body: str, case: Case, *, language: str, actor: Actor, at: dt.datetime, **more: str) -> str:
    """The letter's words for a case; `more` fills fields that only some steps know.

    A field that only a person can fill stays visible in square brackets.
    """
    agency = current()
    known = categories().get(case.category_id) if case.category_id else None
    due = case.due_at.astimezone(ZoneInfo(agency.timezone)).date().isoformat() if case.due_at else ""
    values = {
        "reference": case.reference,
        "category": known.text(language).name if known else "",
        "address": case.address,
        "officer": actor.name,
        "due_on": due,
        "agency": agency.name,
        "phone": agency.non_emergency_number,
        **more,
    }
    return _FIELD.sub(lambda found: values.get(found[1]) or f"[{found[1]}]", body)
