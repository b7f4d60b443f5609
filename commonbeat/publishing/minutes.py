"""Minutes of activities: the record drafts them, a second person publishes them, and they report promises back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db import transaction
from django.db.models import F

from commonbeat.activities.coming_of import promise_at
from commonbeat.activities.models import Activity
from commonbeat.activities.recording import OPEN, TOLD, hold
from commonbeat.activities.undoing import TOO_LATE, last_deed, undo
from commonbeat.cases.promise_rows import Promise
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.numbers import Suppressed, suppress, suppress_table
from commonbeat.core.text import N_
from commonbeat.publishing.models import Publication

KIND = "minutes"
RECORDS = frozenset({"activity.held", "activity.record_changed"})
CAME = N_("How many came")
SPOKE = N_("How many spoke which language")
REPORTED = N_("What became of an earlier promise")
PROMISED = N_("We promised")
SAID = N_("On the agenda")
BECAME = {
    "kept": N_("“%(promise)s” Kept. %(said)s"),
    "missed": N_("“%(promise)s” Not kept: %(reason)s %(said)s"),
    "released": N_("“%(promise)s” Released: %(reason)s %(said)s"),
    "open": N_("“%(promise)s” Still open, by %(day)s. %(said)s"),
}


def facts_of(row: Activity) -> list[dict[str, Any]]:
    """What the minutes say besides their words, the same in every language; a small number of people is hidden."""
    facts = [*_came(row), *_spoken(row)] if row.attendance else []
    items = row.items.filter(off=False).select_related("promise").order_by("position", "pk")
    for item in items:
        if item.promise is not None and item.result and item.result in {*BECAME, TOLD}:
            state = OPEN if item.result == OPEN else item.promise.state
            words = {"promise": item.promise.text, "reason": item.promise.reason, "said": item.said,
                     "day": item.promise.due_on.isoformat()}  # fmt: skip
            facts.append({"label": REPORTED, "text": BECAME[state], "params": words, "promise": item.promise_id})
        elif item.promise is None and item.said:
            facts.append({"label": SAID, "text": N_("%(item)s: %(said)s"),
                          "params": {"item": item.text, "said": item.said}})  # fmt: skip
    made = Promise.objects.filter(came_of__activity=row).order_by("due_on", "pk")
    facts += [
        {"label": PROMISED, "text": N_("%(promise)s By %(day)s."), "promise": one.pk,
         "params": {"promise": one.text, "day": one.due_on.isoformat()}}
        for one in made
    ]  # fmt: skip
    return facts


def _came(row: Activity) -> list[dict[str, Any]]:
    people = suppress(int(row.attendance["people"]), minimum=int(setting("minimum_count")))
    if isinstance(people, Suppressed):
        return [{"label": CAME, "text": N_("fewer than %(least)s"), "params": {"least": people.below}}]
    return [{"label": CAME, "text": "%(people)s", "params": {"people": people}}]


def _spoken(row: Activity) -> list[dict[str, Any]]:
    """How many spoke which language, suppressed together with those of whom nobody said it (RULES 6)."""
    spoken = {code: n for code, n in row.attendance.get("languages", {}).items() if n}
    rest = int(row.attendance["people"]) - sum(spoken.values())
    table = suppress_table({"people": {**spoken, "": rest}}, minimum=int(setting("minimum_count")))
    cells = table.cells["people"]
    names = {code: LANG_INFO.get(code, {}).get("name_local", code) for code in spoken} | dict(settings.LANGUAGES)
    told = [f"{names[code]}: {cells[code]}" for code in spoken if not isinstance(cells[code], Suppressed)]
    return [{"label": SPOKE, "text": "%(spoken)s", "params": {"spoken": ", ".join(told)}}] if told else []


def minutes_of(row: Activity) -> Publication | None:
    """The minutes of an activity, in whatever state."""
    return Publication.objects.filter(activity=row).first()


def published(rows: Iterable[Activity]) -> dict[int, Publication]:
    """The published minutes of these activities, by their numbers: one statement."""
    found = Publication.objects.filter(activity__in=[row.pk for row in rows], state=Publication.State.PUBLISHED)
    return {row.activity_id: row for row in found if row.activity_id}


def reported_publicly(numbers: Iterable[int]) -> set[int]:
    """Which of these promises a second person has published already: only their words may be shown to everybody."""
    wanted = set(numbers)
    if not wanted:
        return set()
    rows = Publication.objects.filter(kind=KIND, state=Publication.State.PUBLISHED)
    named = rows.filter(activity__in=Activity.objects.filter(came_of_it__promise__in=wanted))
    named |= rows.filter(activity__items__promise__in=wanted)
    facts = (fact for row in named.distinct() for fact in row.facts)
    return {number for fact in facts if (number := fact.get("promise")) in wanted}


@transaction.atomic
def record_meeting(row: Activity, data: Mapping[str, Any], *, version: int, actor: Actor, at: dt.datetime) -> None:
    """Write the record of what was held and draft its minutes; published ones stay as they are. Raises `Invalid`."""
    before = (row.raised, row.answered)
    hold(row, data, version=version, actor=actor, at=at)
    draft(row, actor=actor, at=at, words=before != (row.raised, row.answered))


def draft(row: Activity, *, actor: Actor, at: dt.datetime, words: bool) -> None:
    """Draft the minutes, or bring an unpublished draft up to date; its words only where `words` says so."""
    if not row.public or row.state != Activity.State.HELD:
        return
    found = Publication.objects.select_for_update().filter(activity=row).first()
    written = {row.language: {"title": row.title, "said": row.raised, "did": row.answered}}
    if found is None:
        Publication.objects.create(
            kind=KIND, activity=row, area_id=row.area_id, language=row.language, words=written, facts=facts_of(row),
            drafted_by_id=actor.user_id, drafted_at=at,
        )  # fmt: skip
        return
    if found.state == Publication.State.PUBLISHED:
        return
    columns: dict[str, Any] = {"facts": facts_of(row), "drafted_by": actor.user_id, "drafted_at": at}
    if words or found.state == Publication.State.WITHDRAWN:
        columns["words"] = written
    Publication.objects.filter(pk=found.pk).update(
        version=F("version") + 1, state=Publication.State.DRAFT, published_by=None, published_at=None,
        withdrawn_at=None, withdrawn_reason="", **columns,
    )  # fmt: skip


@transaction.atomic
def promised_there(
    row: Activity, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Promise:
    """Write down a promise that was made there; minutes that are not published yet name it. Raises `Invalid`."""
    made = promise_at(row, data, actor=actor, at=at, client_id=client_id)
    row.refresh_from_db()
    found = minutes_of(row)
    if found is not None and found.state == Publication.State.DRAFT:
        draft(row, actor=actor, at=at, words=False)
    return made


@transaction.atomic
def take_back(row: Activity, *, actor: Actor, at: dt.datetime) -> bool:
    """Take back one's own last deed; False where the activity is gone with it. Raises `Invalid`.

    A record whose minutes are published has left the house; minutes that are not follow what is put back.
    """
    entry, found = last_deed(row, actor=actor, at=at), minutes_of(row)
    of_record = entry is not None and entry.verb in RECORDS
    if of_record and found is not None and found.state == Publication.State.PUBLISHED:
        raise Invalid([Problem("", TOO_LATE)])
    still = undo(row, actor=actor, at=at)
    if still and of_record and found is not None:
        if row.state == Activity.State.HELD:
            draft(row, actor=actor, at=at, words=True)
        else:
            found.delete()
    return still


def may_take_back(row: Activity, *, actor: Actor, at: dt.datetime) -> bool:
    """True as long as this person can take back what they did last."""
    entry = last_deed(row, actor=actor, at=at)
    if entry is None:
        return False
    found = minutes_of(row) if entry.verb in RECORDS else None
    return found is None or found.state != Publication.State.PUBLISHED
