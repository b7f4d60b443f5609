"""The hash chain: how entries are hashed, sealed and verified.

Each subject has a chain of its own, so that unrelated deeds never wait for each other; seals, made by the worker,
run over all chains in order of arrival (see docs/decisions/0003-chain-per-subject.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from commonbeat.journal.models import Entry, Seal

START = bytes(32)


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def plain(value: dict[str, Any]) -> dict[str, Any]:
    """`value` as JSON will give it back: what is hashed is what is stored."""
    return orjson.loads(orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS))  # type: ignore[no-any-return]


def seal_personal(personal: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Add a salt to personal fields and digest both: after shredding, guessing the fields proves nothing."""
    salted = plain(personal) | {"_salt": secrets.token_hex(16)}
    return salted, hashlib.blake2b(_canonical(salted), digest_size=32).digest()


def entry_hash(entry: Entry) -> bytes:
    """The hash of an entry over its stored fields and the entry before it."""
    body = [
        entry.subject_kind,
        entry.subject_id,
        entry.number,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.verb,
        entry.actor_sort,
        entry.actor_id,
        entry.actor_name,
        entry.audience,
        entry.data,
        bytes(entry.personal_digest).hex() if entry.personal_digest else None,
    ]
    return hashlib.blake2b(bytes(entry.previous) + _canonical(body), digest_size=32).digest()


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that does not verify."""

    subject: str
    number: int
    what: str


def _digest(rows: list[tuple[int, bytes]], previous: bytes) -> bytes:
    state = hashlib.blake2b(previous, digest_size=32)
    for row_id, value in rows:
        state.update(row_id.to_bytes(8, "big") + bytes(value))
    return state.digest()


@transaction.atomic
def make_seal(*, at: dt.datetime, batch: int = 50_000) -> Seal | None:
    """Seal the entries that nobody can still add to; None when there are no new ones.

    Entries get their ids before they are committed, so the newest ids may still have gaps that fill later. Only rows
    older than every running transaction are sealed.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x5EA1])
        last = Seal.objects.order_by("-id").first()
        after = last.last_id if last else 0
        cursor.execute(
            "SELECT id, hash FROM journal_entry WHERE id > %s "
            "AND age(xmin) > age((pg_snapshot_xmin(pg_current_snapshot()))::xid) ORDER BY id LIMIT %s",
            [after, batch],
        )
        rows = [(int(a), bytes(b)) for a, b in cursor.fetchall()]
    if not rows:
        return None
    previous = bytes(last.hash) if last else START
    return Seal.objects.create(
        at=at, first_id=rows[0][0], last_id=rows[-1][0], entries=len(rows), previous=previous,
        hash=_digest(rows, previous),
    )  # fmt: skip


def verify(*, chunk: int = 20_000) -> Iterator[Flaw]:
    """Walk every chain and every seal; yield what does not verify. Memory stays bounded by `chunk`."""
    yield from _verify_chains(chunk)
    yield from _verify_seals()


def _verify_chains(chunk: int) -> Iterator[Flaw]:
    yield from _walk(Entry.objects.order_by("subject_kind", "subject_id", "number").iterator(chunk_size=chunk))


def verify_subject(kind: str, subject_id: int) -> list[Flaw]:
    """What does not verify in the chain of one subject."""
    return list(_walk(Entry.objects.about(kind, subject_id)))


def _walk(rows: Iterable[Entry]) -> Iterator[Flaw]:
    """The entries of one subject after another, each by number."""
    subject: tuple[str, int] | None = None
    number, tip = 0, START
    for entry in rows:
        here = (entry.subject_kind, entry.subject_id)
        if here != subject:
            subject, number, tip = here, 0, START
        name = f"{here[0]} {here[1]}"
        if entry.number != number + 1:
            yield Flaw(name, entry.number, f"entry {number + 1} is missing")
        elif bytes(entry.previous) != tip:
            yield Flaw(name, entry.number, "does not follow the entry before it")
        if entry_hash(entry) != bytes(entry.hash):
            yield Flaw(name, entry.number, "was changed after it was written")
        if entry.personal is not None and entry.personal_digest is not None:
            found = hashlib.blake2b(_canonical(entry.personal), digest_size=32).digest()
            if found != bytes(entry.personal_digest):
                yield Flaw(name, entry.number, "has personal fields that were changed")
        number, tip = entry.number, bytes(entry.hash)


def _verify_seals() -> Iterator[Flaw]:
    previous = START
    for seal in Seal.objects.order_by("id").iterator():
        covered = Entry.objects.filter(id__gte=seal.first_id, id__lte=seal.last_id).order_by("id")
        rows = [(number, bytes(value)) for number, value in covered.values_list("id", "hash")]
        if len(rows) != seal.entries:
            yield Flaw("seal", seal.pk, f"covers {seal.entries} entries, {len(rows)} are there")
        elif bytes(seal.previous) != previous or _digest(rows, previous) != bytes(seal.hash):
            yield Flaw("seal", seal.pk, "does not match the entries that it covers")
        previous = bytes(seal.hash)
