"""What became of complaints: tables for people, the same as a file for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import setting
from commonbeat.core.numbers import SuppressedTable, show
from commonbeat.core.text import N_
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.csv_files import count_rows, public_table
from commonbeat.kinds.complaint.numbers import COLUMNS, SORTS, Numbers, public_numbers

TITLES = {
    "levels": N_("Complaints by year and level"),
    "outcomes": N_("Complaints by year and how they ended"),
    "findings": N_("Allegations and what was found"),
}


def _tables(numbers: Numbers) -> dict[str, SuppressedTable[str, str]]:
    return {"levels": numbers.levels, "outcomes": numbers.outcomes, "findings": numbers.findings}


@anyone
@require_safe
def complaint_numbers(request: HttpRequest) -> HttpResponse:
    """The page."""
    numbers = public_numbers(at=timezone.now())
    tables = [
        {"slug": slug, "caption": gettext(TITLES[slug]), **_cells(slug, table)}
        for slug, table in _tables(numbers).items() if table.cells
    ]  # fmt: skip
    context = {
        "tables": tables, "few": ", ".join(numbers.few), "until": numbers.until, "decided": numbers.decided_before,
        "minimum": setting("minimum_count"), "section": "complaint",
    }  # fmt: skip
    return render(request, "pages/public/complaint/numbers.html", context)


def _cells(slug: str, table: SuppressedTable[str, str]) -> dict[str, Any]:
    used = _used(slug, table)
    first = gettext("Allegation") if slug == "findings" else gettext("Year")
    total = gettext("All")
    columns = [{"label": first}, *({"label": gettext(words), "number": True} for words in used.values())]
    rows = [
        {
            "cells": [
                {"text": gettext(SORTS.get(name, name))},
                *({"text": show(row[key]), "number": True, "label": gettext(words)} for key, words in used.items()),
                {"text": show(table.row_totals[name]), "number": True, "label": total},
            ]
        }
        for name, row in table.cells.items()
    ]
    return {"columns": [*columns, {"label": total, "number": True}], "rows": rows}


def _used(slug: str, table: SuppressedTable[str, str]) -> Mapping[str, str]:
    """The columns in which something was counted, in the order of the vocabulary."""
    return {key: words for key, words in COLUMNS[slug].items() if key in table.column_totals}


@anyone
@require_safe
def complaint_table(request: HttpRequest) -> HttpResponse:
    """The same numbers as a CSV file; hidden ones are a star."""
    tables = _tables(public_numbers(at=timezone.now()))
    return public_table("complaints", count_rows(tables, {slug: _used(slug, table) for slug, table in tables.items()}))
