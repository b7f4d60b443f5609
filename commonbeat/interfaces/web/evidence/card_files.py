"""Cards of readings as files: table, pictures, the words, data for programs, and a paper to print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonbeat.community.agency import current
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks import Shown
from commonbeat.evidence.readings import change_words, interval_words, value_words
from commonbeat.evidence.scorecard import looks
from commonbeat.evidence.scorecard.cards import Card
from commonbeat.interfaces.web.evidence.shown import TYPES, as_file
from commonbeat.interfaces.web.papers import pdf_answer, tagged_pdf

SORTS = (*TYPES, "json", "pdf")
TEMPLATE = Path(__file__).with_name("cards.typ")


def send(
    request: HttpRequest, cards: Sequence[Card], areas: AreaSet | None, sort: str, *, where: str, title: str, name: str
) -> HttpResponse:
    """Cards as a file of one of `SORTS`; 404 for others, and for a picture of nothing."""
    if sort not in SORTS:
        raise Http404
    shown = looks.show(cards, areas, where=where, whole=sort == "csv")
    if sort == "json":
        body = looks.as_data(cards, areas, where=where) | {"title": title}
        answer = HttpResponse(orjson.dumps(body, option=orjson.OPT_INDENT_2), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
        answer["Cache-Control"] = "private, no-cache"
        return answer
    if sort == "pdf":
        return pdf_answer(_paper(cards, shown, title=title, where=where), name)
    if sort in ("svg", "png") and not shown.spec:
        raise Http404
    notes = [line for line in (shown.period, *shown.left_out) if line]
    return as_file(request, shown, sort, title=title, notes=notes, name=name)


def _paper(cards: Sequence[Card], shown: Shown, *, title: str, where: str) -> bytes:
    from commonbeat.evidence.pictures import draw

    said = {
        "language": (translation.get_language() or "en").split("-")[0], "title": title, "agency": current().name,
        "printed": f"{_('Printed')} {date_format(timezone.localdate())}", "sentence": shown.sentence,
        "picture": bool(shown.spec), "alt": shown.sentence, "know": _("What to know before you compare"),
        "notes": [*shown.left_out, *shown.cautions],
        "heads": [_("Of what"), _("Number"), _("How many"), _("Period"), _("Change")],
        "rows": [[f"{_(card.dimension.title)}: {card.name}" if card.name else _(card.dimension.title),
                  f"{value_words(card.reading)} {interval_words(card.reading)}".strip() or card.reading.refused,
                  "" if card.reading.n is None else f"{card.reading.n:,}", card.reading.period,
                  change_words(card.reading)] for card in cards],
    }  # fmt: skip
    pictures = {"picture.svg": draw(shown.spec, "svg")} if shown.spec else {}
    return tagged_pdf(TEMPLATE, said, pictures=pictures)
