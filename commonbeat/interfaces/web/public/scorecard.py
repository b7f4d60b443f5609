"""The scorecard for residents: what the department published of its five numbers, in whole years and released waves."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.community.agency import current, setting
from commonbeat.evidence.public_numbers import public_measures
from commonbeat.evidence.scorecard import looks
from commonbeat.evidence.scorecard.cards import Card, cards
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.evidence.card_files import send
from commonbeat.interfaces.web.evidence.scorecard import Where, by_area, files, tile


@anyone
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The five that are published, of the whole or one area; each of the others says that it is not."""
    where = Where(request)
    found = cards(where.areas, area=where.place, public=True)
    tables = {row.slug for row in public_measures()}
    context = {
        "section": "numbers", "tiles": [tile(card, _url(card, tables)) for card in found],
        "sentence": looks.show(found, None, where=where.name, whole=False).sentence,
        "where": where.name, "areas": where.choices, "area": where.code, "no_total": _(looks.NO_TOTAL),
        "chance": _(looks.CHANCE), "table": by_area(found, where.areas), "minimum": setting("minimum_count"),
        "answers": setting("minimum_answers"),
        "files": files("public_scorecard_file", {"area": where.code}, picture=bool(looks.picture(found))),
    }  # fmt: skip
    return render(request, "pages/public/scorecard.html", context)


def _url(card: Card, tables: set[str]) -> str:
    """Where residents read the whole of it, if there is such a page."""
    if card.where[:1] == ("measure",) and card.where[1] in tables:
        return reverse("public_number", args=[card.where[1]])
    if card.where[:1] == ("question",):
        return f"{reverse('public_survey', args=[card.where[2]])}?{urlencode({'question': card.where[3]})}"
    return ""


@anyone
@require_safe
def download(request: HttpRequest, sort: str) -> HttpResponse:
    """The same as a file."""
    where = Where(request)
    found = cards(where.areas, area=where.place, public=True)
    title = f"{current().name} – {looks.heading(where.name)}"
    return send(request, found, where.areas, sort, where=where.name, title=title, name="scorecard")
