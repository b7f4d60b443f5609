"""The scorecard, and reporting beside recorded crime: pages of stored numbers, and as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.community.agency import current
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.observing import serving_set
from commonbeat.evidence.readings import change_words, interval_words, value_words
from commonbeat.evidence.scorecard import looks
from commonbeat.evidence.scorecard import reporting as parts
from commonbeat.evidence.scorecard.cards import Card, cards
from commonbeat.evidence.surveys.actions import READERS as WHO
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.evidence.card_files import SORTS, send
from commonbeat.interfaces.web.evidence.shared import READERS, tabs

_TONES = {1: "up", -1: "down", 0: "same"}


class Where:
    """The area that an address asks for: its place in the set, and its name. 404 for one that there is not."""

    def __init__(self, request: HttpRequest) -> None:
        self.areas: AreaSet | None = serving_set(outlines=False)
        self.code = request.GET.get("area", "")
        codes = self.areas.codes if self.areas else ()
        if self.code and self.code not in codes:
            raise Http404
        self.place = codes.index(self.code) if self.code else None
        rows = self.areas.rows if self.areas else ()
        self.name = rows[self.place].name if self.place is not None else _("the whole city")
        self.choices = [("", _("The whole city")), *((row.code, row.name) for row in rows)]


def tile(card: Card, url: str = "") -> dict[str, Any]:
    """One card in short lines."""
    told = card.reading
    return {
        "slug": card.dimension.slug, "title": _(card.dimension.title), "asks": _(card.dimension.asks) if
        card.dimension.asks else "", "fits": _(card.dimension.fits) if card.dimension.fits else "", "name": card.name,
        "noun": card.noun if told.unit in ("percent", "mean") and card.where[:1] == ("question",) else "",
        "value": value_words(told), "interval": interval_words(told), "refused": told.refused, "period": told.period,
        "n": "" if told.n is None else f"{told.n:,}", "change": change_words(told) if told.value is not None else "",
        "before": value_words(told, before=True), "left_out": told.left_out, "says": card.says, "credit": card.credit,
        "url": url, "moved": _TONES[told.change.direction] if told.change else "", "chosen": bool(card.name),
    }  # fmt: skip


def by_area(found: Sequence[Card], areas: AreaSet | None) -> dict[str, Any]:
    """Areas × cards: each number with whether it clearly changed."""
    shown = [card for card in found if card.of]
    columns = [{"label": _("Area")}, *({"label": _(card.dimension.title), "number": True} for card in shown)]
    rows = []
    for place, row in enumerate(areas.rows if areas else ()):
        cells: list[dict[str, Any]] = [{"text": row.name}]
        for card in shown:
            told = card.of(place) if card.of else card.reading
            text = value_words(told) if told.value is not None else "*" if told.refused else ""
            cells.append({"text": f"{text} {_arrow(told)}".strip(), "number": True, "label": _(card.dimension.title)})
        rows.append({"cells": cells})
    return {"columns": columns, "rows": rows if shown else []}


def _arrow(told: Any) -> str:
    moved = told.change.direction if told.change else 0
    return _("(more)") if moved > 0 else _("(fewer)") if moved < 0 else ""


def desk_url(card: Card) -> str:
    """Where staff read the whole of it."""
    if card.where[:1] == ("measure",):
        return reverse("evidence_look", args=[card.where[1], "trend"])
    if card.where[:1] == ("question",):
        return f"{reverse('survey_look', args=[card.where[1], 'areas'])}?{urlencode({'question': card.where[3]})}"
    return ""


def files(name: str, query: dict[str, str], *, picture: bool) -> dict[str, str]:
    """Addresses of the files, by sort."""
    again = urlencode({key: value for key, value in query.items() if value})
    sorts = [sort for sort in SORTS if picture or sort not in ("svg", "png")]
    return {sort: f"{reverse(name, args=[sort])}?{again}" for sort in sorts}


def _tabs(request: HttpRequest, current_tab: str) -> list[dict[str, Any]]:
    return tabs(current_tab) if actor_of(request).has(*READERS) else []


@staff(*WHO)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The five side by side, of the whole or one area."""
    where = Where(request)
    found = cards(where.areas, area=where.place)
    context = {
        "section": "evidence", "tabs": _tabs(request, "scorecard"), "tiles": [tile(c, desk_url(c)) for c in found],
        "sentence": looks.show(found, None, where=where.name, whole=False).sentence,
        "where": where.name, "areas": where.choices, "area": where.code, "no_total": _(looks.NO_TOTAL),
        "chance": _(looks.CHANCE), "table": by_area(found, where.areas),
        "files": files("scorecard_file", {"area": where.code}, picture=bool(looks.picture(found))),
        "choose": reverse("office_scorecard_list") if may_open(actor_of(request), "office_scorecard_list") else "",
        "public": reverse("public_scorecard"),
    }  # fmt: skip
    return render(request, "pages/evidence/scorecard.html", context)


@staff(*WHO)
@require_safe
def download(request: HttpRequest, sort: str) -> HttpResponse:
    """The same as a file."""
    where = Where(request)
    found = cards(where.areas, area=where.place)
    title = f"{current().name} – {looks.heading(where.name)}"
    return send(request, found, where.areas, sort, where=where.name, title=title, name="scorecard")


class _Beside:
    """Reporting beside a measure of incidents, as an address asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.where = Where(request)
        wanted = request.GET.get("measure", "")
        self.offered, self.crime = parts.recorded(wanted)
        if wanted and (self.crime is None or self.crime.slug != wanted):
            raise Http404
        self.cards = parts.parts(self.crime, self.where.areas, area=self.where.place, at=timezone.now()) if (
            self.where.areas
        ) else []  # fmt: skip
        self.caveat = parts.caveat(self.cards)


@staff(*WHO)
@require_safe
def reporting(request: HttpRequest) -> HttpResponse:
    """What is recorded, and how willing people are to report, each a number of its own."""
    asked = _Beside(request)
    where, crime = asked.where, asked.crime
    query = {"area": where.code, "measure": crime.slug if crime else ""}
    may_mark = may_open(actor_of(request), "office_surveyquestion_list")
    context = {
        "section": "evidence", "tabs": _tabs(request, "reporting"), "where": where.name, "areas": where.choices,
        "area": where.code, "measures": [(one.slug, _(one.name)) for one in asked.offered],
        "measure": crime.slug if crime else "", "caveat": asked.caveat, "apart": _(parts.APART),
        "tiles": [tile(card, desk_url(card)) for card in asked.cards], "table": by_area(asked.cards, where.areas),
        "sentence": " ".join(looks.say(card) for card in asked.cards[:2]), "none": not asked.cards,
        "files": files("reporting_file", query, picture=bool(looks.picture(asked.cards))),
        "mark": reverse("office_surveyquestion_list") if may_mark else "",
    }  # fmt: skip
    return render(request, "pages/evidence/reporting.html", context)


@staff(*WHO)
@require_safe
def reporting_download(request: HttpRequest, sort: str) -> HttpResponse:
    """The same as a file."""
    asked = _Beside(request)
    title = _("Reporting beside recorded incidents: %(where)s") % {"where": asked.where.name}
    return send(request, asked.cards, asked.where.areas, sort, where=asked.where.name, title=title, name="reporting")
