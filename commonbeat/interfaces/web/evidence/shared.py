"""Who works with evidence, and the way between its pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonbeat.core.actor import Role

READERS = (Role.ANALYST, Role.SUPERVISOR, Role.ADMIN)
"""Incidents have places and times: they are for those who plan by them."""


def tabs(current: str) -> list[dict[str, Any]]:
    """The parts of evidence."""
    parts = (
        ("evidence", _("Measures")),
        ("evidence_board", _("Dashboard")),
        ("scorecard", _("Scorecard")),
        ("reporting", _("Reporting")),
        ("evidence_sources", _("Sources")),
        ("evidence_bring", _("Bring in a file")),
    )
    return [{"url": reverse(name), "label": label, "current": name == current} for name, label in parts]
