"""What somebody follows, on one page: see it, change how often, end it. Without an account, by a secret address."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from commonbeat.community.access import BadLink
from commonbeat.community.agency import setting
from commonbeat.core.webpush import BadSubscription
from commonbeat.interfaces.access import anyone, resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.public.follow import WRONG, good_address
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.journal.browsers import read_address, renew
from commonbeat.publishing.following import (
    EVERY_LABELS,
    change,
    in_browser,
    mail_mine,
    mine,
    mine_path,
    page_of,
    subject_of,
    unfollow,
)


@anyone
@never_cache
@limited("mail")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The way to what one follows: a mailed link, or at once for a browser that names its own address.

    The answer to an e-mail address is the same whether or not we know it.
    """
    at, error, email = timezone.now(), "", request.POST.get("email", "")[:254]
    if request.method == "POST":
        row = in_browser(request.POST.get("endpoint", "")[:2000])
        if row:
            return private(HttpResponseRedirect(mine_path(row, at=at)))
        good = good_address(email)
        if good:
            mail_mine(good, language=get_language() or "en", at=at)
            return private(render(request, "pages/public/follow/mailed.html"))
        error = _("Enter an e-mail address such as rosa@example.org.")
        if request.POST.get("endpoint"):
            error = _("This browser follows nothing here. If you follow by e-mail, enter your address.")
    context = {"error": error, "email": email, "error_list": [{"text": error, "href": "#email"}] if error else []}
    return private(render(request, "pages/public/follow/ask.html", context, status=WRONG if error else 200))


@resident
@never_cache
@require_http_methods(["GET", "POST"])
def mine_page(request: HttpRequest, token: str) -> HttpResponse:
    """All that somebody follows. Each can be changed or ended, or everything at once."""
    at, language = timezone.now(), get_language() or "en"
    rows = list(mine(token, at=at).select_related("browser"))
    if not rows:
        return closed_link(request, BadLink("expired"))
    if request.method == "POST":
        wanted = request.POST.get("follow", "")
        chosen = [row for row in rows if wanted in {str(row.pk), "all"}]
        every = request.POST.get("every", "")
        for row in chosen:
            if request.POST.get("do") == "end":
                unfollow(row, at=at)
            elif every in EVERY_LABELS and wanted != "all":
                change(row, every=every, at=at)
        left = mine(token, at=at).first() or next((row for row in rows if row not in chosen), None)
        if left is None:
            return private(render(request, "pages/public/follow/unsubscribe.html", {"ended": True}))
        return private(HttpResponseRedirect(mine_path(left, at=at) + ("?saved=1" if chosen else "")))
    items = [{"row": row, "what": subject_of(row, language), "url": page_of(row)} for row in rows]
    context = {
        "items": items, "rhythms": [(key, _(label)) for key, label in EVERY_LABELS.items()],
        "here": rows[0].browser_id is not None, "new": request.GET.get("new"), "saved": request.GET.get("saved"),
        "most": setting("news_per_day"),
    }  # fmt: skip
    return private(render(request, "pages/public/follow/mine.html", context))


@anyone
@csrf_exempt  # the worker of a browser posts here by itself, without a page; it names its old address, which is secret
@never_cache
@limited("api")
@require_POST
def renewed(request: HttpRequest) -> HttpResponse:
    """A browser was given a new address for its notifications, and says so."""
    try:
        given = orjson.loads(request.body[:8000])
        known = renew(str(given["old"])[:2000], read_address(orjson.dumps(given["new"]).decode()), at=timezone.now())
    except (ValueError, KeyError, TypeError, BadSubscription):
        return HttpResponse("Send the old endpoint and the new subscription as JSON.\n", "text/plain", status=400)
    return HttpResponse(status=204 if known else 404)


@cache
def _worker() -> bytes:
    found = finders.find("commonbeat/news-worker.js")
    return Path(str(found)).read_bytes()


@anyone
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The script that shows notifications. It lies below `/follow/`, so that it can have no part in other pages."""
    return HttpResponse(_worker(), "text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
