"""Taking back one's own last deed on an activity, as long as nothing of it has left the house."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from commonbeat.activities.actions import SUBJECT, locked, put_back, state_of, write
from commonbeat.activities.models import Activity
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import reopen_promise, unreport
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record

TOO_LATE = N_("This cannot be taken back any more. Change it instead.")
DEEDS = frozenset(
    f"activity.{verb}"
    for verb in (
        "planned", "changed", "called_off", "agenda_added", "agenda_moved", "agenda_removed", "held", "record_changed"
    )
)  # fmt: skip
"""What can be taken back. Cases and promises that came of it have an undo of their own."""


def last_deed(row: Activity, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """One's own last deed on an activity, as long as it can be taken back."""
    entry = Entry.objects.about(SUBJECT, row.pk).order_by("-number").first()
    if entry is None or entry.verb not in DEEDS or not entry.personal:
        return None
    mine = (entry.actor_sort, entry.actor_id) == (actor.sort, actor.user_id)
    fresh = entry.at + dt.timedelta(minutes=float(setting("undo_minutes"))) > at
    return entry if mine and fresh else None


@transaction.atomic
def undo(row: Activity, *, actor: Actor, at: dt.datetime) -> bool:
    """Take back one's own last deed; returns False where that was planning it, so that it is gone. Raises `Invalid`."""
    found = locked(row, actor=actor)
    entry = last_deed(found, actor=actor, at=at)
    if entry is None:
        raise Invalid([Problem("", TOO_LATE)])
    kept, data = (entry.personal or {}).get("before"), {"undone": entry.verb}
    if kept is None:
        number, after = found.pk, state_of(found)
        found.delete()
        record(SUBJECT, number, "activity.undone", actor=actor, at=at, data=data, personal={"before": after})
        return False
    for told in entry.data.get("promises", ()):
        promise = Promise.objects.get(pk=told["promise"])
        if told["ended"]:
            reopen_promise(promise, actor=actor, at=at)
        on = dt.date.fromisoformat(told["reported_on"]) if told["reported_on"] else None
        unreport(promise, reported=told["reported"], on=on, actor=actor, at=at, quiet=told["ended"])
    now = state_of(found)
    write(found, "undone", now, actor=actor, at=at, columns=put_back(found, kept), data=data)
    row.refresh_from_db()
    return True
