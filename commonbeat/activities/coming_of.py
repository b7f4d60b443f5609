"""What comes of an activity: concerns that were raised, promises that were made, problems that were started."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from commonbeat.activities.actions import SUBJECT
from commonbeat.activities.models import Activity, CameOf
from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import make_promise
from commonbeat.core.actor import Actor
from commonbeat.journal.verbs import record

MARK = "activity"


def may_link(kind: Kind) -> bool:
    """False for what is sealed or walled: where somebody spoke would say who they are."""
    return not kind.sealed and not kind.walled


def mark_of(row: Activity) -> dict[str, int]:
    """What a case that came of an activity keeps among its details: pages of all others need not look for one."""
    return {MARK: row.pk}


def _note(row: Activity, verb: str, *, actor: Actor, at: dt.datetime, **what: Any) -> None:
    Activity.objects.select_for_update(of=("self",)).get(pk=row.pk)
    CameOf.objects.create(activity=row, made_at=at, **what)
    data = {name: value.pk for name, value in what.items()}
    record(SUBJECT, row.pk, f"activity.{verb}", actor=actor, at=at, data=data)


@transaction.atomic
def open_at(
    row: Activity, kind: str, report: Report, *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Opened:
    """Open a case that somebody raised here, and link it. The same `client_id` again finds the first one.

    A case that is sealed or walled is opened and not linked. Raises `Invalid`.
    """
    if may_link(KINDS[kind]):
        report = replace(report, extra={**report.extra, **mark_of(row)})
    opened = open_case(kind, report, actor=actor, at=at, client_id=client_id)
    if not opened.replayed:
        link_case(row, opened.case, actor=actor, at=at)
    return opened


@transaction.atomic
def link_case(row: Activity, case: Case, *, actor: Actor, at: dt.datetime) -> None:
    """Say that a new case came of this activity."""
    if may_link(KINDS[case.kind]):
        _note(row, "raised", actor=actor, at=at, case=case)


@transaction.atomic
def promise_at(
    row: Activity, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Promise:
    """Write down a promise that was made here; it comes onto the next agenda by itself. Raises `Invalid`."""
    made = make_promise(data, actor=actor, at=at, client_id=client_id)
    if not CameOf.objects.filter(promise=made).exists():
        _note(row, "promised", actor=actor, at=at, promise=made)
    return made


def activity_of(case: Case, *, actor: Actor) -> Activity | None:
    """The activity that a case came of, as far as this reader sees it. Asks the database for marked cases only."""
    if not case.detail(MARK, 0):
        return None
    return Activity.objects.visible_to(actor).filter(came_of_it__case=case.pk).first()
