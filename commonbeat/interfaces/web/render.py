"""What every page knows: the agency, the language and its direction."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi

from commonbeat.community.agency import current
from commonbeat.core.actor import Role

ADMINISTER = (Role.ADMIN, Role.RECORDS, Role.SUPERVISOR, Role.STANDARDS, Role.EDITOR)


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    return {
        "agency": current(),
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "demo": settings.DEMO,
        # Called by the desk's bar only: who acts costs statements on pages that do not ask.
        "may_administer": lambda: request.actor.has(*ADMINISTER),  # type: ignore[attr-defined]
    }
