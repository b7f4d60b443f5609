"""Records the first entry of many new subjects at once: the same rows as `record` writes, sent in one stream."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connection

from commonbeat.core.actor import Actor
from commonbeat.journal.chain import START, entry_hash, plain
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import OutsideTransaction

_COLUMNS = (
    "subject_kind", "subject_id", "number", "at", "verb", "actor_sort", "actor_id", "actor_name", "audience", "data",
    "previous", "hash",
)  # fmt: skip


def record_first(
    kind: str, verb: str, deeds: Iterable[tuple[int, Mapping[str, Any]]], *, actor: Actor, at: dt.datetime
) -> None:
    """Write entry number 1 of each subject (id, data), inside the transaction that makes the subjects.

    Nobody is told, and nothing personal can be written this way. Raises `IntegrityError` for a subject that has an
    entry already.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{verb} must be recorded in the transaction that does it.")
    copy_in = f"COPY journal_entry ({', '.join(_COLUMNS)}) FROM STDIN"
    entry = Entry(  # one for all rows: making a model for each would cost more than the rest
        subject_kind=kind, number=1, at=at, verb=verb, actor_sort=actor.sort, actor_id=actor.user_id or actor.key_id,
        actor_name=actor.name, previous=START,
    )  # fmt: skip
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        for subject_id, data in deeds:
            entry.subject_id, entry.data = subject_id, plain(dict(data))
            copy.write_row(
                (kind, subject_id, 1, at, verb, actor.sort, entry.actor_id, actor.name, entry.audience,
                 orjson.dumps(entry.data).decode(), START, entry_hash(entry))
            )  # fmt: skip
