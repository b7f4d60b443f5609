"""What may stand behind one of the five, as a form names it: `measure:<slug>` or `question:<pk>:<figure>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from commonbeat.evidence.measures import measures
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys.figures import figures
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.evidence.surveys.release import released

MEASURE, QUESTION = "measure", "question"


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Stored measures, and the numbers of every question that a released wave asked, by survey."""
    found = [(_("Measures"), [(f"{MEASURE}:{one.slug}", _(one.name)) for one in measures()])]
    asked: dict[int, set[str]] = {}
    for wave in released():
        asked.setdefault(wave.series_id, set()).update(wave.asked)
    rows = SurveyQuestion.objects.filter(series__in=asked).select_related("series")
    by_series: dict[str, list[tuple[str, str]]] = {}
    for row in rows.order_by("series__name", "position"):
        if row.key in asked[row.series_id]:
            by_series.setdefault(row.series.name, []).extend(_numbers(row))
    return [*found, *by_series.items()]


def _numbers(row: SurveyQuestion) -> list[tuple[str, str]]:
    return [(f"{QUESTION}:{row.pk}:{one.key}", f"{row.text}: {one.label}") for one in figures(row, np.zeros(0))]


def name_of(line: ScorecardLine) -> str:
    """What a line has chosen, as the form names it."""
    if line.question_id:
        return f"{QUESTION}:{line.question_id}:{line.figure}"
    return f"{MEASURE}:{line.measure}" if line.measure else ""


def fields_of(chosen: str) -> Mapping[str, Any]:
    """The columns that a choice fills."""
    sort, _colon, rest = chosen.partition(":")
    if sort == MEASURE:
        return {"measure": rest, "question": None, "figure": ""}
    number, _colon, figure = rest.partition(":")
    return {"measure": "", "question": int(number), "figure": figure}
