"""Thanking somebody of the department: the form and its receipt, and the page of thanks that may be read by all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.core.fields import Field
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.one_page import OnePage
from commonbeat.interfaces.web.public.complaint import take_page
from commonbeat.kinds.commendation.deeds import public_thanks, sender_of

COMMENDATION = OnePage(
    "commendation", Field("text", N_("What did they do well?"), "text", required=True, maximum=4000), where=()
)
MOST = 100


@anyone
@never_cache
@limited("report")
@require_http_methods(["GET", "POST"])
def commend(request: HttpRequest) -> HttpResponse:
    """The form; sending it opens the case and shows the receipt."""
    return take_page(request, COMMENDATION, folder="commendation", route="commend")


@anyone
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thanks whose senders agreed that everybody may read them; in the order of time, never counted."""
    rows = [
        {"words": row.words, "who": row.user.name, "sender": sender_of(row), "at": row.approved_at}
        for row in public_thanks()[:MOST]
    ]  # fmt: skip
    return render(request, "pages/public/commendation/thanks.html", {"rows": rows, "section": "commendation"})
