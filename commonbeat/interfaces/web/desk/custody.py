"""The page that shows where the photos of a case come from, and tells whether a file is one of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.cases.custody import Link, custody, same_as
from commonbeat.core.actor import INSIDERS
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import read_case

READERS = tuple(sorted(INSIDERS))


@staff(*READERS)
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """The photos with their digests, each compared with what is stored now; a file that is sent is compared as well."""
    case, shown = read_case(request, reference), say.words(at=timezone.now())
    context: dict[str, Any] = {
        "reference": case.reference, "case_url": f"/desk/{case.reference}/", "section": "inbox",
        "rows": [link_words(link, shown) for link in custody(case)],
    }  # fmt: skip
    sent = request.FILES.get("file") if request.method == "POST" else None
    if request.method == "POST":
        context |= {"compared": bool(sent), "same": same_as(case, sent.read()) if sent else None}
    status = 422 if request.method == "POST" and not sent else 200
    return render(request, "pages/desk/custody.html", context, status=status)


def link_words(link: Link, shown: say.Words) -> dict[str, Any]:
    """One photo in words."""
    return {
        "number": link.number, "id": link.file_id, "name": link.name, "original": link.original,
        "stored": link.stored, "at": shown.local(link.entry.at), "who": link.entry.actor_name,
        "entry": link.entry.number, "hash": bytes(link.entry.hash).hex(),
        "flaws": [gettext(flaw) for flaw in link.flaws],
    }  # fmt: skip
