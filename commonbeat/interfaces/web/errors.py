"""Pages that say what went wrong and what to do."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commonbeat.interfaces.access import anyone

log = logging.getLogger("commonbeat.web")
_PLAIN = (
    "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Something broke on our side</title>"
    "<h1>Something broke on our side</h1><p>What was saved before is safe. Go one page back: what you typed is "
    "still there. Try it again in a few minutes. In an emergency, call the emergency number.</p></html>"
)


@anyone
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: it is not there, or not for this reader."""
    return render(request, "pages/errors/404.html", status=404)


@anyone
def failed(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing that was saved is lost. Says so even when the database cannot be reached."""
    try:
        return render(request, "pages/errors/500.html", status=500)
    except Exception:
        log.exception("The page for errors failed, too")
        return HttpResponse(_PLAIN, status=500, content_type="text/html; charset=utf-8")


@anyone
def unreadable(request: HttpRequest, status: int = 400) -> HttpResponse:
    """400 and 413: what was sent cannot be read, or is too much; it is still in the form one page back."""
    return render(request, "pages/errors/400.html", {"status": status}, status=status)


@anyone
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form is too old, or cookies are off."""
    return render(request, "pages/errors/csrf.html", status=403)


@anyone
def too_many(request: HttpRequest) -> HttpResponse:
    """429: slow down; what was typed is still in the form one page back."""
    response = render(request, "pages/errors/429.html", status=429)
    response["Retry-After"] = "600"
    return response
