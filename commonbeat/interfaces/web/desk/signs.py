"""Signs with a QR code that begins a report: for a park, a stairwell, a counter."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.cases.categories import Known, categories, is_offered
from commonbeat.community.agency import current
from commonbeat.community.places import places
from commonbeat.core.fields import Field
from commonbeat.core.qr import CodeDrawer
from commonbeat.core.text import N_
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.desk.options import category_choices
from commonbeat.interfaces.web.forms import form_for


def _fields() -> tuple[Field, ...]:
    return (
        Field("category", N_("Category"), source="category", hint=N_("Leave empty to let people choose.")),
        Field("area", N_("Area"), source="area", hint=N_("Leave empty when the sign hangs in several areas.")),
        Field("language", N_("Language of the sign"), source="language", required=True, initial="en"),
    )


@staff()
@require_safe
def sign(request: HttpRequest) -> HttpResponse:
    """A sign to print. Its code holds an address and nothing about whoever scans it."""
    language = get_language() or "en"
    sources = {
        "category": category_choices(language), "area": [(area.pk, area.name) for area in places().serving],
        "language": list(settings.LANGUAGES),
    }  # fmt: skip
    asked = request.GET if "language" in request.GET else None
    form = form_for(_fields(), data=asked, language=language, sources=sources, initial={"language": language})
    context = {"form": form, "section": "enter_report", "sign": None}
    if asked is not None and form.is_valid():
        given = form.cleaned_data
        known = categories().get(int(given["category"])) if given.get("category") else None
        context["sign"] = _sign(known, str(given.get("area") or ""), given["language"])
    return render(request, "pages/desk/sign.html", context, status=422 if form.errors else 200)


def _sign(known: Known | None, area: str, language: str) -> dict[str, object]:
    chosen = {"category": known.row.code if known and is_offered(known) else "", "area": area}
    query = urlencode({name: value for name, value in chosen.items() if value})
    address = f"{settings.SITE_URL}/report/" + (f"?{query}" if query else "")
    found = places().areas.get(int(area)) if area else None
    with translation.override(language):
        return {
            "qr": draw(address, gettext("Code that opens the form for a report")), "address": address,
            "language": language, "direction": "rtl" if translation.get_language_bidi() else "ltr",
            "title": known.text(language).name if known else gettext("Tell us what worries you here"),
            "text": gettext("Scan the square with your telephone, or go to:"), "area": found.name if found else "",
            "emergency": gettext("In an emergency call %(number)s.") % {"number": current().emergency_number},
        }  # fmt: skip


@lru_cache(maxsize=256)
def draw(address: str, title: str) -> str:
    """The QR code of an address as SVG."""
    return CodeDrawer(address, "").svg("", title)
