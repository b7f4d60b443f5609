"""What takes long is counted by the worker, and kept beside the points by a fingerprint of all that it reads."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.db import transaction

from commonbeat.evidence import store
from commonbeat.evidence.looks.asking import Ask

Tell = Callable[[float], None]
"""Takes the share that is done, 0 to 1."""
Counted = Mapping[str, Any]
"""Plain numbers as JSON holds them; words are made when somebody looks."""

COUNTERS: dict[str, Callable[[Ask, Tell], Counted]] = {}
"""By look: what the worker counts for it."""
_SECONDS, _ALIVE_S = 0.5, 60


class BeingCounted(Exception):
    """The worker is at it; `share` says how far, 0 to 1."""

    def __init__(self, share: float) -> None:
        super().__init__(f"{share:.0%}")
        self.share = share


def _place(look: str, ask: Ask) -> Path:
    months = ask.seen.months
    key = json.dumps([look, ask.measure.state(), str(months.start), str(months.end)])
    source = ask.source
    return store.folder(source.slug) / f"{source.content}.{hashlib.sha256(key.encode()).hexdigest()[:24]}.json"


def kept(look: str, ask: Ask) -> Counted | None:
    """What was counted for a look, if it was. Raises `CannotLook`."""
    try:
        found: Counted = json.loads(_place(look, ask).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def keep(look: str, ask: Ask, counted: Counted) -> Counted:
    """Keep what was counted until the incidents change."""
    target = _place(look, ask)
    with store.written(target) as draft:
        draft.write_text(json.dumps(counted), encoding="utf-8")
    _progress(target).unlink(missing_ok=True)
    return counted


def _progress(target: Path) -> Path:
    return target.with_suffix(".share")


def raise_if_counting(look: str, ask: Ask) -> None:
    """Raises `BeingCounted` where the worker was asked or told how far it is within the last minute."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        progress = _progress(_place(look, ask))
        if time.time() - progress.stat().st_mtime < _ALIVE_S:
            raise BeingCounted(float(progress.read_text() or 0))


def leave_to_worker(look: str, ask: Ask) -> NoReturn:
    """Have it counted in the background, once however many ask. Always raises `BeingCounted`."""
    from procrastinate.exceptions import AlreadyEnqueued

    from commonbeat.evidence.tasks import count_look

    place, months = _place(look, ask), ask.seen.months
    given = {
        "look": look, "measure": ask.measure.slug, "areas": ask.areas.slug, "first": str(months.start),
        "last": str(months.first_day(months.count - 1)),
    }  # fmt: skip
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        count_look.configure(queueing_lock=f"look {place.stem}").defer(**given)
    _progress(place).write_text("0")
    raise BeingCounted(0.0)


def count(look: str, ask: Ask) -> None:
    """What the worker does: count, tell how far it is, and keep the result."""
    if kept(look, ask) is not None:
        return
    progress, told = _progress(_place(look, ask)), time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _SECONDS:
            progress.write_text(f"{share:.3f}")
            told = time.monotonic()

    try:
        keep(look, ask, COUNTERS[look](ask, tell))
    finally:
        progress.unlink(missing_ok=True)
