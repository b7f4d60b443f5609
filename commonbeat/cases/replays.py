"""The same thing sent twice by a program is done once: opening a case, and taking a step."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable

from django.db import IntegrityError

from commonbeat.cases.actions import Opened
from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor
from commonbeat.journal.models import Entry


def client_id_of(token: bytes, *, turn: int = 0) -> uuid.UUID:
    """The row id that a sender's token stands for: nobody else's token gives the same."""
    digest = hashlib.blake2b(token + turn.to_bytes(8, "big"), digest_size=16, person=b"cb-sent-once").digest()
    return uuid.UUID(bytes=digest, version=5)


def open_once(
    open_it: Callable[[uuid.UUID], Opened], *, token: bytes, at: dt.datetime, within: dt.timedelta | None = None
) -> Opened:
    """Open a case for this token, or find the one that it opened before.

    Without `within` a token counts for ever. With it, the same token after that time is a new matter: ids change
    from one turn of `within` to the next, and the turn before is looked at as well. Two requests at the same moment
    make one case, because the id is unique.
    """
    turn = int(at.timestamp() // within.total_seconds()) if within else 0
    ids = [client_id_of(token, turn=turn)] + ([client_id_of(token, turn=turn - 1)] if within else [])
    known = Case.objects.filter(client_id__in=ids)
    if within:
        known = known.filter(opened_at__gt=at - within)
    found = known.first()
    if found:
        return Opened(found, None, replayed=True)
    try:
        return open_it(ids[0])
    except IntegrityError:
        found = Case.objects.filter(client_id=ids[0]).first()
        if found is None:
            raise
        return Opened(found, None, replayed=True)


def entry_sent_as(case: Case, token: str, *, actor: Actor) -> Entry | None:
    """The entry that this key made on this case under this token, if it did: pass `{"sent_as": token}` as `facts`."""
    mine = Entry.objects.about("case", case.pk).filter(actor_sort=actor.sort, actor_id=actor.key_id)
    return mine.filter(data__sent_as=token).first()
