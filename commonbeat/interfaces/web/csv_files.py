"""Tables to take away as CSV: cells that hold no formula, a name, and nobody's cache for what is not public."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from commonbeat.core.cells import harmless
from commonbeat.core.numbers import SuppressedTable, show

CSV = "text/csv; charset=utf-8"
MARK = "\ufeff"
"""Spreadsheets read a file that begins so as UTF-8; programs, which read public tables, would take it for a letter."""
Rows = Iterable[Iterable[Any]]
Answer = TypeVar("Answer", bound=HttpResponseBase)


class Echo:
    """A file that gives back what is written to it, a line at a time."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def lines_of(rows: Rows) -> Iterator[str]:
    """Rows as lines of a CSV file; the first holds the heads."""
    writer = csv.writer(Echo())
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def public_table(name: str, rows: Rows) -> HttpResponse:
    """Numbers that everybody may read, for programs and people."""
    return _named(HttpResponse("".join(lines_of(rows)), CSV), name)


def private_table(name: str, rows: Rows) -> HttpResponse:
    """A table for staff: read in one go, kept by no cache."""
    return _private(_named(HttpResponse(MARK + "".join(lines_of(rows)), CSV), name))


def long_table(name: str, rows: Rows) -> StreamingHttpResponse:
    """A table for staff that may be long: rows leave as they are read."""

    def lines() -> Iterator[str]:
        mark = MARK
        for line in lines_of(rows):
            yield mark + line
            mark = ""

    return _private(_named(StreamingHttpResponse(lines(), content_type=CSV), name))


def count_rows(
    tables: Mapping[str, SuppressedTable[str, str]], columns: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str, str, str]]:
    """The cells of tables of counts, one on each line, with the columns to show of each; hidden ones are a star."""
    yield "table", "row", "column", "count"
    for slug, table in tables.items():
        for name, row in table.cells.items():
            yield from ((slug, name, key, show(row[key])) for key in columns[slug])
            yield slug, name, "all", show(table.row_totals[name])


def _named(answer: Answer, name: str) -> Answer:
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _private(answer: Answer) -> Answer:
    answer["Cache-Control"] = "private, no-store"
    return answer
