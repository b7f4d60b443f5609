"""What residents say, for residents: waves of surveys that a second person released, with small numbers hidden."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import setting
from commonbeat.evidence.surveys.models import SurveyWave
from commonbeat.evidence.surveys.release import released
from commonbeat.interfaces.access import anyone

SHOWN = ("overview", "areas", "groups", "trend")


@anyone
@require_safe
def survey_list(request: HttpRequest) -> HttpResponse:
    """Every survey with a released wave."""
    rows: dict[int, dict[str, str]] = {}
    for wave in released():
        words = _("Last asked %(day)s, %(n)s answers") % {"day": date_format(wave.last_on), "n": f"{wave.n:,}"}
        url = reverse("public_survey", args=[wave.series.slug])
        rows.setdefault(wave.series_id, {"name": wave.series.name, "says": wave.series.says, "url": url, "last": words})
    return render(request, "pages/public/surveys/list.html", {"rows": list(rows.values()), "section": "surveys"})


def _latest(slug: str) -> SurveyWave:
    found = released().filter(series__slug=slug).first()
    if found is None:
        raise Http404
    return found


@anyone
@require_safe
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """One survey: all questions of its latest released wave, one of them by area, by group and over the waves."""
    from commonbeat.evidence.looks.asking import CannotLook
    from commonbeat.evidence.surveys.asking import SurveyAsk, cautions

    wave = _latest(slug)
    ask = SurveyAsk(wave, request.GET.get("question", ""), public=True)
    try:
        asked = ask.asked
    except CannotLook:
        raise Http404 from None
    context = {
        "series": wave.series, "wave": wave, "minimum": setting("minimum_answers"), "section": "surveys",
        "parts": [part for part in (_part(ask, look) for look in SHOWN) if part], "question": asked.key,
        "questions": [(one.key, one.text) for one in ask.frame.questions.values()], "cautions": cautions(ask.frame),
    }  # fmt: skip
    return render(request, "pages/public/surveys/show.html", context)


def _part(ask: Any, slug: str) -> dict[str, Any] | None:
    """One look as a part of the page; None where the wave cannot be looked at so."""
    from commonbeat.evidence.looks.asking import CannotLook
    from commonbeat.evidence.surveys.looks import SURVEY_LOOKS
    from commonbeat.interfaces.web.evidence.shown import table

    look = SURVEY_LOOKS[slug]
    if not look.fits(ask):
        return None
    try:
        shown = look.show(ask)
    except CannotLook:
        return None
    again = urlencode({"question": ask.asked.key})
    address = reverse("public_survey_file", args=[ask.wave.series.slug, slug, "csv"]).removesuffix("csv")
    people = ngettext("%(n)s person", "%(n)s people", shown.n) % {"n": f"{shown.n:,}"}
    return {
        "slug": slug, "title": _(look.title), "says": _(look.says), "shown": shown, "table": table(shown),
        "people": people, "csv": f"{address}csv?{again}", "picture": f"{address}svg?{again}" if shown.spec else "",
    }  # fmt: skip


@anyone
@require_safe
def survey_file(request: HttpRequest, slug: str, look: str, sort: str) -> HttpResponse:
    """A part of the page as a table or picture."""
    from commonbeat.interfaces.web.evidence.surveys.looking import send

    if look not in SHOWN:
        raise Http404
    return send(request, _latest(slug), look, sort, public=True)
