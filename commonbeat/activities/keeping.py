"""How long the inside of an activity is kept: its note and the words of its history; what was public stays."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.activities.models import Activity
from commonbeat.core.actor import SYSTEM
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record, shred_entries

AT_ONCE = 500


def forget_notes(*, at: dt.datetime) -> int:
    """Empty the notes and shred the words of the history of what ended long ago; returns how many activities."""
    gone = 0
    for kind in ACTIVITIES:
        if kind.note.days is None:
            continue
        old = Activity.objects.filter(kind=kind.slug, ends_at__lt=at - dt.timedelta(days=kind.note.days))
        written = Entry.objects.filter(subject_kind="activity", personal__isnull=False).values("subject_id")
        for number in list(old.filter(~Q(note="") | Q(pk__in=written)).values_list("pk", flat=True)[:AT_ONCE]):
            gone += _forget(number, at=at)
    return gone


@transaction.atomic
def _forget(number: int, *, at: dt.datetime) -> int:
    Activity.objects.select_for_update().get(pk=number)
    Activity.objects.filter(pk=number).update(note="")
    shred_entries("activity", number)
    record("activity", number, "activity.note_forgotten", actor=SYSTEM, at=at)
    return 1
