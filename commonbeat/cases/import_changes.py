"""What another system says anew about a request that was imported before."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F

from commonbeat.cases import clocks as clock
from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.projections import PROJECTIONS
from commonbeat.community.agency import calendar, local_day
from commonbeat.core.actor import Actor
from commonbeat.core.georeport import Record
from commonbeat.journal.verbs import record


def take_change(
    case_id: int, news: Record, origin: dict[str, Any], *, closed_as: str, hours: dict[str, float], actor: Actor,
    at: dt.datetime,
) -> None:  # fmt: skip
    """Close or reopen an imported case as its source did, and keep what the source says. In the batch's transaction.

    A case that somebody has worked here since keeps its state: the source's news stand on its timeline only.
    """
    case = Case.objects.select_for_update().get(pk=case_id)
    flow = KINDS[case.kind].workflow
    untouched = case.version == (case.details.get("imported") or {}).get("version", 1)
    columns: dict[str, Any] = {"changed_at": max(case.changed_at, news.newest[0])}
    if untouched and news.closed and case.is_open:
        closed_at = news.closed_at or news.newest[0]
        kept = KINDS[case.kind].keep(closed_as)
        columns |= {
            "state": next(state.slug for state in flow.states if state.closed), "closed_at": closed_at,
            "outcome": closed_as, "due_at": None, "dispose_on": kept.dispose_on(local_day(max(closed_at, at))),
            "clocks": clock.meet(case.clocks, list(case.clocks), at=closed_at),
        }  # fmt: skip
    elif untouched and not news.closed and not case.is_open:
        ticking = clock.start(hours, at=at, calendar=calendar())
        columns |= {
            "state": flow.start, "closed_at": None, "outcome": "", "dispose_on": None, "clocks": ticking,
            "due_at": clock.next_due(ticking),
        }  # fmt: skip
    was, after = case.state, case.version + 1
    seen = after if untouched else -1  # once worked here, always ours
    columns["details"] = case.details | {"imported": origin | {"version": seen}}
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1, **columns)
    case.refresh_from_db()
    record(
        "case", case.pk, "case.import_changed", actor=actor, at=at,
        data={"from": was, "to": case.state, "source": origin["source"], "closed_there": news.closed,
              "notes": news.status_notes},
    )  # fmt: skip
    for project in PROJECTIONS:
        project(case, categories().get(case.category_id) if case.category_id else None, at=at)
