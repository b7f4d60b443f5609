"""Complaining: the form, the receipt with one's own statement, the statement and the letter to print."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from commonbeat.cases.actions import Opened
from commonbeat.cases.models import Case
from commonbeat.community.access import BadLink
from commonbeat.community.agency import setting
from commonbeat.core.actor import ANONYMOUS
from commonbeat.core.fields import Field, Invalid
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone, resident
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.forms import FieldsForm
from commonbeat.interfaces.web.one_page import OnePage, answers_in_words, client_id_of, keep_photos
from commonbeat.interfaces.web.public.alarm import Way, note_shown, show_number, shown_before, unanswered
from commonbeat.interfaces.web.public.papers import own_case
from commonbeat.interfaces.web.public.returning import closed_link, private
from commonbeat.interfaces.web.public.sending import qr_svg
from commonbeat.interfaces.web.public.shown import area_of
from commonbeat.kinds.complaint.letter import Letter, letter_of

COMPLAINT = OnePage(
    "complaint",
    Field("text", N_("What happened?"), "text", required=True, maximum=10_000,
          hint=N_("In your own words, as much as you want. You get a copy.")),
    then="announce",
)  # fmt: skip
GO_ON = N_("I have called, or it is not happening now. Send what I wrote")


@anyone
@never_cache
@limited("report")
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """The form; sending it opens the case and shows the receipt."""
    return take_page(request, COMPLAINT, folder="complaint", route="complain")


def take_page(request: HttpRequest, page: OnePage, *, folder: str, route: str, shown: str = "") -> HttpResponse:
    """A form on one page: shown, sent back with what is wrong and all that was typed, or taken with a receipt.

    `shown` is the signed note that the emergency number stood before the form.
    """
    if request.method != "POST":
        return _show(request, page, page.form(), folder=folder, danger=shown)
    photos, unkept = keep_photos(request)
    form, signed = page.form(request.POST), request.POST.get("danger", "")
    alarm = unanswered(page.alarms(form), signed)
    if alarm:
        typed = [(name, value) for name, values in request.POST.lists() if name not in _OWN for value in values]
        kept = [*typed, *(("photo", token) for token in photos)]
        kept.append(("danger", note_shown(alarm, signed, at=timezone.now())))
        way = Way(reverse(route), gettext(GO_ON), reverse("home"))
        return show_number(request, alarm, hidden=kept, way=way, section=route)
    form.is_valid()
    try:
        if form.errors or unkept.problems:
            raise unkept
        opened = page.open(
            form, uploads=tuple(photos), danger=shown_before(signed), client_id=client_id_of(request), actor=ANONYMOUS
        )
    except Invalid as refused:
        form.add_problems(refused)
        return _show(request, page, form, folder=folder, photos=photos, status=422)
    return private(_receipt(request, opened, folder=folder))


_OWN = {"csrfmiddlewaretoken", "danger", "photo", "go"}


def _show(
    request: HttpRequest, page: OnePage, form: FieldsForm, *, folder: str, photos: list[str] | None = None,
    danger: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "parts": page.parts(form), "kept_photos": photos or [], "section": folder,
        "client_id": client_id_of(request) or uuid.uuid4(), "danger": request.POST.get("danger", danger),
        "most_mb": setting("max_photo_mb"), "acknowledge_days": setting("complaint_acknowledge_days"),
    }  # fmt: skip
    return render(request, f"pages/public/{folder}/form.html", context, status=status)


def _receipt(request: HttpRequest, opened: Opened, *, folder: str) -> HttpResponse:
    case = opened.case
    context: dict[str, Any] = {
        "section": folder, "case": case, "replayed": opened.replayed, "code": opened.code,
        "read_by": _moment(case, "acknowledge"), "decide_by": _moment(case, "decide"),
        "email": request.POST.get("email", "") if request.POST.get("who") == "email" else "",
        "told_by": request.POST.get("who", ""),
    }  # fmt: skip
    if opened.code:
        context |= statement_words(case) | {
            "qr": qr_svg(opened.code, gettext("Code that opens your page")),
            # An address reads from left to right, also among Arabic words.
            "return_shown": format_html('<bdi dir="ltr">{}/return/</bdi>', settings.SITE_URL),
        }  # fmt: skip
    return render(request, f"pages/public/{folder}/receipt.html", context, status=200 if opened.replayed else 201)


def _moment(case: Case, name: str) -> dt.datetime | None:
    ticking = case.clocks.get(name)
    return dt.datetime.fromisoformat(ticking["due"]) if ticking else None


def statement_words(case: Case) -> dict[str, Any]:
    """What somebody sent, whole, for their own copy."""
    return {
        "statement": case.text, "answers": answers_in_words(case, language=get_language() or "en"),
        "where": case.address, "area": area_of(case.area_id), "sent_at": case.opened_at,
        "photo_names": [row.name for row in case.files.filter(by_reporter=True).order_by("pk")],
    }  # fmt: skip


@resident
@never_cache
@require_GET
def statement(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    """One's own copy of what was said, to print or keep (RULES 9)."""
    try:
        case = own_case(token, reference, kind=COMPLAINT.slug)
    except BadLink as bad:
        return closed_link(request, bad)
    back = reverse("my_report", args=[token, case.reference])
    context = statement_words(case) | {"case": case, "section": "follow", "back_url": back}
    return private(render(request, "pages/public/complaint/statement.html", context))


@resident
@never_cache
@require_GET
def letter(request: HttpRequest, token: str, reference: str) -> HttpResponse:
    """The letter with the decision, to print."""
    try:
        case = own_case(token, reference, kind=COMPLAINT.slug)
    except BadLink as bad:
        return closed_link(request, bad)
    found = letter_of(case)
    if found is None:
        raise Http404
    context = letter_words(found) | {
        "case": case,
        "section": "follow",
        "back_url": reverse("my_report", args=[token, case.reference]),
    }
    return private(render(request, "pages/public/complaint/letter.html", context))


def letter_words(found: Letter) -> dict[str, Any]:
    """What the letter says, in the reader's language; officers are not named in it."""
    return {
        "letter": found, "outcome": gettext(found.outcome),
        "findings": [
            {"about": gettext(row.about), "finding": gettext(row.finding), "means": gettext(row.means)}
            for row in found.findings
        ],
    }  # fmt: skip
