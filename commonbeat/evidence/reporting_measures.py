"""Measures of reporting: how willing people are to tell the department, apart from how much crime is recorded.

None of them is an index. Each is one number by area and month, says what it means and what it does not, and is read
beside recorded incidents, never added to them.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from commonbeat.cases.kind import KINDS
from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.measures import COUNT, MEASURES, SHARE, Counts, Measure
from commonbeat.evidence.periods import Calendar
from commonbeat.evidence.record_measures import counted, days, span, state

NOT_HEARD = ("desk", "dispatch")
"""Channels that no resident spoke through: what staff noticed themselves, calls."""
OLD = "import"
"""Requests of other systems tell where somebody was heard from, but neither language nor channel nor sender."""

_MONTH = "date_trunc('month', opened_at AT TIME ZONE %(zone)s)::DATE"
_WHEN = "opened_at >= %(first)s AND opened_at < %(end)s"
_RESIDENTS = "kind = %(kind)s AND channel <> ALL(%(silent)s)"
_HEARD = f"""SELECT area_id, {_MONTH}, count(*), count(*)
    FROM cases_case WHERE {_RESIDENTS} AND {_WHEN} GROUP BY 1, 2"""
_LANGUAGE = f"""SELECT area_id, {_MONTH}, count(*) FILTER (WHERE language <> %(usual)s), count(*)
    FROM cases_case WHERE {_RESIDENTS} AND {_WHEN} GROUP BY 1, 2"""
_NAMED = f"""SELECT area_id, {_MONTH}, count(*) FILTER (WHERE EXISTS (
        SELECT FROM cases_participant p WHERE p.case_id = c.id AND p.role = 'reporter' AND p.person_id IS NOT NULL)),
        count(*)
    FROM cases_case c WHERE {_RESIDENTS} AND {_WHEN} GROUP BY 1, 2"""
_FIRST = f"""SELECT area_id, {_MONTH}, count(*) FILTER (WHERE {_RESIDENTS}), count(*)
    FROM cases_case WHERE (kind = %(kind)s AND channel <> %(old)s AND channel <> 'dispatch' OR kind = ANY(%(noticed)s))
        AND {_WHEN} GROUP BY 1, 2"""
_NOTICED = "SELECT count(*), max(changed_at) FROM cases_case WHERE kind = ANY(%s)"


def _noticed() -> list[str]:
    """Kinds in which staff note themselves what residents could have reported."""
    return [kind.slug for kind in KINDS if kind.noticed]


def _both_states() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_NOTICED, [_noticed()])
        return f"{state()} {cursor.fetchone()}"


def _heard(areas: AreaSet, months: Calendar) -> Counts:
    return counted(_HEARD, areas, months, share=False, silent=list(NOT_HEARD))


def _named(areas: AreaSet, months: Calendar) -> Counts:
    return counted(_NAMED, areas, months, share=True, silent=[*NOT_HEARD, OLD])


def _other_language(areas: AreaSet, months: Calendar) -> Counts:
    usual = settings.LANGUAGE_CODE
    return counted(_LANGUAGE, areas, months, share=True, silent=[*NOT_HEARD, OLD], usual=usual)


def _residents_first(areas: AreaSet, months: Calendar) -> Counts:
    return counted(
        _FIRST, areas, months, share=True, silent=[*NOT_HEARD, OLD], old=OLD, noticed=_noticed()
    )  # fmt: skip


HEARD = MEASURES.add(
    Measure(
        slug="residents-heard", name=N_("Reports of residents"), noun=N_("reports of residents"), sort=COUNT,
        says=N_("Concerns that residents told us about in any way, by the month in which they came in. What staff "
                "noticed themselves and calls of the dispatch center do not count."),
        silent=N_("More reports may mean more trouble, or more trust. It does not say which."),
        span=span, days=days, state=state, serving_only=True, public=True, count=_heard,
    )
)  # fmt: skip
FIRST = MEASURES.add(
    Measure(
        slug="residents-first", name=N_("Conditions that residents reported"), sort=SHARE,
        noun=N_("conditions that residents reported"),
        says=N_("Of the conditions of places that went on record in the month, the share that residents told us about "
                "and staff did not have to find themselves."),
        silent=N_("It also falls when staff look harder. Concerns that began as a tip count as found by staff, so "
                  "that nothing leads back to a tip."),
        span=span, days=days, state=_both_states, serving_only=True, count=_residents_first,
    )
)  # fmt: skip
NAMED = MEASURES.add(
    Measure(
        slug="reports-named", name=N_("Reports with a name or contact"), noun=N_("reports with a name or contact"),
        sort=SHARE,
        says=N_("Of the reports of residents in the month, the share whose sender let us know who they are or how to "
                "reach them."),
        silent=N_("Nobody owes us a name. A form that asks for less, or a new way to report, changes it as well."),
        span=span, days=days, state=state, serving_only=True, count=_named,
    )
)  # fmt: skip
LANGUAGE = MEASURES.add(
    Measure(
        slug="reports-other-language", name=N_("Reports in another language"), noun=N_("reports in another language"),
        sort=SHARE,
        says=N_("Of the reports of residents in the month, the share whose form was filled in in another language "
                "than the one this product speaks first."),
        silent=N_("Many people write in English who speak another language at home: it is no share of speakers."),
        span=span, days=days, state=state, serving_only=True, count=_other_language,
    )
)  # fmt: skip
COMPONENTS = (HEARD, FIRST, NAMED, LANGUAGE)
"""In the order in which pages show them."""
