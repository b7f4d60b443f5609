"""Sorts of incidents as they hold here: the department's rows, and what is declared where it has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from commonbeat.cases.categories import read_questions
from commonbeat.community.reference import Remembered
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.history import TRACKED, Tracked
from commonbeat.kinds.field_report.models import IncidentSort
from commonbeat.kinds.field_report.vocabulary import BY_LAW, DECLARED, Sort

NOT_OFFERED = N_("This sort of incident is not in use. Choose another one.")

INCIDENT_SORT = TRACKED.add(
    Tracked(
        "incidentsort", IncidentSort,
        (
            "code", "order", "name", "card", "call", "sworn", "needs", "questions", "approved", "keep_days", "offence",
            "retired_at",
        ),
        touches=("incident_sorts",),
    )
)  # fmt: skip


def _read(row: IncidentSort) -> Sort:
    return Sort(
        row.code, row.name, tuple(row.card), row.call, sworn=row.sworn, needs=tuple(row.needs), offence=row.offence,
        approved=row.approved, keep_days=row.keep_days, questions=read_questions(row.questions),
        offered=row.retired_at is None,
    )  # fmt: skip


def _load() -> dict[str, Sort]:
    declared = {one.key: one for one in DECLARED}
    rows = {row.code: _read(row) for row in IncidentSort.objects.order_by("order", "pk")}
    return {key: _by_law(one) for key, one in (rows | {k: d for k, d in declared.items() if k not in rows}).items()}


def _by_law(one: Sort) -> Sort:
    """What the law leaves to sworn officers stays theirs, whatever is stored (RULES 12)."""
    if one.key not in BY_LAW or one.sworn:
        return one
    return replace(one, sworn="crime", approved=True, offered=True)


sorts = Remembered(_load, "incident_sorts")
"""Every sort by its key in the order of the list, those out of use too; from memory."""


def sort_of(key: str) -> Sort | None:
    """The sort of incident with this key."""
    return sorts().get(key)


def offered(*, sworn: bool | None = None) -> tuple[Choice, ...]:
    """Sorts in use as choices: all, only those for sworn officers, or only the others."""
    return tuple(
        Choice(one.key, one.label)
        for one in sorts().values()
        if one.offered and (sworn is None or bool(one.sworn) == sworn)
    )


def check_offered(key: str, *, among: Iterable[Choice]) -> None:
    """Raise `Invalid` for a sort that is not one of these."""
    if key not in {choice.key for choice in among}:
        raise Invalid([Problem("sort", NOT_OFFERED)])


def questions_of(key: str) -> tuple[Field, ...]:
    """What a sort asks besides."""
    found = sort_of(key)
    return found.questions if found else ()
