"""Numbers for residents: what was counted by area and year, as a page and as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.core.numbers import show
from commonbeat.evidence.public_numbers import PublicNumbers, public_measures, public_numbers
from commonbeat.interfaces.access import anyone


@anyone
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The measures that residents may see."""
    rows = [{"name": row.name, "says": row.says, "url": reverse("public_number", args=[row.slug])}
            for row in public_measures()]  # fmt: skip
    return render(request, "pages/public/numbers/list.html", {"rows": rows, "section": "numbers"})


@anyone
@require_safe
def number(request: HttpRequest, slug: str) -> HttpResponse:
    """One measure by area and year."""
    found = _found(slug)
    columns = [{"label": _("Area")}, *({"label": year, "number": True} for year in found.years)]
    names = {area: row for area, row in found.table.cells.items()}
    rows = [_row(area, row, found) for area, row in sorted(names.items())]
    rows.append(_row(_("All"), found.table.column_totals, found))
    context: dict[str, Any] = {"row": found.row, "columns": columns, "rows": rows, "minimum": found.minimum,
                               "section": "numbers"}  # fmt: skip
    return render(request, "pages/public/numbers/show.html", context)


def _found(slug: str) -> PublicNumbers:
    found = public_numbers(slug)
    if found is None:
        raise Http404
    return found


def _row(name: str, row: Any, found: PublicNumbers) -> dict[str, Any]:
    return {"cells": [{"text": name}, *({"text": show(row[y]), "number": True, "label": y} for y in found.years)]}


@anyone
@require_safe
def number_file(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as CSV; hidden ones are a star."""
    found = _found(slug)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.row.slug}.csv"'
    writer = csv.writer(answer)
    writer.writerow(["area", *found.years])
    for area, row in found.table.cells.items():
        writer.writerow([area, *(show(row[year]) for year in found.years)])
    return answer
