"""What every page knows: the agency, the language and its direction."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi

from commonbeat.community.agency import current
from commonbeat.interfaces.web.desk.bar import links_for

_NUMERIC = re.compile(r"(?:[\d.]+|\[[0-9a-fA-F:.]+\])(?P<port>:\d+)?")
_THIS_MACHINE = ("127.", "[::1]")


def named_address(request: HttpRequest) -> str:
    """Where this page has a host name, when it was opened by a number: browsers keep passkeys for names only.

    Empty when the page has a name already; `?` when nobody but the agency knows the name.
    """
    host = request.get_host()
    numeric = _NUMERIC.fullmatch(host)
    if numeric is None:
        return ""
    if not host.startswith(_THIS_MACHINE):
        return "?"
    return f"{request.scheme}://localhost{numeric['port'] or ''}{request.get_full_path()}"


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every template."""
    return {
        "agency": current(),
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "languages": settings.LANGUAGES,
        "demo": settings.DEMO,
        "named_address": lambda: named_address(request),
        # Called by the desk's bar only: who acts costs statements on pages that do not ask.
        "desk_links": lambda: links_for(request.actor),  # type: ignore[attr-defined]
    }
