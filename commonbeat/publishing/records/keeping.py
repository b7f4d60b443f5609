"""How long requests for records are kept, what whoever asked is told of them, and what is erased."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import transaction

from commonbeat.cases.disposal import SCHEDULED, Rule
from commonbeat.community.agency import setting
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record, shred_entries
from commonbeat.publishing.records.models import RecordsRequest

DAYS = "records_request_days"
KIND = "records_request"
REASON = N_("To whom records went, and what was kept back, can be asked for and gone to court about.")
AT_ONCE = 500


def rule() -> Rule:
    """The line of the retention schedule."""
    return Rule(N_("Requests for records"), "", int(setting(DAYS)), REASON)


def asked_by(*, email: str, digits: str, actor: Actor) -> list[RecordsRequest]:
    """The requests of whoever is reached by this e-mail address or number, that this actor may know of."""
    rows = RecordsRequest.objects.visible_to(actor).exclude(contact="").order_by("pk")
    return [row for row in rows if _is_theirs(row.contact, email=email, digits=digits)]


def _is_theirs(contact: str, *, email: str, digits: str) -> bool:
    if email and email in (word.strip("<>().,;") for word in contact.lower().split()):
        return True
    return bool(digits) and digits[-9:] in re.sub(r"\D", "", contact)


def told_of(row: RecordsRequest) -> dict[str, Any]:
    """What is held of one request, for whoever asked."""
    return {
        "number": row.number, "requester": row.requester, "contact": row.contact, "text": row.text,
        "asked_on": row.asked_on.isoformat(), "state": row.state,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
    }  # fmt: skip


@transaction.atomic
def erase_contact(row: RecordsRequest, *, actor: Actor, at: dt.datetime) -> bool:
    """Forget how whoever asked is reached, once they were answered; to whom records went stays. False while open."""
    if row.state == RecordsRequest.State.OPEN:
        return False
    RecordsRequest.objects.filter(pk=row.pk).update(contact="")
    record(KIND, row.pk, "records_request.contact_erased", actor=actor, at=at)
    return True


def forget_requests(*, at: dt.datetime) -> int:
    """Erase who asked and what for when the time of a closed request is over; returns how many.

    Number, days, what was decided, the log and the digest of what was released stay.
    """
    before = at - dt.timedelta(days=int(setting(DAYS)))
    rows = RecordsRequest.objects.filter(closed_at__lt=before).exclude(requester="")[:AT_ONCE]
    for row in rows:
        with transaction.atomic():
            RecordsRequest.objects.filter(pk=row.pk).update(requester="", contact="", text="")
            shred_entries(KIND, row.pk)
            record(KIND, row.pk, "records_request.forgotten", actor=SYSTEM, at=at)
    return len(rows)


SCHEDULED.append(rule)
