"""Form letters: the fields they may hold, and a sample of what a reader gets."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from commonbeat.community.agency import current

FIELDS = {
    "reference": _("Reference of the case"),
    "category": _("Category in the reader's language"),
    "address": _("Place as the reporter gave it"),
    "officer": _("Name of the person who writes"),
    "due_on": _("Day by which we answer"),
    "agency": _("Name of the department"),
    "phone": _("Non-emergency number"),
    "cure_on": _("Day by which the owner puts things right (notices only)"),
    "violations": _("What has to be put right (notices only)"),
}
"""Fields that are filled in; any other field in braces is shown in square brackets, for a person to fill."""

_SAMPLE = {
    "reference": "CB-7F3K-9QTM",
    "category": _("Abandoned vehicle"),
    "address": "100 N State St",
    "officer": "Omar Officer",
    "due_on": "2026-03-14",
    "phone": "555-0100",
    "cure_on": "2026-03-28",
    "violations": _("§ 7-28: Remove the rubbish behind the house."),
}


def preview(body: str) -> str:
    """A letter with sample values; what a person has to fill shows in square brackets."""
    words = {name: str(text) for name, text in _SAMPLE.items()} | {"agency": current().name}
    return re.sub(r"\{(\w+)\}", lambda found: words.get(found[1], f"[{found[1]}]"), body)
