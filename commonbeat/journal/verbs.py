"""The one verb of the journal: record a deed and who is told, in the transaction of the deed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from commonbeat.community.rows import insert, insert_all, is_whole, new, once_stored
from commonbeat.core.actor import Actor
from commonbeat.journal.chain import START, entry_hash, plain, seal_personal
from commonbeat.journal.models import AccessLog, Delivery, Entry


@dataclass(frozen=True, slots=True)
class Tell:
    """One message to one recipient: a channel, an address, a template with its words, a language.

    A `link` in `context` (`{"purpose": …, "subject": [kind, id], "days": n}`) becomes a one-time address only when
    the message is sent, so that no secret waits in the database.
    """

    channel: str
    recipient: str
    template: str
    language: str
    context: Mapping[str, Any] = field(default_factory=dict)
    person_id: int | None = None
    urgent: bool = False
    not_before: dt.datetime | None = None


class OutsideTransaction(RuntimeError):
    """A deed was recorded outside the transaction that does it."""


def record(
    kind: str,
    subject_id: int,
    verb: str,
    *,
    actor: Actor,
    at: dt.datetime,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    audience: str = "internal",
    tell: Iterable[Tell] = (),
    first: bool = False,
) -> Entry:
    """Write what happened to a subject and enqueue who is told. Must run inside the deed's transaction.

    `first` says that the subject was made in this transaction, so that there is no entry before this one. Raises
    `IntegrityError` when two deeds on one subject meet: lock the subject first.
    """
    if not is_whole():
        raise OutsideTransaction(f"{verb} must be recorded in the transaction that does it.")
    number, previous = 1, START
    if not first:
        last = (
            Entry.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("-number").values("number", "hash")
        ).first()
        if last:
            number, previous = last["number"] + 1, bytes(last["hash"])
    entry = new(
        Entry, subject_kind=kind, subject_id=subject_id, number=number, at=at, verb=verb, actor_sort=actor.sort,
        actor_id=actor.user_id or actor.key_id or actor.participant_id,
        actor_name=actor.name if actor.sort != "reporter" else "",
        audience=audience, data=plain(dict(data or {})), previous=previous,
    )  # fmt: skip
    if personal:
        entry.personal, entry.personal_digest = seal_personal(dict(personal))
    entry.hash = entry_hash(entry)
    insert(entry)
    enqueue(entry, tell, at=at)
    return entry


def enqueue(entry: Entry, tell: Iterable[Tell], *, at: dt.datetime) -> list[Delivery]:
    """Store the messages of an entry and the job that sends them."""
    deliveries = [
        new(
            Delivery, entry=entry, channel=t.channel, recipient=t.recipient, template=t.template, language=t.language,
            context=plain(dict(t.context)), person_id=t.person_id, urgent=t.urgent, next_at=t.not_before or at,
        )
        for t in tell
    ]  # fmt: skip
    if deliveries:
        insert_all(deliveries)
        from commonbeat.journal.tasks import wake_sender

        due = min(d.next_at for d in deliveries)
        once_stored(lambda: wake_sender(due, at=at))
    return deliveries


def timeline(kind: str, subject_id: int, *, audience: str = "staff") -> QuerySet[Entry]:
    """The entries of a subject that an audience may read, oldest first."""
    return Entry.objects.about(kind, subject_id).told_to(audience)


def log_access(kind: str, subject_id: int, what: str, *, actor: Actor, at: dt.datetime, reason: str = "") -> None:
    """Note that somebody looked at something that is not everybody's business."""
    AccessLog.objects.create(
        at=at, user_id=actor.user_id, user_name=actor.name, subject_kind=kind, subject_id=subject_id, what=what,
        reason=reason,
    )  # fmt: skip


def shred_entries(kind: str, subject_id: int) -> int:
    """Remove the personal fields of a subject's entries; the chain still verifies. Returns how many were shredded."""
    return Entry.objects.filter(subject_kind=kind, subject_id=subject_id, personal__isnull=False).update(personal=None)
