"""Sealed notes: each is opened by whoever wrote it and by nobody else, and destroyed in time (RULES 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from commonbeat.cases import sealing
from commonbeat.cases.deed import Deed
from commonbeat.cases.disposal import open_hold
from commonbeat.cases.models import Case
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import log_access
from commonbeat.talks.models import SealedNote
from commonbeat.talks.sides import chosen_side

NOTE, ANALYSIS = "note", "analysis"
NOT_LEADING = N_("Only who leads the talks writes here.")
NOTHING = N_("Write something first.")
PARTS = {
    "position": N_("What they say they want"),
    "interests": N_("What matters to them behind it"),
    "issues": N_("What has to be talked about"),
    "common": N_("What both sides share"),
}
NOTE_FIELDS = (Field("note", N_("Note, for you alone"), "text", required=True,
                     hint=N_("Nobody else can open it, and it is destroyed when its time is over.")),)  # fmt: skip
ANALYSIS_FIELDS = (
    Field("side", N_("Side"), source="talks_side", required=True),
    *(Field(code, words, "text") for code, words in PARTS.items()),
)


@dataclass(frozen=True)
class Opened:
    """A note as its author reads it; `lost` when the key is gone."""

    sort: str
    side: str
    words: Mapping[str, Any]
    made_at: dt.datetime
    lost: bool = False


def keep_note(deed: Deed) -> None:
    """A note of the one who leads the talks. The entry says that there is one, and nothing of it."""
    _seal(deed, NOTE, {"note": deed.data["note"]}, side_id=None)


def analyse(deed: Deed) -> None:
    """What moves one side: the position, the interests behind it, the issues, and what is shared."""
    words = {code: deed.data[code] for code in PARTS if deed.data.get(code)}
    if not words:
        raise Invalid([Problem("position", NOTHING)])
    _seal(deed, ANALYSIS, words, side_id=chosen_side(deed).pk)


def _seal(deed: Deed, sort: str, words: Mapping[str, Any], *, side_id: int | None) -> None:
    if not leads(deed.case, deed.actor):
        raise Invalid([Problem("note" if sort == NOTE else "position", NOT_LEADING)])
    sealing.make_key(deed.case)
    deed.make(
        SealedNote(
            case=deed.case, author_id=deed.actor.staff_id, side_id=side_id, sort=sort, made_at=deed.at,
            held=sealing.seal(deed.case, words),
        )
    )  # fmt: skip


def leads(case: Case, actor: Actor) -> bool:
    """True for the one who leads the talks; who stands in for them does not."""
    return actor.user_id is not None and case.assignee_id == actor.user_id


def notes_of(case: Case, *, actor: Actor, at: dt.datetime) -> list[Opened]:
    """This person's own notes, the oldest first; each opening is logged. Nobody gets anybody else's."""
    rows = list(SealedNote.objects.filter(case=case, author=actor.user_id or 0).select_related("side").order_by("pk"))
    if rows:
        log_access("case", case.pk, "sealed", actor=actor, at=at)
    found = []
    for row in rows:
        called = row.side.called if row.side else ""
        try:
            found.append(Opened(row.sort, called, sealing.unseal(case, row.held), row.made_at))
        except sealing.Unreadable:
            found.append(Opened(row.sort, called, {}, row.made_at, lost=True))
    return found


def destroy_notes(*, at: dt.datetime) -> int:
    """Destroy notes of talks that ended long enough ago, with the key that opens them; a hold keeps them."""
    before = at - dt.timedelta(days=int(setting("talks_notes_days")))
    over = Case.objects.filter(sealed_notes__isnull=False, closed_at__lt=before).exclude(open_hold()).distinct()
    gone = 0
    for case in over:
        with transaction.atomic():
            gone += SealedNote.objects.filter(case=case).delete()[0]
            transaction.on_commit(partial(sealing.destroy_key, case.client_id))
    return gone
