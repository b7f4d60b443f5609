"""Statistics of each kind of case: numbers with what they mean, tables, a picture, and a file to take away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases import statistics as numbers
from commonbeat.cases.statistics import LINES, SPANS, TABLES, Months, Row, Span, Statistics
from commonbeat.community.agency import setting
from commonbeat.core.numbers import Suppressed, show
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.csv_files import private_table
from commonbeat.interfaces.web.desk import words as say


def _read(request: HttpRequest, slug: str) -> tuple[Statistics, bool]:
    """The numbers that an address asks for; a kind that this person does not read does not exist."""
    at, actor = timezone.now(), actor_of(request)
    kind = next((one for one in numbers.readable(actor) if one.slug == slug), None)
    if kind is None:
        raise Http404
    months, right = Months.read(request.GET.get("first", "")[:10], request.GET.get("last", "")[:10], at=at)
    return numbers.count(kind, months, actor=actor, at=at), right


@staff()
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """The first kind that somebody reads."""
    found = numbers.readable(actor_of(request))
    if not found:
        return render(request, "pages/desk/statistics.html", {"section": "statistics", "kinds": []})
    return redirect("kind_statistics", slug=found[0].slug)


@never_cache
@staff()
@require_safe
def of_kind(request: HttpRequest, slug: str) -> HttpResponse:
    """One kind: every number beside its definition."""
    found, right = _read(request, slug)
    query = _query(found.months)
    address = f"/desk/statistics/{slug}"
    context = {
        "kinds": [
            {"label": gettext(one.plural), "url": f"/desk/statistics/{one.slug}/?{query}", "current": one.slug == slug}
            for one in numbers.readable(actor_of(request))
        ],
        "title": gettext(found.kind.plural), "found": found, "lines": _lines(found), "spans": _spans(found),
        "tables": [_table(name, found) for name in TABLES], "minimum": setting("minimum_count"),
        "first": f"{found.months.first:%Y-%m}", "last": f"{found.months.last:%Y-%m}", "wrong": not right,
        "period": _period(found.months), "csv": f"{address}.csv?{query}", "svg": f"{address}.svg?{query}",
        "section": "statistics",
    }  # fmt: skip
    return render(request, "pages/desk/statistics.html", context, status=200 if right else 422)


def _query(months: Months) -> str:
    return urlencode({"first": f"{months.first:%Y-%m}", "last": f"{months.last:%Y-%m}"})


def _period(months: Months) -> str:
    first, last = date_format(months.first, "F Y"), date_format(months.last, "F Y")
    return first if first == last else gettext("%(first)s to %(last)s") % {"first": first, "last": last}


def _lines(found: Statistics) -> list[dict[str, str]]:
    return [
        {"name": gettext(name), "says": gettext(says), "n": show(found.counts[slug])}
        for slug, (name, says) in LINES.items()
    ]


def _spans(found: Statistics) -> list[dict[str, str]]:
    return [
        {"name": gettext(SPANS[slug][0]), "says": gettext(SPANS[slug][1]), "n": _span_words(span)}
        for slug, span in found.spans.items()
    ]


def _span_words(span: Span) -> str:
    if span.median is None or span.ninth is None:
        return gettext("too few cases")
    return gettext("half took up to %(median)s, nine of ten up to %(ninth)s (%(n)s cases)") % {
        "median": number_format(round(span.median, 1)), "ninth": number_format(round(span.ninth, 1)), "n": show(span.n),
    }  # fmt: skip


def _name(table: str, row: Row, found: Statistics, shown: say.Words) -> str:
    match table:
        case "month":
            return date_format(row.key, "F Y")
        case "outcome":
            return say.outcome_label(found.kind.slug, row.key)
        case "area":
            return shown.area(row.key) or gettext("No area")
        case _:
            return shown.category(row.key) or gettext("No category")


def _table(name: str, found: Statistics) -> dict[str, Any]:
    shown, rows = say.words(at=timezone.now()), found.tables[name]
    counted = list(rows[0].counts) if rows else []
    labels = [gettext(LINES[one][0]) for one in counted]
    return {
        "slug": name, "caption": gettext(TABLES[name]),
        "columns": [{"label": gettext(TABLES[name])}, *({"label": label, "number": True} for label in labels)],
        "rows": [
            {"cells": [{"text": _name(name, row, found, shown)}, *(
                {"text": show(row.counts[one]), "number": True, "label": label}
                for one, label in zip(counted, labels, strict=True)
            )]}
            for row in rows
        ],
    }  # fmt: skip


@never_cache
@staff()
@require_safe
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as CSV; hidden ones as `<5` or a star."""
    found, _right = _read(request, slug)
    return private_table(f"{slug}-{found.months.first:%Y-%m}", _cells(found))


def _cells(found: Statistics) -> Iterator[tuple[str, str, str, str]]:
    yield "table", "row", "number", "value"
    shown = say.words(at=timezone.now())
    for name, n in found.counts.items():
        yield "all", _period(found.months), name, show(n)
    for name, span in found.spans.items():
        for part, days in (("median", span.median), ("ninth_decile", span.ninth)):
            yield "days", name, part, "" if days is None else f"{days:.2f}"
    for name in TABLES:
        for row in found.tables[name]:
            for counted, n in row.counts.items():
                yield name, _name(name, row, found, shown), counted, show(n)


@never_cache
@staff()
@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Months as a picture: what came and what was closed."""
    from commonbeat.evidence.pictures import draw

    found, _right = _read(request, slug)
    values = [
        {"month": f"{row.key:%Y-%m}-01", "n": n, "what": gettext(LINES[name][0])}
        for row in found.tables["month"] for name, n in row.counts.items() if not isinstance(n, Suppressed)
    ]  # fmt: skip
    answer = HttpResponse(draw(_spec(values, found), "svg"), content_type="image/svg+xml")
    answer["Cache-Control"] = "private, no-store"
    return answer


def _spec(values: list[dict[str, Any]], found: Statistics) -> dict[str, Any]:
    names = [gettext(LINES[name][0]) for name in ("opened", "closed")]
    several = found.months.first != found.months.last
    return {
        "width": 620, "height": 260, "data": {"values": values},
        "mark": {"type": "line" if several else "bar", "point": several},
        "encoding": {
            "x": {"field": "month", "type": "temporal", "title": None, "timeUnit": "utcyearmonth",
                  "axis": {"format": "%Y-%m", "labelOverlap": "greedy", "labelSeparation": 8},
                  "scale": {"type": "utc"}},
            "y": {"field": "n", "type": "quantitative", "title": gettext(found.kind.plural),
                  "axis": {"tickMinStep": 1}, "scale": {"zero": True}},
            "color": {"field": "what", "type": "nominal", "title": None,
                      "scale": {"domain": names, "range": ["#123f6e", "#a35a00"]}},
            "strokeDash": {"field": "what", "type": "nominal", "title": None, "scale": {"domain": names}},
            "shape": {"field": "what", "type": "nominal", "title": None, "scale": {"domain": names}},
        },
    }  # fmt: skip
