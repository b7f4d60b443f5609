"""Pages that are the same for many but for a few words: rendered once, and from then on only filled in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Hashable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.translation import get_language

from commonbeat.community.agency import current

_SECRET = secrets.token_hex(8)
_HOLE = re.compile(f"hole{_SECRET}x(\\w+?)x{_SECRET}")
"""Nobody can type what marks a hole: it is made anew in every process and never leaves it."""
_MOST = 300
_stencils: dict[tuple[Hashable, ...], list[str]] = {}


def fill(request: HttpRequest, template: str, fixed: Mapping[str, Hashable], holes: Mapping[str, Any]) -> str:
    """The page of `fixed` and `holes` together, as the template would render it.

    Holes are printed as they come, escaped unless marked safe: the template may ask whether one is there, and nothing
    else about it. What is `fixed` makes one stencil per value, so it is chosen from few. Somebody with a session may
    have messages waiting and gets the page rendered.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return render_to_string(template, {**fixed, **holes}, request)
    look = (template, get_language(), current().changed_at, *fixed.items(), *holes)
    pieces = _stencils.get(look)
    if pieces is None:
        marks = {name: f"hole{_SECRET}x{name}x{_SECRET}" for name in holes}
        if len(_stencils) >= _MOST:
            _stencils.clear()
        pieces = _stencils[look] = _HOLE.split(render_to_string(template, {**fixed, **marks}, request))
    return "".join([str(conditional_escape(holes[piece])) if n % 2 else piece for n, piece in enumerate(pieces)])
