"""“You said, we did”: what was published, to be filtered, read and followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from commonbeat.cases.categories import categories
from commonbeat.cases.finding import grouped
from commonbeat.cases.kind import KINDS
from commonbeat.community.places import places
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.public.shown import area_of, area_url, card_photos, category_name
from commonbeat.publishing.models import Publication, PublicCase
from commonbeat.publishing.reads import BadMark, outcomes, page_of, words_of

PERIODS = {"month": 31, "quarter": 92, "year": 366}


def show_outcomes(rows: Iterable[Publication], *, language: str) -> list[dict[str, Any]]:
    """Publications as list items in the reader's language, or in the one they were written in, marked as such."""
    shown = []
    for row in rows:
        words, area = words_of(row, language=language), area_of(row.area_id)
        category = category_name(row.category_id, language)
        shown.append(
            {
                "pk": row.pk, "url": f"/outcomes/{row.pk}/", "title": words.title or category or _("What was done"),
                "said": words.said, "did": words.did, "category": category, "area": area,
                "area_url": area_url(area) if area else "", "published_at": row.published_at, "machine": words.machine,
                "language": words.language, "direction": direction_of(words.language), "facts": fact_words(row.facts),
                "other_language": words.language.split("-")[0] != language.split("-")[0],
                "language_name": language_name(words.language),
            }
        )  # fmt: skip
    return shown


def fact_words(facts: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The facts of a publication in the reader's language: numbers and judgements beside its words."""
    shown = []
    for fact in facts:
        if "outcome" in fact:
            kind, slug = fact["outcome"]
            found = KINDS[kind].workflow.outcome(slug) if kind in KINDS else None
            text = _(found.public) if found else ""
        else:
            text = _(fact["text"]) % fact["params"]
        if text:
            shown.append({"term": _(fact["label"]), "text": text})
    return shown


def direction_of(code: str) -> str:
    """Which way a language is read; the browser finds out for one that we do not know."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:
        return "auto"


def language_name(code: str) -> str:
    """What the reader calls a language; its code for one that we do not know."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def chosen(request: HttpRequest) -> dict[str, int | None]:
    """Area and category of the address, if they are known ones."""
    values: dict[str, int | None] = {}
    for name, known in (("area", places().areas), ("category", categories())):
        given = request.GET.get(name, "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 12 else None
        values[name] = number if number in known else None
    return values


@anyone
@require_GET
def outcome_list(request: HttpRequest) -> HttpResponse:
    """Published outcomes, newest first, by area, category and period."""
    language, filters, period = get_language() or "en", chosen(request), request.GET.get("period", "")
    since = timezone.now() - dt.timedelta(days=PERIODS[period]) if period in PERIODS else None
    rows = outcomes(area=filters["area"], category=filters["category"], since=since)
    try:
        page = page_of(rows, request.GET.get("at", ""), moment="published_at")
    except BadMark:
        raise Http404 from None
    kept = {name: value for name, value in (*filters.items(), ("period", period if since else "")) if value}
    feed = {name: value for name, value in kept.items() if name != "period"}
    context = {
        "section": "outcomes", "items": show_outcomes(page.rows, language=language),
        "newer": link_to(kept, page.newer), "older": link_to(kept, page.older), "filters": filters, "period": period,
        "areas": places().serving, "groups": category_options(language), "filtered": bool(kept),
        "feed_url": f"feed/{'?' + urlencode(feed) if feed else ''}",
    }  # fmt: skip
    return render(request, "pages/public/outcomes.html", context)


def link_to(kept: dict[str, Any], mark: str | None) -> str:
    """The address of another page of the same list; empty where there is none."""
    return f"?{urlencode({**kept, 'at': mark})}" if mark else ""


def category_options(language: str) -> list[tuple[str, list[tuple[int, str]]]]:
    """Categories for a filter of public pages, under their groups: those whose cases the public may see."""
    groups = (
        (name, [(k.row.pk, k.text(language).name) for k in rows if KINDS[k.row.kind].public])
        for name, rows in grouped(language=language)
    )
    return [(name, rows) for name, rows in groups if rows]


@anyone
@require_GET
def outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """One published outcome; a withdrawn one is gone."""
    found = outcomes().filter(pk=pk).first()
    if found is None:
        raise Http404
    card = PublicCase.objects.shown(timezone.now()).filter(pk=found.case_number).first() if found.case_number else None
    item = show_outcomes([found], language=get_language() or "en")[0]
    context = {"section": "outcomes", "item": item, "card": card, "photos": card_photos(card) if card else []}
    return render(request, "pages/public/outcome.html", context)
