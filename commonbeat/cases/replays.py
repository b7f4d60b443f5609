"""The same thing sent twice by a program is done once: opening a case, and taking a step."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from functools import cache

from django.db import IntegrityError
from django.db.models import Q

from commonbeat.cases.actions import Opened
from commonbeat.cases.models import Case
from commonbeat.community.kept import Kept, keep
from commonbeat.core.actor import Actor
from commonbeat.journal.models import Entry

_ONE, _OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
_SINCE, _EVER = dt.datetime(1999, 12, 31, tzinfo=dt.UTC), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@cache
def _sent_before() -> Kept:
    """The statement that looks whether one of two ids was used; it runs for every report of a program."""
    cases = Case.objects.filter(Q(client_id=_ONE) | Q(client_id=_OTHER), opened_at__gt=_SINCE)
    return keep(cases.order_by("id").values_list("id")[:1], by=(_ONE, _OTHER, _SINCE))


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
    sent_before = _sent_before().run({_ONE: ids[0], _OTHER: ids[-1], _SINCE: at - within if within else _EVER})
    if sent_before:
        return Opened(Case.objects.get(pk=sent_before[0][0]), None, replayed=True)
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
