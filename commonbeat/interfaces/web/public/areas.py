"""Areas: their concerns as public cards, their officer, their map; and the page of one card."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from commonbeat.activities.reads import coming
from commonbeat.cases.kind import KINDS
from commonbeat.community.agency import setting
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.numbers import Suppressed
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.activities.words import row_words
from commonbeat.interfaces.web.public.officers import show_officers
from commonbeat.interfaces.web.public.outcomes import category_options, chosen, link_to, show_outcomes
from commonbeat.interfaces.web.public.shown import area_of, area_url, category_name, show_cards
from commonbeat.publishing.models import PublicCase
from commonbeat.publishing.reads import BadMark, cards, count_cards, outcomes, page_of, words_of

STATES = {"open": False, "solved": True}
NEXT = 2
"""So many of the coming meetings stand on the page of an area."""


@anyone
@require_GET
def area_list(request: HttpRequest) -> HttpResponse:
    """Every area, as a list and on a map."""
    areas = [{"name": area.name, "url": area_url(area)} for area in places().serving]
    return render(request, "pages/public/areas.html", {"section": "areas", "areas": areas})


@anyone
@require_GET
def area(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    """What is open and what was solved in an area, from public cards only."""
    found = area_of(pk)
    if found is None or not found.serves:
        raise Http404
    if request.path != area_url(found):
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{area_url(found)}{'?' + query if query else ''}", permanent=False)
    language, at = get_language() or "en", timezone.now()
    category, state = chosen(request)["category"], request.GET.get("state", "")
    rows = cards(at=at, area=pk, category=category, closed=STATES.get(state))
    try:
        page = page_of(rows, request.GET.get("at", ""), moment="opened_at")
    except BadMark:
        raise Http404 from None
    kept = {
        name: value for name, value in (("category", category), ("state", state if state in STATES else "")) if value
    }
    done = outcomes(area=pk).order_by("-published_at", "-pk")[:3]
    context: dict[str, Any] = {
        "section": "areas", "area": found, "cards": show_cards(page.rows, language=language),
        "newer": link_to(kept, page.newer), "older": link_to(kept, page.older), "category": category, "state": state,
        "groups": category_options(language), "filtered": bool(kept), "done": show_outcomes(done, language=language),
        "meetings": [row_words(row, at) for row in coming(at=at, area=pk)[:NEXT]],
        "counts": _counts(found), "category_name": category_name(category, language),
        **show_officers(found, language=language),
    }  # fmt: skip
    return render(request, "pages/public/area.html", context)


def _counts(area: Area) -> list[dict[str, Any]]:
    """Open and solved, each as a number, or as "fewer than" the agency's minimum."""
    numbers = zip(("open", "solved"), count_cards(area.pk, at=timezone.now()), strict=True)
    least = setting("minimum_count")
    return [
        {
            "name": name,
            "few": isinstance(number, Suppressed),
            "number": least if isinstance(number, Suppressed) else number,
        }
        for name, number in numbers
    ]


@anyone
@require_GET
def card(request: HttpRequest, reference: str) -> HttpResponse:
    """The public card of a case: the category, about where, and how it stands."""
    try:
        number = parse_reference(reference)
    except BadReference:
        raise Http404 from None
    found = PublicCase.objects.shown(timezone.now()).filter(pk=number).first()
    if found is None:
        raise Http404
    language, where = get_language() or "en", area_of(found.area_id)
    state = KINDS[found.kind].workflow.state(found.state)
    told = outcomes().filter(case_number=found.pk).first()
    shown = show_cards([found], language=language)[0]
    if told:  # the published words in the reader's language, where there are some
        words = words_of(told, language=language, by_people=True)
        shown |= {"answer": words.did, "text": words.said}
    context = {
        "section": "areas", "card": shown, "area": where, "area_url": area_url(where) if where else "",
        "closed": state.closed, "case": found, "outcome": told,
    }  # fmt: skip
    return render(request, "pages/public/card.html", context)
