"""What a look shows, as a table of the page and as files: picture, table, or the sentence with what it leaves out."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse

from commonbeat.core.cells import harmless

if TYPE_CHECKING:
    from commonbeat.evidence.looks import Shown

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}

_LINE = 84
"""So many letters fit beside each other above a picture."""


def table(shown: Shown) -> dict[str, Any]:
    """Columns and rows for the component `table`."""
    rows = shown.rows[: shown.most] if shown.most else shown.rows
    columns = [{"label": name, "number": i in shown.numbers} for i, name in enumerate(shown.columns)]
    cells = [
        {"cells": [{"text": cell(value), "number": i in shown.numbers, "label": shown.columns[i]}
                   for i, value in enumerate(row)]}
        for row in rows
    ]  # fmt: skip
    return {"columns": columns, "rows": cells}


def cell(value: Any) -> str:
    """A value as a table writes it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def as_file(
    request: HttpRequest, shown: Shown, sort: str, *, title: str, notes: Sequence[str], name: str, notice: str = ""
) -> HttpResponse:
    """A look as a file of one of `TYPES`; `notes` say n, period and what was left out."""
    from commonbeat.evidence.pictures import draw

    if sort == "csv":
        body: bytes | str = as_csv(shown)
    elif sort == "txt":
        body = "\n".join([shown.sentence, "", *notes, *shown.cautions, notice]).rstrip() + "\n"
    else:
        lines = [line for note in notes for line in textwrap.wrap(note, _LINE)]
        heading = {"text": title, "subtitle": lines, "anchor": "start", "subtitleColor": "#525b60"}
        body = draw({**(shown.spec or {}), "title": heading}, sort)
    answer = HttpResponse(body, content_type=TYPES[sort])
    if sort != "svg" or "save" in request.GET:
        answer["Content-Disposition"] = f'attachment; filename="{name}.{sort}"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


def as_csv(shown: Shown) -> str:
    """The whole table; what a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(shown.columns)
    for row in shown.rows:
        writer.writerow(map(harmless, row))
    return "\ufeff" + out.getvalue()
