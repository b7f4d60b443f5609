"""Reference rows (areas, categories, rules) are read from memory; a stamp says when memory is out of date.

Every process compares stamps at most every `FRESH_FOR` seconds, so an administrator's change reaches the whole
installation within that time, and a request usually spends no statement on reference data.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import F

from commonbeat.community.models import ReferenceStamp

T = TypeVar("T")


class _Here(threading.local):
    """What this thread did: `touched` while its transaction may have changed reference rows."""

    touched = False


_here = _Here()

_lock = threading.Lock()
_good_until = float("-inf")
_stamps: dict[str, int] = {}
_generation = 0


def touch(name: str) -> None:
    """Say that reference rows called `name` changed, in the transaction that changes them."""
    changed = ReferenceStamp.objects.filter(name=name).update(stamp=F("stamp") + 1)
    if not changed:
        ReferenceStamp.objects.bulk_create([ReferenceStamp(name=name, stamp=1)], ignore_conflicts=True)
    forget()
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        transaction.on_commit(forget)
        _here.touched = True


def forget() -> None:
    """Drop this process's memory: after a change here, and between tests."""
    global _good_until, _generation
    with _lock:
        _good_until = float("-inf")
        _generation += 1


def _changed_here() -> bool:
    """True in a transaction that changed reference rows itself: it sees what nobody else may remember yet."""
    if not _here.touched:  # nearly always; asking the connection costs more than the answer is worth
        return False
    connection = connections[DEFAULT_DB_ALIAS]
    _here.touched = connection.in_atomic_block and any(entry[1] is forget for entry in connection.run_on_commit)
    return _here.touched


def _stamp(name: str) -> tuple[int, int]:
    global _good_until, _stamps
    now = time.monotonic()
    if now > _good_until:
        with _lock:
            _stamps = dict(ReferenceStamp.objects.values_list("name", "stamp"))
            _good_until = now + settings.REFERENCE_FRESH_FOR
    return _generation, _stamps.get(name, 0)


def stamp_of(name: str) -> int:
    """How often reference rows called `name` changed: a version for those who copy them."""
    if _changed_here():
        return ReferenceStamp.objects.filter(name=name).values_list("stamp", flat=True).first() or 0
    return _stamp(name)[1]


class Remembered(Generic[T]):
    """The result of `load()`, kept until reference rows called `names` change."""

    def __init__(self, load: Callable[[], T], *names: str) -> None:
        self._load = load
        self._names = names
        self._kept: tuple[tuple[object, ...], T] | None = None

    def __call__(self) -> T:
        # What a transaction sees of its own changes is good for that transaction alone, until its next change.
        mine = _changed_here()
        stamp = ("mine", threading.get_ident(), _generation) if mine else tuple(_stamp(name) for name in self._names)
        kept = self._kept
        if kept is None or kept[0] != stamp:
            kept = (stamp, self._load())
            self._kept = kept
        return kept[1]
