"""Form letters: which are offered for a step, and their fields filled in for one case (F08)."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from commonbeat.cases.categories import categories
from commonbeat.cases.models import Case, ResponseTemplate
from commonbeat.community.agency import current
from commonbeat.core.actor import Actor

LETTER_FIELDS = ("reference", "category", "address", "officer", "due_on", "agency", "phone")
_FIELD = re.compile(r"\{(\w{1,40})\}")


def offered_letters(step: str, *, language: str) -> list[ResponseTemplate]:
    """Letters for a step in a language, or in English where there is none in that language."""
    root = language.split("-")[0]
    rows = ResponseTemplate.objects.filter(retired_at=None, language__in={language, root, "en"}).order_by("title")
    fitting = [row for row in rows if not row.steps or step in row.steps]
    own = [row for row in fitting if row.language != "en" or root == "en"]
    known = {row.slug for row in own}
    return own + [row for row in fitting if row.language == "en" and row.slug not in known and root != "en"]


def fill(body: str, case: Case, *, language: str, actor: Actor, at: dt.datetime) -> str:
    """The letter's words for a case. A field that only a person can fill stays visible in square brackets."""
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
    }
    return _FIELD.sub(lambda found: values.get(found[1]) or f"[{found[1]}]", body)
