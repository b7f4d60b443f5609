"""The dashboard of measures: a page of what is stored, and its table as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.core.cells import harmless
from commonbeat.evidence import board
from commonbeat.evidence.areas import AreaSet, NoAreas, area_set, sets
from commonbeat.evidence.board import Line, YearTable
from commonbeat.evidence.looks.asking import number
from commonbeat.evidence.measures import measures
from commonbeat.evidence.observing import serving_set
from commonbeat.interfaces.access import staff
from commonbeat.interfaces.web.evidence.shared import READERS, tabs

_WIDTH, _HEIGHT = 160, 40


class _Asked:
    """The areas and the measure that an address asks for, with what is stored of them."""

    def __init__(self, request: HttpRequest) -> None:
        self.choices = [
            (f"{level}@{revision}", f"{level.replace('_', ' ').capitalize()} ({revision})")
            for level, revision, used in sets() if used
        ]  # fmt: skip
        self.areas = _areas(request.GET.get("areas", ""))
        self.lines = board.lines(measures(), self.areas) if self.areas else []
        wanted = request.GET.get("measure", "")
        known = [line for line in self.lines if len(line.n)]
        self.line = next((line for line in known if line.measure.slug == wanted), known[0] if known else None)
        if wanted and (self.line is None or self.line.measure.slug != wanted):
            raise Http404
        self.table = board.by_year(self.line, self.areas) if self.line and self.areas else None


def _areas(slug: str) -> AreaSet | None:
    if not slug:
        return serving_set(outlines=False)
    try:
        return area_set(slug, outlines=False)
    except NoAreas:
        raise Http404 from None


@staff(*READERS)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Every measure over all areas, and one of them by area and year. Nothing is counted here."""
    asked = _Asked(request)
    context: dict[str, Any] = {
        "tabs": tabs("evidence_board"), "section": "evidence", "areas": asked.choices,
        "chosen": asked.areas.slug if asked.areas else "", "tiles": [_tile(line) for line in asked.lines],
        "measures": [(line.measure.slug, _(line.measure.name)) for line in asked.lines if len(line.n)],
    }  # fmt: skip
    if asked.line and asked.areas and asked.table:
        context |= {
            "line": asked.line, "name": _(asked.line.measure.name),
            "table": _table(asked.line, asked.areas, asked.table),
            "notice": asked.line.measure.notice, "query": f"areas={asked.areas.slug}&measure={asked.line.measure.slug}",
            "partly": not all(asked.table.whole),
        }  # fmt: skip
    return render(request, "pages/evidence/board.html", context)


def _tile(line: Line) -> dict[str, Any]:
    """A measure in three short lines and a small picture."""
    noun, unit = _(line.measure.noun), 1 if line.is_share else 0
    now, before = line.of_year(), line.of_year(1)
    said: dict[str, Any] = {
        "name": _(line.measure.name), "url": reverse("evidence_look", args=[line.measure.slug, "trend"]), "noun": noun,
        "path": _path(line.values[-60:]), "width": _WIDTH, "height": _HEIGHT,
    }  # fmt: skip
    if now is None:
        return said | {"none": _("Twelve whole months are needed.")}
    last = line.months.first_day(line.months.count - 1)
    said |= {"value": f"{number(now, unit)} %" if line.is_share else number(now),
             "until": _("twelve months until %(month)s") % {"month": date_format(last, "F Y")}}  # fmt: skip
    if before is not None:
        said["before"] = _beside(now, before, share=line.is_share)
    if expected := line.expected():
        n, low, high = expected
        words = (
            _("In %(month)s: %(n)s, more than the expected %(low)s to %(high)s.") if n > high else
            _("In %(month)s: %(n)s, fewer than the expected %(low)s to %(high)s.") if n < low else
            _("In %(month)s: %(n)s, within the expected %(low)s to %(high)s.")
        )  # fmt: skip
        said["expected"] = words % {"month": date_format(last, "F"), "n": number(n), "low": number(low),
                                    "high": number(high)}  # fmt: skip
        said["odd"] = n > high or n < low
    return said


def _beside(now: float, before: float, *, share: bool) -> str:
    """The change on the twelve months before; a percentage only of numbers that can carry one."""
    values = {"before": number(before, 1 if share else 0)}
    if share:
        return _("%(before)s percent in the twelve months before") % values
    if before >= 100:
        values["change"] = f"{100 * (now - before) / before:+.0f}"
        return _("%(before)s in the twelve months before (%(change)s percent)") % values
    return _("%(before)s in the twelve months before") % values


def _path(values: Any) -> str:
    """The line of a small picture, from the bottom up; gaps where nothing is known."""
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return ""
    top, step, parts, pen = max(float(known.max()), 1e-9), _WIDTH / (len(values) - 1), [], "M"
    for place, value in enumerate(values):
        if not np.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{place * step:.1f} {_HEIGHT - 2 - (_HEIGHT - 4) * value / top:.1f}")
        pen = "L"
    return "".join(parts)


def _table(line: Line, areas: AreaSet, table: YearTable) -> dict[str, Any]:
    """The cells as words, with their shades: some thousand of them, so the page writes them without a component."""
    shades, decimals = table.shades().tolist(), 1 if line.is_share else 0
    rows = [
        (area.name, [("" if value != value else number(value, decimals), shade)  # only NaN differs from itself
                     for value, shade in zip(values, shaded, strict=True)])
        for area, values, shaded in zip(areas.rows, table.values.tolist(), shades, strict=True)
    ]  # fmt: skip
    whole = [_whole(line, table, column) for column in range(len(table.years))]
    return {
        "years": [str(year) if all_of_it else f"{year} *" for year, all_of_it in
                  zip(table.years, table.whole, strict=True)],
        "total": [number(value, decimals) if value is not None else "" for value in whole], "rows": rows,
    }  # fmt: skip


def _whole(line: Line, table: YearTable, column: int) -> float | None:
    """All areas in one year; for a share, of all cases."""
    n = float(table.n[:, column].sum())
    if not line.is_share:
        return n
    met = float((np.nan_to_num(table.values[:, column]) * table.n[:, column]).sum())
    return met / n if n else None


@staff(*READERS)
@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The table by area and year as CSV, with the code of each area."""
    asked = _Asked(request)
    if asked.line is None or asked.areas is None or asked.table is None:
        return HttpResponseRedirect(reverse("evidence_board"))  # nothing is counted yet, which the page says
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["area", "code", *asked.table.years])
    for area, row in zip(asked.areas.rows, asked.table.values, strict=True):
        writer.writerow([harmless(area.name), area.code, *("" if np.isnan(v) else round(float(v), 1) for v in row)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{asked.line.measure.slug}-by-year.csv"'
    answer["Cache-Control"] = "private, no-cache"
    return answer
