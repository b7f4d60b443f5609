"""Words that only the installation can open: each sealed case has a key of its own, kept outside the database.

Destroying the key destroys the words wherever a copy of the database went; see docs/decisions on sealed kinds.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from commonbeat.cases.models import Case
from commonbeat.journal.models import Entry

SEALED = "sealed"
"""Under this name the sealed words stand in a row's JSON, alone."""
BLOCK = 512
"""Bytes: words are filled up to a multiple of this, so that their length tells little."""
STRAY_AFTER = dt.timedelta(days=1)


class Unreadable(LookupError):
    """The key of this case is gone, or is not the one that sealed these words."""


@dataclass(frozen=True)
class Said:
    """What a sealed case holds in words, opened for one reader."""

    text: str = ""
    address: str = ""
    lat: float | None = None
    long: float | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def _folder() -> Path:
    return Path(settings.KEYS_ROOT) / "cases"


def _path(client_id: uuid.UUID) -> Path:
    return _folder() / f"{client_id}.key"


def make_key(case: Case) -> None:
    """Make the key of a case that is being opened; a key that is there already stays."""
    path = _path(case.client_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as out:
        out.write(Fernet.generate_key())
        out.flush()
        os.fsync(out.fileno())


def _box(case: Case) -> Fernet:
    try:
        return Fernet(_path(case.client_id).read_bytes())
    except (OSError, ValueError) as error:
        raise Unreadable(f"The key of {case.reference} is not here.") from error


def destroy_key(client_id: uuid.UUID) -> None:
    """Remove the key of a case: what it sealed can never be read again, in backups either."""
    _path(client_id).unlink(missing_ok=True)


def remove_stray_keys(*, at: dt.datetime) -> int:
    """Remove keys of cases that were never stored, or are gone while their key stayed; returns how many."""
    before = (at - STRAY_AFTER).timestamp()
    old = {path.stem: path for path in _folder().glob("*.key") if path.stat().st_mtime < before}
    known = {str(one) for one in Case.objects.filter(client_id__in=list(old)).values_list("client_id", flat=True)}
    for name, path in old.items():
        if name not in known:
            path.unlink(missing_ok=True)
    return len(old.keys() - known)


def seal(case: Case, words: Mapping[str, Any]) -> dict[str, str]:
    """Words as a row may hold them. Raises `Unreadable` where the key is gone."""
    plain = json.dumps(dict(words), ensure_ascii=False).encode()
    return {SEALED: _box(case).encrypt(plain + b" " * (-len(plain) % BLOCK)).decode()}


def unseal(case: Case, held: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a row; what was never sealed comes back as it is. Raises `Unreadable`."""
    if SEALED not in held:
        return dict(held)
    try:
        opened = json.loads(_box(case).decrypt(held[SEALED].encode()))
    except InvalidToken as error:
        raise Unreadable(f"The key of {case.reference} does not fit.") from error
    return dict(opened)


def seal_bytes(case: Case, data: bytes) -> bytes:
    """A file of a case as the disk may hold it."""
    return _box(case).encrypt(data)


def unseal_bytes(case: Case, data: bytes) -> bytes:
    """A file of a case as it was sent, cleaned. Raises `Unreadable`."""
    try:
        return _box(case).decrypt(data)
    except InvalidToken as error:
        raise Unreadable(f"The key of {case.reference} does not fit.") from error


def seal_case(case: Case) -> None:
    """Move what was said, and where, from a case that is not stored yet into one sealed text, under a new key.

    Area, category and times stay: work is given out and counted by them.
    """
    make_key(case)
    details = dict(case.details)
    said = {
        "text": case.text, "address": case.address, "lat": case.lat, "long": case.long,
        "answers": details.pop("answers", {}),
    }  # fmt: skip
    if details.get("danger"):
        details["danger"] = without_words(details["danger"])
    case.text, case.address, case.lat, case.long, case.cell = "", "", None, None, None
    case.details = details | seal(case, said)


def without_words(danger: Mapping[str, Any]) -> dict[str, Any]:
    """A record of danger that repeats nothing of what was written: the sealed words say it themselves."""
    return {name: value for name, value in danger.items() if name != "words"}


def said_in(case: Case) -> Said:
    """What was said when a sealed case was opened. Raises `Unreadable`."""
    if SEALED not in case.details:
        return Said(case.text, case.address, case.lat, case.long, case.details.get("answers") or {})
    return Said(**unseal(case, {SEALED: case.details[SEALED]}))


def open_entries(case: Case, entries: Iterable[Entry]) -> list[Entry]:
    """Entries with their words opened, for one reader; they are never written back. Lost words are left out."""
    found = []
    for entry in entries:
        if entry.personal and SEALED in entry.personal:
            try:
                entry.personal = unseal(case, entry.personal)
            except Unreadable:
                entry.personal = None
        found.append(entry)
    return found
