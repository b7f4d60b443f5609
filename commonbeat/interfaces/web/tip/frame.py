"""What all pages for tips have in common: their language without a cookie, their headers, their form's token."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited

WRONG = 422
_FORM_SECONDS = 24 * 3600
_VISIT_SECONDS = 2 * 3600
_POLICY = {
    "default-src": [NONE], "style-src": [SELF], "img-src": [SELF], "form-action": [SELF], "base-uri": [NONE],
    "frame-ancestors": [NONE], "script-src": [NONE], "font-src": [SELF], "connect-src": [NONE], "worker-src": [NONE],
    "manifest-src": [NONE],
}  # fmt: skip

View = Callable[..., HttpResponse]


def page(group: str) -> Callable[[View], View]:
    """A page for tips, limited as `RATE_LIMITS[group]` says.

    It is not checked for forgery: nobody is signed in here, so a forged form could do no more than its forger. That
    saves the one cookie that other pages set.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            asked = request.POST.get("language") or request.GET.get("language") or ""
            language = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or "en"
            with translation.override(language):
                answer = view(request, *args, **kwargs)
                answer["Content-Language"] = language
            return private(answer, request)

        return anyone(csrf_exempt(never_cache(csp_replace(_POLICY)(limited(group, refuse=too_many)(shown)))))

    return wrap


def private(answer: HttpResponse, request: HttpRequest) -> HttpResponse:
    """No copy stays anywhere, the address goes nowhere, and browsers that can are told of the onion service."""
    answer["Cache-Control"] = "no-store, private"
    answer["Referrer-Policy"] = "no-referrer"
    if settings.ONION and request.get_host() != settings.ONION:
        answer["Onion-Location"] = f"http://{settings.ONION}{request.path}"
    return answer


def show(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """A page in the frame of its own: no script, no font, no address but its own."""
    more = {
        "languages": [{"code": code, "name": name} for code, name in settings.LANGUAGES],
        "tip_language": translation.get_language() or "en",
        "onion": settings.ONION if settings.ONION and request.get_host() != settings.ONION else "",
    }  # fmt: skip
    return render(request, f"pages/tip/{template}.html", {**more, **context}, status=status)


def too_many(request: HttpRequest) -> HttpResponse:
    """Slow down; what was typed is in the form one page back."""
    answer = private(show(request, "too_many", {}, status=429), request)
    answer["Retry-After"] = "600"
    return answer


def new_form() -> str:
    """The token of a form that is shown: sent twice with the same words, it is one tip."""
    return signing.dumps(secrets.token_urlsafe(16), salt="tip-form")


def form_id(token: str) -> str | None:
    """What the token of a form stands for; None when it is not ours, or is older than a day."""
    return _read(token, "tip-form", _FORM_SECONDS)


def new_visit(participant_id: int) -> str:
    """What stands in the pages of somebody who came back, in place of a cookie or an address."""
    return signing.dumps(str(participant_id), salt="tip-visit")


def visitor(token: str) -> int | None:
    """Whose visit it is; None when it is over."""
    found = _read(token, "tip-visit", _VISIT_SECONDS)
    return int(found) if found else None


def _read(token: str, salt: str, seconds: int) -> str | None:
    try:
        return str(signing.loads(token, salt=salt, max_age=seconds))
    except (signing.BadSignature, ValueError, TypeError):
        return None
