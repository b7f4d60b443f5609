"""What became of mediations and conferences, in numbers that everybody may read, as a page and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from commonbeat.community.agency import setting
from commonbeat.core.numbers import SuppressedTable, show
from commonbeat.core.text import N_
from commonbeat.core.workflow import Outcome
from commonbeat.interfaces.access import anyone
from commonbeat.interfaces.web.csv_files import count_rows, public_table
from commonbeat.kinds.conference.vocabulary import OUTCOMES as CONFERENCE_OUTCOMES
from commonbeat.kinds.mediation.vocabulary import OUTCOMES as MEDIATION_OUTCOMES
from commonbeat.talks.numbers import public_numbers
from commonbeat.talks.vocabulary import FOUND


@dataclass(frozen=True)
class Told:
    """The numbers of one kind of talks, and the words around them."""

    slug: str
    title: str
    what: str
    outcomes: tuple[Outcome, ...]
    ended: str
    lasting: str = N_("Was the agreement kept?")

    @property
    def titles(self) -> dict[str, str]:
        """The title of each table."""
        return {"outcomes": self.ended, "lasting": self.lasting}

    @property
    def columns(self) -> Mapping[str, Mapping[str, str]]:
        """The columns of each table, with their words."""
        ended = {one.slug: one.label for one in self.outcomes}
        return {"outcomes": ended, "lasting": {one.key: one.label for one in FOUND}}


MEDIATION = Told(
    "mediation", N_("What came of mediation"),
    N_("Talks between neighbours, and between residents and officers."), MEDIATION_OUTCOMES,
    N_("Mediations by year and how they ended"),
)  # fmt: skip
CONFERENCE = Told(
    "conference", N_("What came of restorative conferences"),
    N_("Who was harmed and who takes responsibility meet and agree on how it is put right."), CONFERENCE_OUTCOMES,
    N_("Conferences by year and how they ended"),
)  # fmt: skip


def _tables(told: Told) -> tuple[dict[str, SuppressedTable[str, str]], Any]:
    numbers = public_numbers(told.slug, at=timezone.now())
    return {"outcomes": numbers.outcomes, "lasting": numbers.lasting}, numbers.until


def _page(request: HttpRequest, told: Told) -> HttpResponse:
    tables, until = _tables(told)
    shown = [
        {"caption": gettext(told.titles[slug]), **_cells(told, slug, table)}
        for slug, table in tables.items() if table.cells
    ]  # fmt: skip
    context = {
        "tables": shown, "until": until, "minimum": setting("minimum_count"), "section": told.slug,
        "title": gettext(told.title), "what": gettext(told.what), "table_route": f"{told.slug}_table",
        "asks": told is MEDIATION, "others": [
            {"label": gettext(one.title), "route": f"{one.slug}_numbers"} for one in (MEDIATION, CONFERENCE)
            if one is not told
        ],
    }  # fmt: skip
    return render(request, "pages/public/talks/numbers.html", context)


def _row_name(slug: str, name: str) -> str:
    return gettext("after %(days)s days") % {"days": name} if slug == "lasting" else name


def _used(told: Told, slug: str, table: SuppressedTable[str, str]) -> dict[str, str]:
    return {key: words for key, words in told.columns[slug].items() if key in table.column_totals}


def _cells(told: Told, slug: str, table: SuppressedTable[str, str]) -> dict[str, Any]:
    used, total = _used(told, slug, table), gettext("All")
    first = gettext("Asked") if slug == "lasting" else gettext("Year")
    columns = [{"label": first}, *({"label": gettext(words), "number": True} for words in used.values())]
    rows = [
        {
            "cells": [
                {"text": _row_name(slug, name)},
                *({"text": show(row[key]), "number": True, "label": gettext(words)} for key, words in used.items()),
                {"text": show(table.row_totals[name]), "number": True, "label": total},
            ]
        }
        for name, row in table.cells.items()
    ]
    return {"columns": [*columns, {"label": total, "number": True}], "rows": rows}


def _table(told: Told) -> HttpResponse:
    tables = _tables(told)[0]
    return public_table(told.slug, count_rows(tables, {slug: _used(told, slug, one) for slug, one in tables.items()}))


@anyone
@require_safe
def mediation_numbers(request: HttpRequest) -> HttpResponse:
    """What came of mediation."""
    return _page(request, MEDIATION)


@anyone
@require_safe
def mediation_table(request: HttpRequest) -> HttpResponse:
    """The same numbers as a CSV file; hidden ones are a star."""
    return _table(MEDIATION)


@anyone
@require_safe
def conference_numbers(request: HttpRequest) -> HttpResponse:
    """What came of restorative conferences."""
    return _page(request, CONFERENCE)


@anyone
@require_safe
def conference_table(request: HttpRequest) -> HttpResponse:
    """The same numbers as a CSV file; hidden ones are a star."""
    return _table(CONFERENCE)
