"""What became of tips, in numbers that everybody may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commonbeat.community.agency import setting
from commonbeat.core.numbers import Suppressed
from commonbeat.interfaces.web.tip.frame import page, show
from commonbeat.kinds.tip.kind import TIP
from commonbeat.kinds.tip.numbers import OPEN, category_name, count


def _shown(value: int | Suppressed) -> str:
    return str(value) if isinstance(value, int) else _("hidden")


@page("tip")
@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Tips of the last twelve months by category and outcome, and by month; small counts are hidden."""
    found, language = count(at=timezone.now()), get_language() or "en"
    slugs = [o.slug for o in TIP.workflow.outcomes if o.slug in found.table.column_totals]
    slugs += [slug for slug in found.table.column_totals if slug not in slugs]
    labels = {o.slug: _(o.label) for o in TIP.workflow.outcomes} | {OPEN: _("Still open")}
    table = [
        {"name": category_name(code, language), "cells": [_shown(cells[slug]) for slug in slugs],
         "total": _shown(found.table.row_totals[code])}
        for code, cells in found.table.cells.items()
    ]  # fmt: skip
    months = [
        {"name": month, "count": _shown(cells["tips"])} for month, cells in found.months.cells.items()
    ] if found.months else []  # fmt: skip
    context = {
        "columns": [labels.get(slug, slug) for slug in slugs], "rows": table, "months": months,
        "totals": [_shown(found.table.column_totals[slug]) for slug in slugs], "total": _shown(found.table.total),
        "minimum": setting("minimum_count"), "since": found.since, "until": found.until,
    }  # fmt: skip
    return show(request, "numbers", context)
