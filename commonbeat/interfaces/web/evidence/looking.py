"""Measures: the list of them, and looks at one as a page, a picture, a table, a sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import local_day
from commonbeat.evidence.areas import AreaSet, NoAreas, area_set, sets
from commonbeat.evidence.measures import Measure, NoMeasure, measure, measures
from commonbeat.evidence.models import Refresh
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.shared import READERS, tabs
from commonbeat.interfaces.web.evidence.shown import TYPES, as_file, table
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.problem.shared_steps import STAFF as STARTERS

FIRST_LOOK = "trend"
GEOJSON = "geojson"
"""Of looks that are a map: areas only, never points."""
_PLACES = {"repeats", "near-repeats"}
"""Looks at single places: who opened them is noted."""


@staff(*READERS)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Every measure, how much is counted and from when to when."""
    level = _default_areas()
    counted = {row.measure: row for row in Refresh.objects.filter(areas=level)} if level else {}
    rows = []
    for one in measures():
        row = counted.get(one.slug)
        period = ""
        if row and row.first_on and row.last_on:
            period = f"{date_format(row.first_on, 'M Y')} – {date_format(row.last_on, 'M Y')}"
        cells = [
            {"text": _(one.name), "url": reverse("evidence_look", args=[one.slug, FIRST_LOOK])},
            {"text": f"{row.events:,}" if row else "", "number": True, "label": _("Events")},
            {"text": period or _("not counted yet"), "label": _("Months")},
            {"text": _("Incidents") if one.source else _("Our own records"), "label": _("Counted from")},
        ]
        rows.append({"cells": cells})
    columns = [{"label": _("Measure")}, {"label": _("Events"), "number": True}, {"label": _("Months")},
               {"label": _("Counted from")}]  # fmt: skip
    context = {"columns": columns, "rows": rows, "tabs": tabs("evidence"), "section": "evidence",
               "measures_url": reverse("office_measure_list"), "due": _waves_due(),
               "surveys": {"url": reverse("surveys"), "label": _("Surveys")}}  # fmt: skip
    return render(request, "pages/evidence/home.html", context)


def _waves_due() -> list[str]:
    """Waves of surveys that are late or due within a month."""
    from commonbeat.evidence.surveys.due import pressing
    from commonbeat.interfaces.web.evidence.surveys.pages import due_words

    return [f"{one.series.name}: {due_words(one)}" for one in pressing(today=local_day(timezone.now()))]


def _default_areas() -> str:
    from commonbeat.evidence.observing import serving_set

    found = serving_set()
    return found.slug if found else ""


def _month(text: str) -> dt.date | None:
    """A month as it is typed (2012-04), or None when nothing was. Raises `ValueError`."""
    text = text.strip()
    return dt.datetime.strptime(text[:7], "%Y-%m").date() if text else None


def _areas(slug: str, one: Measure) -> AreaSet:
    """The areas asked for, or those that concerns are filed under, or any."""
    from commonbeat.evidence.observing import serving_set

    if slug:
        try:
            return area_set(slug)
        except NoAreas:
            raise Http404 from None
    found = serving_set() or next((area_set(f"{level}@{revision}") for level, revision, _used in sets()), None)
    if found is None:
        raise Http404
    return found


class _Asked:
    """What the address asks for; `problems` are words about what cannot be read."""

    def __init__(self, request: HttpRequest, slug: str, look: str) -> None:
        from commonbeat.evidence.looks import LOOKS, Ask

        try:
            self.measure = measure(slug)
        except NoMeasure:
            raise Http404 from None
        if look not in LOOKS or not LOOKS[look].fits(self.measure):
            raise Http404
        self.look, self.problems = LOOKS[look], []
        months: dict[str, dt.date | None] = {}
        for name in ("first", "last"):
            try:
                months[name] = _month(request.GET.get(name, ""))
            except ValueError:
                self.problems.append(
                    {"text": _("Write months as year and month, such as 2012-04."), "href": f"#{name}"}
                )
        if months.get("first") and months.get("last") and months["first"] > months["last"]:  # type: ignore[operator]
            self.problems.append({"text": _("The first month lies after the last. Turn them round."), "href": "#first"})
            months = {}
        areas = _areas(request.GET.get("areas", ""), self.measure)
        self.ask = Ask(self.measure, areas, months.get("first"), months.get("last"), bool(request.GET.get("rate")))

    def query(self) -> str:
        """The part of an address that asks the same again."""
        ask = self.ask
        given = {"areas": ask.areas.slug, "first": f"{ask.first:%Y-%m}" if ask.first else "",
                 "last": f"{ask.last:%Y-%m}" if ask.last else "", "rate": "1" if ask.rate else ""}  # fmt: skip
        return urlencode({name: value for name, value in given.items() if value})


