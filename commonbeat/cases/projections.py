"""Views of a case that floors above keep: told of every change, in its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from commonbeat.cases.categories import Known
from commonbeat.cases.models import Case

PROJECTIONS: list[Callable[..., None]] = []
"""Called with (case, known category, at) whenever a case changed: floors above keep their views current here."""


def project(case: Case, known: Known | None, *, at: dt.datetime) -> None:
    """Bring every view of the case up to date."""
    for projection in PROJECTIONS:
        projection(case, known, at=at)
