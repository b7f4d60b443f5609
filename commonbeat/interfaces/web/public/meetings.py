"""Meetings for residents: what is coming, what was, one of them with its minutes, and what came of the promises."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commonbeat.activities.agenda import agenda_of
from commonbeat.activities.models import Activity, AgendaItem
from commonbeat.activities.reads import coming, past
from commonbeat.cases.promise_rows import Promise
from commonbeat.community.places import places
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.activities.words import PROMISES, row_words
from commonbeat.interfaces.web.public.outcomes import chosen, fact_words, link_to, show_outcomes
from commonbeat.interfaces.web.public.shown import area_url, show_cards
from commonbeat.publishing import minutes
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.reads import BadMark, page_of

MOST = 50


@anyone
@require_GET
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Meetings to come to, then those that were, the latest first; by area."""
    at, area = timezone.now(), chosen(request)["area"]
    try:
        page = page_of(past(at=at, area=area), request.GET.get("at", ""), moment="starts_at")
    except BadMark:
        raise Http404 from None
    told = minutes.published(page.rows)
    kept = {"area": area} if area else {}
    calendar = reverse("meetings_calendar") + (f"?area={area}" if area else "")
    context = {
        "section": "meetings", "areas": places().serving, "area": area,
        "coming": [row_words(row, at) for row in coming(at=at, area=area)[:MOST]],
        "past": [row_words(row, at) | {"minutes": row.pk in told} for row in page.rows],
        "newer": link_to(kept, page.newer), "older": link_to(kept, page.older),
        "calendar": calendar, "subscribe": f"webcal://{urlsplit(settings.SITE_URL).netloc}{calendar}",
        "feed": reverse("meetings_feed") + (f"?area={area}" if area else ""),
        "area_name": places().areas[area].name if area else "",
    }  # fmt: skip
    return render(request, "pages/public/meetings/list.html", context)


def found_of(pk: int) -> Activity:
    """A meeting that everybody may read; 404 for any other."""
    found = Activity.objects.shown().select_related("host", "area").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@anyone
@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """One meeting in the reader's language; once they are published, its minutes and what became of the promises."""
    row, at, language = found_of(pk), timezone.now(), get_language() or "en"
    told = Publication.objects.filter(activity=row, state=Publication.State.PUBLISHED).first()
    cards = PublicCase.objects.shown(at).filter(case__came_of__activity=row).order_by("opened_at", "pk") if told else []
    said = row.said(language)
    own = all(said[name] == getattr(row, name) for name in ("title", "about"))
    context = {
        "section": "meetings", "one": row_words(row, at), "row": row, "agenda": _agenda(row, at=at),
        "item": show_outcomes([told], language=language)[0] if told else None,
        "facts": fact_words(fact for fact in told.facts if fact["label"] != minutes.PROMISED) if told else [],
        "promises": _promises(told) if told else [],
        "cards": show_cards(cards, language=language), "area_url": area_url(row.area) if row.area else "",
        "coming": row.ends_at > at, "lang": row.language if own and row.language != language else "",
    }  # fmt: skip
    return render(request, "pages/public/meetings/one.html", context)


def _agenda(row: Activity, *, at: Any) -> list[dict[str, Any]]:
    """What stands on the agenda in public words: promises only once a second person has published them."""
    items = agenda_of(row, at=at)
    known = minutes.reported_publicly(item.promise_id for item in items if item.promise_id)
    return [_point(item) for item in items if item.promise_id is None or item.promise_id in known]


def _point(item: AgendaItem) -> dict[str, Any]:
    if item.promise is None:
        return {"text": item.text}
    return {"text": item.promise.text, "promise": True, "state": _(PROMISES[item.promise.state])}


def _promises(told: Publication) -> list[dict[str, Any]]:
    """The promises of published minutes as they stand today; their words are those that were published."""
    named = {fact["promise"]: fact["params"]["promise"] for fact in told.facts if fact.get("promise")}
    rows = {row.pk: row for row in Promise.objects.filter(pk__in=named)}
    return [
        {"text": text, "state": _(PROMISES[rows[pk].state]), "due": rows[pk].due_on, "open": rows[pk].state == "open",
         "tone": {"kept": "done", "missed": "problem", "open": "waiting"}.get(rows[pk].state, "neutral")}
        for pk, text in named.items() if pk in rows
    ]  # fmt: skip