@staff(*READERS)
@require_safe
def look(request: HttpRequest, measure: str, look: str) -> HttpResponse:
    """One look at one measure: the sentence, the picture, the table, and what they leave out."""
    from commonbeat.evidence.looks import LOOKS, BeingCounted, CannotLook

    asked = _Asked(request, measure, look)
    query, one = asked.query(), asked.measure
    looks = [
        {"url": f"{reverse('evidence_look', args=[measure, item.slug])}?{query}", "label": _(item.title),
         "current": item.slug == look}
        for item in LOOKS if item.fits(one)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "measure": one, "name": _(one.name), "says": _(one.says) if one.says else "", "look": asked.look,
        "look_says": _(asked.look.says), "looks": looks, "ask": asked.ask, "errors": asked.problems,
        "areas": _choices(one), "first": request.GET.get("first", ""), "last": request.GET.get("last", ""),
        "section": "evidence", "refused": "", "may_start": actor_of(request).has(*STARTERS),
    }  # fmt: skip
    try:
        shown = asked.look.show(asked.ask)
    except CannotLook as refused:
        context["refused"] = str(refused)
    except BeingCounted as counting:
        context |= {"counting": True, "percent": round(counting.share * 100)}
    else:
        _note(request, asked)
        base = reverse("evidence_file", args=[measure, look, "svg"]).removesuffix("svg")
        context |= {"shown": shown, "table": table(shown), "n": f"{shown.n:,}", "more": len(shown.rows) - shown.most,
                    "files": {sort: f"{base}{sort}?{query}" for sort in (*TYPES, GEOJSON)}}  # fmt: skip
    return render(request, "pages/evidence/look.html", context, status=422 if asked.problems else 200)


def _note(request: HttpRequest, asked: _Asked) -> None:
    """Addresses point at people: who opens a list of them is noted."""
    if asked.look.slug in _PLACES and asked.measure.source:
        log_access("source", asked.measure.source, f"looked at places ({asked.look.slug})", actor=actor_of(request),
                   at=timezone.now())  # fmt: skip


def _choices(one: Measure) -> list[tuple[str, str]]:
    """The sets of areas that this measure is counted for."""
    known = set(Refresh.objects.filter(measure=one.slug, first_on__isnull=False).values_list("areas", flat=True))
    found = []
    for level, revision, used in sets():
        slug = f"{level}@{revision}"
        if slug in known:
            words = f"{level.replace('_', ' ').capitalize()} ({revision})"
            found.append((slug, words if used else _("%(areas)s, out of use") % {"areas": words}))
    return found


@staff(*READERS)
@require_safe
def download(request: HttpRequest, measure: str, look: str, sort: str) -> HttpResponse:
    """A look as a file: picture, table, or the sentence with what it leaves out."""
    from commonbeat.evidence.looks import BeingCounted, CannotLook

    if sort not in TYPES and sort != GEOJSON:
        raise Http404
    asked = _Asked(request, measure, look)
    try:
        shown = asked.look.show(asked.ask)
    except CannotLook as refused:
        return HttpResponse(str(refused), status=404, content_type="text/plain; charset=utf-8")
    except BeingCounted:
        later = {"Retry-After": "5", "Cache-Control": "no-store"}
        return HttpResponse(_("This is being counted. Ask again in a few seconds."), status=503, headers=later,
                            content_type="text/plain; charset=utf-8")  # fmt: skip
    _note(request, asked)
    if sort == GEOJSON:
        return _geojson(request, asked, shown, f"{measure}-{look}")
    return as_file(
        request, shown, sort, title=f"{_(asked.measure.name)}: {_(asked.look.title)}", notes=_notes(shown),
        name=f"{measure}-{look}", notice=asked.measure.notice,
    )  # fmt: skip


def _geojson(request: HttpRequest, asked: _Asked, shown: Any, name: str) -> HttpResponse:
    """The areas as the map shows them; looks that are no map have none."""
    from commonbeat.evidence.looks.by_area import features

    if shown.painted is None:
        raise Http404
    body = features(asked.ask.areas, shown.painted) | {"name": _(asked.measure.name), "description": shown.sentence}
    answer = HttpResponse(orjson.dumps(body), content_type="application/geo+json")
    if "save" in request.GET:
        answer["Content-Disposition"] = f'attachment; filename="{name}.geojson"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _notes(shown: Any) -> list[str]:
    """n, period and what was left out, as each picture and text says them."""
    n = ngettext("%(n)s event", "%(n)s events", shown.n) % {"n": f"{shown.n:,}"}
    return [f"{shown.period} · {n}", *shown.left_out]
