"""One box that finds cases of every kind, organisations, areas, categories, studies and pages of the office.

People are found apart, by a form that asks for a reason: no address of a page ever names one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from commonbeat.activities.models import Activity
from commonbeat.cases import inbox as lists
from commonbeat.cases.finding import find_categories
from commonbeat.cases.inbox import Wanted, desk_of
from commonbeat.cases.models import Case
from commonbeat.cases.person_search import READERS as FINDERS_OF_PEOPLE
from commonbeat.cases.person_search import find_people
from commonbeat.community.models import Organisation
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.ids import reference
from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.studies.models import Study
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.activities.words import when
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.lists import row_words
from commonbeat.interfaces.web.forms import say as say_problem
from commonbeat.interfaces.web.office.home import GROUPS
from commonbeat.interfaces.web.public.shown import area_url

CASES_SHOWN = 10
MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: what it is called, where it is (nowhere, when there is no page for this reader)."""

    title: str
    url: str = ""
    text: str = ""


@dataclass(frozen=True)
class Finder:
    """One group of what is found; `find` returns no more than `MOST`, and only what the actor may know of."""

    slug: str
    title: str
    find: Callable[[str, Actor], list[Hit]]


FINDERS: Registry[Finder] = Registry("finder")


def _organisations(words: str, actor: Actor) -> list[Hit]:
    editing = may_open(actor, "office_organisation_list")
    rows = Organisation.objects.filter(name__icontains=words, retired_at=None).order_by("name")[:MOST]
    return [
        Hit(row.name, reverse("office_organisation_edit", args=[row.pk]) if editing else "", row.phone or row.email)
        for row in rows
    ]


def _areas(words: str, actor: Actor) -> list[Hit]:
    sought = words.casefold()
    found = [
        area for area in places().areas.values() if sought in area.name.casefold() or sought == area.code.casefold()
    ]
    found.sort(key=lambda area: (not area.serves, area.name))
    return [Hit(area.name, area_url(area), area.level.replace("_", " ")) for area in found[:MOST]]


def _categories(words: str, actor: Actor) -> list[Hit]:
    language = get_language() or "en"
    return [
        Hit(known.text(language).name, "/desk/?" + urlencode({"view": "all", "category": known.row.pk}),
            known.text(language).group)
        for known in find_categories(words, most=MOST)
    ]  # fmt: skip


def _studies(words: str, actor: Actor) -> list[Hit]:
    if not may_open(actor, "studies"):
        return []
    rows = Study.objects.filter(title__icontains=words).order_by("-created_at")[:MOST]
    return [Hit(row.title, reverse("study", args=[row.pk])) for row in rows]


def _meetings(words: str, actor: Actor) -> list[Hit]:
    rows = Activity.objects.visible_to(actor).filter(Q(title__icontains=words) | Q(place__icontains=words))
    found = rows.order_by("-starts_at")[:MOST]
    return [Hit(row.title, reverse("meeting", args=[row.pk]), when(row)) for row in found]


def _office(words: str, actor: Actor) -> list[Hit]:
    sought = words.casefold()
    cards = [card for _title, cards in GROUPS for card in cards]
    fitting = [card for card in cards if sought in f"{card.title} {card.text}".casefold()]
    return [
        Hit(str(card.title), reverse(card.route), str(card.text)) for card in fitting if may_open(actor, card.route)
    ]


for _finder in (
    Finder("categories", N_("Categories"), _categories),
    Finder("areas", N_("Areas"), _areas),
    Finder("organisations", N_("Partner organisations"), _organisations),
    Finder("meetings", N_("Meetings"), _meetings),
    Finder("studies", N_("Studies"), _studies),
    Finder("office", N_("Administration"), _office),
):
    FINDERS.add(_finder)


def _words(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:200]


@never_cache
@staff()
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found, group by group; words that are a reference lead straight to the case."""
    at, actor, words = timezone.now(), actor_of(request), _words(request.GET.get("q", ""))
    number = lists.reference_in(words) if words else None
    if number and Case.objects.visible_to(actor).filter(pk=number).exists():
        return HttpResponseRedirect(f"/desk/{reference(number)}/")
    return _page(request, actor, words, at=at)


def _page(request: HttpRequest, actor: Actor, words: str, *, at: dt.datetime, **more: Any) -> HttpResponse:
    cases, is_more = _cases(request, actor, words, at=at) if words else ([], False)
    groups = [(gettext(one.title), one.find(words, actor)) for one in FINDERS] if len(words) > 1 else []
    context = {
        "words": words, "cases": cases, "more": is_more, "section": "search",
        "all_url": "/desk/?" + urlencode({"view": "all", "q": words}),
        "groups": [group for group in groups if group[1]], "may_find_people": actor.has(*FINDERS_OF_PEOPLE),
        "reason": request.POST.get("reason", ""), **more,
    }  # fmt: skip
    return render(request, "pages/desk/search.html", context, status=422 if more.get("problem") else 200)


def _cases(request: HttpRequest, actor: Actor, words: str, *, at: dt.datetime) -> tuple[list[dict[str, Any]], bool]:
    """The newest cases that say these words: the same statement as the inbox, so it is as fast with a million."""
    desk = desk_of(actor, request.user, at=at)  # type: ignore[arg-type]
    page = lists.page(Wanted(view="all", q=words), desk, at=at)
    shown = say.words(at=at)
    rows = [row_words(row, shown, inside=desk.inside) for row in page.rows[:CASES_SHOWN]]
    return rows, len(page.rows) > CASES_SHOWN


@never_cache
@staff(*sorted(FINDERS_OF_PEOPLE))
@require_POST
def people(request: HttpRequest) -> HttpResponse:
    """People of these words, for those who may; the reason goes into the access log."""
    at, actor, words = timezone.now(), actor_of(request), _words(request.POST.get("q", ""))
    try:
        found = find_people(words, reason=request.POST.get("reason", ""), actor=actor, at=at)
    except Invalid as refused:
        problem = " ".join(say_problem(one) for one in refused.problems)
        return _page(request, actor, words, at=at, problem=problem)
    return _page(request, actor, words, at=at, people=found, looked=True)
