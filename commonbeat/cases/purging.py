"""Sealed cases end by themselves: open ones that nobody touches any more, and closed ones when their time is over."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from commonbeat.cases.actions import act
from commonbeat.cases.disposal import destroy, open_hold
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.sealing import remove_stray_keys
from commonbeat.community.agency import local_day
from commonbeat.core.actor import SYSTEM

AT_ONCE = 500
EXPIRE = "expire"
"""The step by which an open case ends when nothing has been done on it, or written to it, for long enough."""


def purge(*, at: dt.datetime) -> int:
    """Close what lay idle, destroy what is over, and remove keys that open nothing; returns how many were destroyed.

    A hold stops both. Every deed on a case, a new message of the sender above all, makes its time begin anew.
    """
    sealed = [kind for kind in KINDS if kind.sealed]
    for kind in sealed:
        if kind.idle_days:
            idle = Q(kind=kind.slug, changed_at__lt=at - dt.timedelta(days=kind.idle_days))
            for number in _numbers(idle & Q(closed_at__isnull=True)):
                _expire(number, at=at)
    over = Q(kind__in=[kind.slug for kind in sealed], closed_at__isnull=False, dispose_on__lte=local_day(at))
    gone = sum(_destroy(number, over, at=at) for number in _numbers(over))
    remove_stray_keys(at=at)
    return gone


def _numbers(wanted: Q) -> list[int]:
    rows = Case.objects.filter(wanted).exclude(open_hold())
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _expire(number: int, *, at: dt.datetime) -> None:
    case = Case.objects.select_for_update().get(pk=number)
    if case.closed_at is None:
        act(case, EXPIRE, data={}, actor=SYSTEM, at=at)


@transaction.atomic
def _destroy(number: int, over: Q, *, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update(of=("self",)).filter(over, pk=number).exclude(open_hold()).first()
    if case is None:
        return False  # somebody wrote, or placed a hold, at the same moment
    destroy(case, proposed_by=SYSTEM.name, actor=SYSTEM, at=at)
    return True
