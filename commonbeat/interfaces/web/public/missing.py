"""Missing persons: the number before the form, the notices that the public sees, and sending a sighting."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.cases import files
from commonbeat.cases.danger import Alarm, alarms_of
from commonbeat.community.agency import setting
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.limits import limited
from commonbeat.interfaces.web.desk.photos import serve
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.one_page import BAD_EMAIL, OnePage, client_id_of, keep_photos
from commonbeat.interfaces.web.public.alarm import Way, note_shown, show_number, shown_before, unanswered
from commonbeat.interfaces.web.public.complaint import take_page
from commonbeat.interfaces.web.public.outcomes import direction_of, language_name
from commonbeat.kinds.missing.models import Bulletin
from commonbeat.kinds.missing.sightings import FIELDS, Over, send

MOST = 100
GO_ON = N_("I have called, or it is not happening now. Send what I wrote")
_OWN = {"csrfmiddlewaretoken", "danger", "photo", "go"}


MISSING_PAGE = OnePage(
    "missing",
    Field("text", N_("What happened, and why are you worried?"), "text", required=True, maximum=10_000,
          hint=N_("In your own words.")),
    where=(
        Field("address", N_("Where were they last seen?"), hint=N_("An address, a landmark or a stop.")),
        Field("area", N_("In which area?"), source="area"),
    ),
    then="alarm",
)  # fmt: skip


def fleeting(response: HttpResponse) -> HttpResponse:
    """No cache and no search engine keeps a copy: what ends must end everywhere."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, noarchive, noimageindex"
    return response


# --- reporting -------------------------------------------------------------------------------------


@anyone
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The emergency number first, and that nobody has to wait."""
    return render(request, "pages/public/missing/start.html", {"section": "missing"})


@anyone
@limited("report")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, for whoever cannot call; that the number stood before it is kept with the report."""
    first = Alarm("likely", "category", ("category:missing",))
    shown = note_shown(first, "", at=timezone.now()) if request.method != "POST" else ""
    return fleeting(take_page(request, MISSING_PAGE, folder="missing", route="report_missing", shown=shown))


# --- what is public --------------------------------------------------------------------------------


def show_bulletins(rows: Iterable[Bulletin], *, at: dt.datetime) -> list[dict[str, Any]]:
    """Notices in the reader's language, or in the one in which somebody wrote them, marked as such."""
    language, shown = get_language() or "en", []
    for row in rows:
        code = next((c for c in (language, language.split("-")[0], row.language) if c in row.words), row.language)
        has_photo = row.photo_id is not None and row.photo_until is not None and row.photo_until > at
        shown.append(
            {
                "key": row.key, "name": row.name, "age": row.age, "seen_on": row.seen_on, **row.words.get(code, {}),
                "language": code, "direction": direction_of(code), "language_name": language_name(code),
                "other_language": code.split("-")[0] != language.split("-")[0], "photo": has_photo,
            }
        )  # fmt: skip
    return shown


@anyone
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Everybody who is looked for with the public's help, the latest first."""
    at = timezone.now()
    rows = Bulletin.objects.shown(at).order_by("-approved_at", "-pk")[:MOST]
    context = {"rows": show_bulletins(rows, at=at), "section": "missing"}
    return fleeting(render(request, "pages/public/missing/list.html", context))


def _public(key: str, *, at: dt.datetime) -> tuple[Bulletin, bool]:
    """The notice behind an address, and whether it is public now; 404 where there never was one."""
    row = Bulletin.objects.filter(key=key).select_related("photo").first()
    if row is None:
        raise Http404
    return row, Bulletin.objects.shown(at).filter(pk=row.pk).exists()


def _over(request: HttpRequest, *, typed: str = "") -> HttpResponse:
    """It is gone: neither who it was about nor how it ended."""
    return fleeting(render(request, "pages/public/missing/over.html", {"typed": typed}, status=410))


@anyone
@require_safe
def notice(request: HttpRequest, key: str) -> HttpResponse:
    """One notice."""
    at = timezone.now()
    row, public = _public(key, at=at)
    if not public:
        return _over(request)
    context = {"item": show_bulletins([row], at=at)[0], "section": "missing"}
    return fleeting(render(request, "pages/public/missing/notice.html", context))


@anyone
@require_safe
def photo(request: HttpRequest, key: str) -> HttpResponse:
    """The photo, for as long as it may be shown: covered where staff covered others in it."""
    at = timezone.now()
    row, public = _public(key, at=at)
    if not public:
        return _over(request)
    if row.photo is None or row.photo_until is None or row.photo_until <= at:
        raise Http404
    try:
        data = files.read(row.photo.redacted_sha256 or row.photo.sha256)
    except FileNotFoundError:
        raise Http404 from None
    return fleeting(serve(data, row.photo.media_type, cache="no-store"))


# --- sightings -------------------------------------------------------------------------------------


@anyone
@limited("report")
@require_http_methods(["GET", "POST"])
def saw(request: HttpRequest, key: str) -> HttpResponse:
    """Tell what one saw, without a name. What arrives after the notice expired still counts while they are missing."""
    at = timezone.now()
    row, public = _public(key, at=at)
    if request.method != "POST":
        return _form(request, row, _fields(request)) if public else _over(request)
    photos, unkept = keep_photos(request)
    form, signed = _fields(request), request.POST.get("danger", "")
    written = str(form.typed().get("text") or "")
    alarm = unanswered(alarms_of(None, text=written, answers={}, language=get_language() or "en"), signed)
    if alarm:
        typed = [(name, value) for name, values in request.POST.lists() if name not in _OWN for value in values]
        kept = [*typed, *(("photo", token) for token in photos), ("danger", note_shown(alarm, signed, at=at))]
        way = Way(reverse("missing_saw", args=[key]), gettext(GO_ON), reverse("missing_person", args=[key]))
        return show_number(request, alarm, hidden=kept, way=way, section="missing")
    form.is_valid()
    form.add_problems(Invalid([*unkept.problems, *_contact(form)]))
    if form.errors:
        return _form(request, row, form, photos=photos, status=422)
    try:
        send(
            row, form.cleaned_data, client_id=client_id_of(request) or uuid.uuid4(), photos=photos,
            language=get_language() or "en", danger=shown_before(signed), at=at,
        )  # fmt: skip
    except Over:
        return _over(request, typed=written)
    return fleeting(render(request, "pages/public/missing/thanks.html", {"section": "missing"}, status=201))


def _fields(request: HttpRequest) -> FieldsForm:
    return form_for(FIELDS, data=request.POST if request.method == "POST" else None, language=get_language() or "en")


def _contact(form: FieldsForm) -> list[Problem]:
    """An address is needed only by who wants to hear."""
    if not form.cleaned_data.get("tell_me"):
        return []
    try:
        validate_email(str(form.cleaned_data.get("email") or ""))
    except ValidationError:
        return [Problem("email", BAD_EMAIL)]
    return []


def _form(
    request: HttpRequest, row: Bulletin, form: FieldsForm, *, photos: list[str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "item": show_bulletins([row], at=timezone.now())[0], "kept_photos": photos or [],
        "client_id": client_id_of(request) or uuid.uuid4(), "danger": request.POST.get("danger", ""),
        "most_mb": setting("max_photo_mb"), "section": "missing",
    }  # fmt: skip
    return fleeting(render(request, "pages/public/missing/saw.html", context, status=status))
