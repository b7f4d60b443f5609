"""Looks at a wave: as a page, a picture, a table, a sentence."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from commonbeat.evidence.surveys.actions import READERS
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.evidence.shown import TYPES, as_file, table
from commonbeat.interfaces.web.evidence.surveys.shared import find_wave


def asked(request: HttpRequest, wave: Any, *, public: bool = False) -> Any:
    """What the address asks for."""
    from commonbeat.evidence.surveys.looks import SurveyAsk

    get = request.GET
    return SurveyAsk(wave, get.get("question", ""), get.get("by", ""), get.get("answer", ""), public)


def query(ask: Any) -> str:
    """The part of an address that asks the same again."""
    given = {"question": ask.question, "by": ask.by, "answer": ask.figure}
    return urlencode({name: value for name, value in given.items() if value})


@staff(*READERS)
@require_safe
def look(request: HttpRequest, number: int, look: str) -> HttpResponse:
    """One look: the sentence, the picture, the table, and what they leave out."""
    from commonbeat.evidence.looks.asking import CannotLook
    from commonbeat.evidence.surveys.looks import SURVEY_LOOKS

    wave = find_wave(number)
    if look not in SURVEY_LOOKS:
        raise Http404
    ask, one = asked(request, wave), SURVEY_LOOKS[look]
    context: dict[str, Any] = {"wave": wave, "series": wave.series, "look": one, "look_says": _(one.says),
                               "title": _(one.title), "section": "surveys", "ask": ask}  # fmt: skip
    try:
        shown = one.show(ask)
        context |= {"looks": _looks(ask, look), **_choices(ask, one)}
    except CannotLook as refused:
        context["refused"] = str(refused)
        return render(request, "pages/surveys/look.html", context)
    base = reverse("survey_file", args=[number, look, "svg"]).removesuffix("svg")
    again = query(ask)
    sorts = [sort for sort in TYPES if shown.spec or sort not in ("svg", "png")]
    context |= {"shown": shown, "table": table(shown), "people": _people(shown.n),
                "files": {sort: f"{base}{sort}?{again}" for sort in sorts}}  # fmt: skip
    return render(request, "pages/surveys/look.html", context)


def _people(n: int) -> str:
    return ngettext("%(n)s person", "%(n)s people", n) % {"n": f"{n:,}"}


def _looks(ask: Any, current: str) -> list[dict[str, Any]]:
    from commonbeat.evidence.surveys.looks import SURVEY_LOOKS

    again = query(ask)
    return [{"url": f"{reverse('survey_look', args=[ask.wave.pk, item.slug])}?{again}", "label": _(item.title),
             "current": item.slug == current} for item in SURVEY_LOOKS if item.fits(ask)]  # fmt: skip


def _choices(ask: Any, one: Any) -> dict[str, Any]:
    """What can be chosen: a question, one of its answers, a group."""
    from commonbeat.evidence.surveys.figures import Counted

    frame = ask.frame
    found = [(question.key, question.text) for question in frame.questions.values()] if one.needs_question else []
    figures = Counted(frame, ask.asked).figures if one.needs_question else []
    return {
        "questions": found, "question": ask.asked.key if found else "",
        "answers": [(figure.key, figure.label) for figure in figures] if len(figures) > 1 else [],
        "groups": [(key, frame.group_name(key)) for key in frame.groups] if one.needs_group else [],
        "group": ask.group if one.needs_group else "",
    }  # fmt: skip


@staff(*READERS)
@require_safe
def download(request: HttpRequest, number: int, look: str, sort: str) -> HttpResponse:
    """A look as a file."""
    return send(request, find_wave(number), look, sort)


def send(request: HttpRequest, wave: Any, look: str, sort: str, *, public: bool = False) -> HttpResponse:
    """Picture, table, or the sentence with what it leaves out. Raises 404 where there is none."""
    from commonbeat.evidence.looks.asking import CannotLook
    from commonbeat.evidence.surveys.looks import SURVEY_LOOKS

    if sort not in TYPES or look not in SURVEY_LOOKS:
        raise Http404
    try:
        shown = SURVEY_LOOKS[look].show(asked(request, wave, public=public))
    except CannotLook as refused:
        return HttpResponse(str(refused), status=404, content_type="text/plain; charset=utf-8")
    if sort in ("svg", "png") and not shown.spec:
        raise Http404
    notes = [f"{shown.period} · {_people(shown.n)}", *shown.left_out]
    title = f"{wave.series.name}: {_(SURVEY_LOOKS[look].title)}"
    return as_file(request, shown, sort, title=title, notes=notes, name=f"{wave.series.slug}-{look}")
