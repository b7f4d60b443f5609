"""Who is my officer: by area, point or words, with whoever covers while somebody is away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commonbeat.cases.finding import plain_words
from commonbeat.community.addresses import find_address, knows_addresses
from commonbeat.community.models import Area, User
from commonbeat.community.places import locate, officers_of, places
from commonbeat.core.actor import ROLE_LABELS
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.public.draft import read_point
from commonbeat.interfaces.web.public.shown import area_url

OUTSIDE = N_("This place is outside the area that we serve. Choose another point, or an area from the list.")
UNKNOWN = N_(
    "We do not know this address. Write the house number and the street, such as 5100 S Ellis Ave, "
    "or choose your area from the list or on the map."
)
_MOST_CHOICES = 12


@anyone
@require_GET
def my_officer(request: HttpRequest) -> HttpResponse:
    """The officer of an area, who speaks which languages, how to reach them, and who covers."""
    area, problem, choices = _area(request)
    context: dict[str, Any] = {
        "section": "my_officer", "areas": places().serving, "area": area, "problem": problem, "choices": choices,
        "address": request.GET.get("address", "")[:200], "area_url": area_url(area) if area else "",
    }  # fmt: skip
    if area:
        context |= show_officers(area, language=get_language() or "en")
    return render(request, "pages/public/officers.html", context)


def _area(request: HttpRequest) -> tuple[Area | None, str, list[dict[str, Any]]]:
    """The area that was asked for, what to do when it was not found, and the addresses that could be meant."""
    known = places()
    given, address = request.GET.get("area", ""), request.GET.get("address", "").strip()[:200]
    point = read_point(request.GET.get("lat", ""), request.GET.get("long", ""))
    if point:
        found = locate(lat=point[0], long=point[1])
        if found.area_id and found.inside:
            return known.areas.get(found.area_id), "", []
        return None, _(OUTSIDE), []
    if given.isascii() and given.isdigit() and len(given) < 12 and int(given) in known.areas:
        return known.areas[int(given)], "", []
    return _by_address(address) if address else (None, "", [])


def _by_address(address: str) -> tuple[Area | None, str, list[dict[str, Any]]]:
    """The area of an address by the agency's own list, or the area whose name was written."""
    found = find_address(address)
    areas = {one.area_id for one in found}
    if len(areas) == 1:
        area = places().areas.get(areas.pop() or 0)
        return area, "" if area else _(OUTSIDE), []
    if found:
        choices = [
            {"street": one.street.upper(), "number": one.number, "area": places().areas.get(one.area_id or 0)}
            for one in found[:_MOST_CHOICES]
        ]
        return None, _("More than one place has this address. Choose the right one."), choices
    named = _named(address)
    if named:
        return named, "", []
    if not knows_addresses():
        return None, _("We have no list of addresses here. Choose your area from the list or on the map."), []
    return None, _(UNKNOWN), []


def _named(text: str) -> Area | None:
    """The area whose name is in the text; the longest name wins."""
    words = f" {' '.join(plain_words(text))} "
    fits = [a for a in places().serving if f" {' '.join(plain_words(a.name))} " in words]
    return max(fits, key=lambda a: len(a.name), default=None)


def show_officers(area: Area, *, language: str) -> dict[str, Any]:
    """Officers to reach today, and for whom they cover. Only those who are listed to the public."""
    found = officers_of(area.pk, at=timezone.now())
    covers: dict[int, list[dict[str, Any]]] = {}
    for user, cover in found.away:
        covers.setdefault(cover.by_id, []).append({"name": user.name, "until": cover.until})
    shown = [_card(user, covers.get(user.pk, []), language) for user in found.present if user.listed]
    hidden_away = [
        {"name": user.name, "until": cover.until} for user, cover in found.away if not cover.by.listed and user.listed
    ]
    return {"officers": shown, "away": hidden_away}


def _card(user: User, covers: list[dict[str, Any]], language: str) -> dict[str, Any]:
    return {
        "name": user.name, "rank": user.rank or _(ROLE_LABELS["officer"]), "phone": user.phone, "email": user.email,
        "bio": user.bio.get(language) or user.bio.get("en") or "", "covers": covers,
        "languages": [_spoken(code) for code in user.languages],
    }  # fmt: skip


def _spoken(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
