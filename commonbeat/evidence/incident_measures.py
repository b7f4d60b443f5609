"""Measures that count incidents of a source: what an analyst chose becomes a measure like any other."""

from __future__ import annotations

import datetime as dt

from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import COUNT, Counts, Measure
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.evidence.periods import Calendar, Period, months_between


def span_of(source: IncidentSource) -> Calendar | None:
    """The months from the first incident to the last."""
    if not (source.content and source.first_on and source.last_on):
        return None
    return Calendar(source.first_on.replace(day=1), months_between(source.first_on, source.last_on), Period.MONTH)


def days_of(source: IncidentSource) -> tuple[dt.date, dt.date] | None:
    """The first and the last day with an incident; None where the source tells only months, which are complete."""
    if source.precision == "month" or not (source.first_on and source.last_on):
        return None
    return source.first_on, source.last_on


def from_row(row: CountedMeasure) -> Measure:
    """The measure that a row describes."""
    source, chosen = row.source, tuple(row.categories) or None

    def count(areas: AreaSet, months: Calendar) -> Counts:
        from commonbeat.evidence import counting

        found = counting.count(source.slug, source.content, areas, months, chosen)
        return Counts(found.counts, found.counts, found.placeless, found.outside)

    return Measure(
        slug=row.slug, name=row.name, says=row.says, noun=row.noun, sort=COUNT, span=lambda: span_of(source),
        days=lambda: days_of(source), count=count, state=lambda: f"{source.content} {chosen}",
        notice=source.notice, source=source.pk, public=row.public,
    )  # fmt: skip
