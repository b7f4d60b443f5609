"""Measures of the product's own records: how many concerns came, and whether they were answered on time."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone

from commonbeat.community.agency import current, local_day
from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import COUNT, MEASURES, SHARE, Counts, Measure
from commonbeat.evidence.periods import Calendar, Period, month_after, months_between

KIND = "concern"
"""The kind of case that residents' measures are about; complaints and tips have none here."""
_LATEST = """SELECT min(opened_at AT TIME ZONE %s)::DATE, max(opened_at AT TIME ZONE %s)::DATE, count(*),
        max(changed_at)
    FROM cases_case WHERE kind = %s"""
_OPENED = """SELECT area_id, date_trunc('month', opened_at AT TIME ZONE %(zone)s)::DATE AS month, count(*), count(*)
    FROM cases_case WHERE kind = %(kind)s AND opened_at >= %(first)s AND opened_at < %(end)s GROUP BY 1, 2"""
_ON_TIME = """SELECT area_id, date_trunc('month', closed_at AT TIME ZONE %(zone)s)::DATE AS month,
        count(*) FILTER (WHERE (clocks->%(clock)s->>'met')::timestamptz <= (clocks->%(clock)s->>'due')::timestamptz),
        count(*)
    FROM cases_case WHERE kind = %(kind)s AND closed_at >= %(first)s AND closed_at < %(end)s
        AND channel <> 'import' AND clocks->%(clock)s->>'met' IS NOT NULL GROUP BY 1, 2"""


def span() -> Calendar | None:
    """The months from the first report to this one."""
    zone = current().timezone
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [zone, zone, KIND])
        first, last, _, _ = cursor.fetchone()
    if first is None:
        return None
    today = local_day(timezone.now())
    return Calendar(first.replace(day=1), months_between(first, max(last, today)), Period.MONTH)


def days() -> tuple[dt.date, dt.date]:
    """The product knows its own records from the first to this day; pages ask often, so no table is read for it."""
    return dt.date.min, local_day(timezone.now())


def state() -> str:
    """Changes whenever a report does."""
    zone = current().timezone
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, [zone, zone, KIND])
        return str(cursor.fetchone())


def counted(sql: str, areas: AreaSet, months: Calendar, *, share: bool, **values: Any) -> Counts:
    """Rows of a statement (area, month, met, of how many) as a table; `values` are what it names beside the usual."""
    index = {area.pk: number for number, area in enumerate(areas.rows)}
    table, behind, lost = np.zeros((2, len(index), months.count)), 0, 0
    values |= {"zone": current().timezone, "kind": KIND, "first": month_after(months.start, -1),
               "end": month_after(months.end, 1)}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for area, month, met, n in cursor.fetchall():
            column = months_between(months.start, month) - 1
            if not 0 <= column < months.count:
                continue
            if area is None:
                lost += n
            elif area not in index:
                behind += n
            else:
                table[0, index[area], column] += met
                table[1, index[area], column] += n
    if share:
        value = np.divide(table[0], table[1], out=np.zeros_like(table[0]), where=table[1] > 0)
        return Counts(value, table[1], lost, behind)
    return Counts(table[0], table[1], lost, behind)


MEASURES.add(
    Measure(
        slug="concerns-opened", name=N_("Concerns reported"), noun=N_("concerns"), sort=COUNT,
        says=N_("Concerns that residents, staff and other programs reported, by the month in which they came in. More "
                "reports may mean more trouble, or more trust."),
        span=span, days=days, state=state, serving_only=True,
        count=lambda areas, months: counted(_OPENED, areas, months, share=False),
    )
)  # fmt: skip
MEASURES.add(
    Measure(
        slug="concerns-on-time", name=N_("Concerns resolved on time"), noun=N_("concerns resolved on time"), sort=SHARE,
        says=N_("Of the concerns closed in the month, the share that was closed before the clock of its category ran "
                "out. Old requests that were brought in from other systems have no clock and do not count."),
        span=span, days=days, state=state, serving_only=True,
        count=lambda areas, months: counted(_ON_TIME, areas, months, share=True, clock="respond"),
    )
)  # fmt: skip
MEASURES.add(
    Measure(
        slug="concerns-answered-on-time", name=N_("Concerns answered on time"), noun=N_("concerns answered on time"),
        sort=SHARE,
        says=N_("Of the concerns closed in the month, the share whose reporter heard from a person before the clock "
                "of the category ran out."),
        span=span, days=days, state=state, serving_only=True,
        count=lambda areas, months: counted(_ON_TIME, areas, months, share=True, clock="acknowledge"),
    )
)  # fmt: skip
