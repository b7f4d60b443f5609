"""Sends what is due: claims rows so that no two senders send one, retries with growing pauses, keeps quiet at night."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from commonbeat.community.agency import current, setting
from commonbeat.community.models import Person
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.channels import (
    CHANNELS,
    QUIET,
    Bounced,
    NoLongerWanted,
    Postponed,
    TemporarilyUnavailable,
    Unreachable,
    lines_open,
)
from commonbeat.journal.models import Delivery
from commonbeat.journal.verbs import record

log = logging.getLogger("commonbeat.deliver")

RETRY_AFTER = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
CLAIM_FOR = dt.timedelta(minutes=5)
"""A sender that died keeps its claim no longer than this; its message is then sent again."""


def quiet_until(at: dt.datetime) -> dt.datetime | None:
    """The end of the quiet hours that `at` lies in, or None."""
    zone = ZoneInfo(current().timezone)
    local = at.astimezone(zone)
    start, end = (dt.time.fromisoformat(setting(n)) for n in ("quiet_from", "quiet_until"))
    clock = local.time()
    quiet = start <= clock < end if start <= end else (clock >= start or clock < end)
    if start == end or not quiet:
        return None
    day = local.date() if clock < end else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, end, tzinfo=zone)


def _claim(at: dt.datetime, limit: int) -> list[Delivery]:
    with transaction.atomic():
        rows = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state__in=[Delivery.State.PENDING, Delivery.State.SENDING], next_at__lte=at)
            .order_by("next_at")[:limit]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Delivery.State.SENDING, next_at=at + CLAIM_FOR, attempts=F("attempts") + 1
        )
    return rows


def is_anything_due(*, at: dt.datetime) -> bool:
    """Whether a message waits to be sent now."""
    return Delivery.objects.filter(state=Delivery.State.PENDING, next_at__lte=at).exists()


def send_due(*, at: dt.datetime, rounds: int | None = None, limit: int = 50) -> int:
    """Send what is due, `limit` messages a round, until none is left or so many rounds are over; returns how many."""
    sent = 0
    closed: dict[str, str] = {}
    for _ in range(rounds) if rounds else itertools.count():
        rows = _claim(at, limit)
        if not rows:
            break
        with lines_open():
            sent += sum(_send_unless_closed(row, closed, at=at) for row in rows)
    return sent


def _send_unless_closed(row: Delivery, closed: dict[str, str], *, at: dt.datetime) -> int:
    """Send one message, unless nothing gets out by its channel; `closed` says which, and why."""
    if row.channel not in closed:
        try:
            return _send(row, at=at)
        except Unreachable as failure:
            closed[row.channel] = str(failure)
    _retry(row, closed[row.channel], at=at)
    return 0


def _send(row: Delivery, *, at: dt.datetime) -> int:
    """Send one message and note what became of it; returns how many were sent. Raises `Unreachable`."""
    quiet = quiet_until(at) if row.channel in QUIET and not row.urgent else None
    if quiet:
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.PENDING, next_at=quiet, attempts=row.attempts)
        return 0
    try:
        CHANNELS[row.channel](row, at=at)
    except Bounced as refusal:
        mark_bounced(row, str(refusal), at=at)
        return 0
    except NoLongerWanted as reason:
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.CANCELLED, error=str(reason)[:300])
        return 0
    except Postponed as rest:
        waits = {"state": Delivery.State.PENDING, "next_at": rest.until, "attempts": row.attempts}
        Delivery.objects.filter(pk=row.pk).update(**waits)
        return 0
    except Unreachable:
        raise
    except TemporarilyUnavailable as failure:
        _retry(row, str(failure), at=at)
        return 0
    except Exception as failure:  # a broken template must not stop everybody else's mail
        log.exception("Delivery %s failed", row.pk)
        _retry(row, type(failure).__name__, at=at)
        return 0
    Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.SENT, sent_at=at, error="")
    return 1


def _retry(row: Delivery, error: str, *, at: dt.datetime) -> None:
    tried = row.attempts
    if tried >= len(RETRY_AFTER):
        Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.FAILED, error=error[:300])
        _tell_staff(row, "delivery.failed", error, at=at)
        return
    Delivery.objects.filter(pk=row.pk).update(
        state=Delivery.State.PENDING, next_at=at + RETRY_AFTER[tried], error=error[:300]
    )


def mark_bounced(row: Delivery, error: str, *, at: dt.datetime) -> None:
    """Note that an address takes no messages: nothing more is sent there, and the timeline says so."""
    Delivery.objects.filter(pk=row.pk).update(state=Delivery.State.BOUNCED, error=error[:300])
    if row.person_id:
        Person.objects.filter(pk=row.person_id).update(email_bounced_at=at)
    _tell_staff(row, "delivery.bounced", error, at=at)


def _tell_staff(row: Delivery, verb: str, error: str, *, at: dt.datetime) -> None:
    """Put the failure on the timeline, where somebody who can call instead will read it."""
    entry = row.entry
    with transaction.atomic():
        record(
            entry.subject_kind, entry.subject_id, verb, actor=SYSTEM, at=at,
            data={"channel": row.channel, "template": row.template, "error": error[:200]},
        )  # fmt: skip
