"""What pages say about activities: states, times, agendas and their history, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext

from commonbeat.activities.kind import ACTIVITIES, PROMISE
from commonbeat.activities.models import Activity, AgendaItem
from commonbeat.activities.recording import OF_ENDED, OF_OPEN, key_of
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import ENDINGS
from commonbeat.community.agency import local_day, zone
from commonbeat.core.ids import reference
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.options import residents_languages
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.journal.models import Entry

STATES = {"planned": (N_("Planned"), "active"), "held": (N_("Held"), "done"), "off": (N_("Called off"), "problem")}
MISSING = (N_("Record missing"), "waiting")
PROMISES = {"open": N_("Open"), **{choice.key: choice.label for choice in ENDINGS}}
RESULTS = {choice.key: choice.label for choice in (*OF_OPEN, *OF_ENDED)}
VERBS = {
    "activity.planned": (N_("Planned"), "event", ""),
    "activity.changed": (N_("Changed"), "edit", ""),
    "activity.called_off": (N_("Called off"), "cancel", "problem"),
    "activity.agenda_added": (N_("Point put on the agenda"), "list", "quiet"),
    "activity.agenda_moved": (N_("Agenda put into another order"), "list", "quiet"),
    "activity.agenda_removed": (N_("Point taken off the agenda"), "list", "quiet"),
    "activity.held": (N_("Record written"), "check_circle", "done"),
    "activity.record_changed": (N_("Record changed"), "edit", ""),
    "activity.raised": (N_("A case was opened from here"), "campaign", ""),
    "activity.promised": (N_("A promise was written down"), "flag", ""),
    "activity.undone": (N_("Taken back"), "history", "quiet"),
    "activity.note_forgotten": (N_("The internal note was removed when its time was over"), "delete", "quiet"),
}
LOOKED_AT = {
    "title": N_("title"), "about": N_("what it is about"), "place": N_("place"), "starts_at": N_("beginning"),
    "ends_at": N_("end"), "host_id": N_("who leads it"), "area_id": N_("area"), "format": N_("sort"),
    "public": N_("who may come"), "access": N_("getting in"), "languages": N_("languages"),
    "interpreters": N_("interpreters"), "words": N_("translations"), "attendance": N_("attendance"),
    "raised": N_("what people raised"), "answered": N_("what was said"), "note": N_("note"),
}  # fmt: skip
"""Columns whose change the history names."""


def language_names(codes: Iterable[str]) -> str:
    """Languages by the names that their speakers use."""
    known = dict(residents_languages())
    return ", ".join(known.get(code, code) for code in codes)


def when(row: Activity) -> str:
    """Day and hours of the agency's zone, as the reader's language writes them."""
    starts, ends = (moment.astimezone(zone()) for moment in (row.starts_at, row.ends_at))
    first = date_format(starts, "l") + ", " + date_format(starts, "DATE_FORMAT")
    words = {"day": first, "from": time_format(starts.time(), "TIME_FORMAT"),
             "to": time_format(ends.time(), "TIME_FORMAT")}  # fmt: skip
    if starts.date() == ends.date():
        return gettext("%(day)s, %(from)s to %(to)s") % words
    last = date_format(ends, "l") + ", " + date_format(ends, "DATE_FORMAT")
    return gettext("%(first)s, %(from)s, to %(last)s, %(to)s") % (words | {"first": first, "last": last})


def status(row: Activity, at: dt.datetime) -> dict[str, str]:
    """Where it stands, with its tone."""
    label, tone = MISSING if row.state == Activity.State.PLANNED and row.ends_at <= at else STATES[row.state]
    return {"label": gettext(label), "tone": tone}


def row_words(row: Activity, at: dt.datetime) -> dict[str, Any]:
    """One activity in a list; nothing here asks the database."""
    said, starts = row.said(get_language() or "en"), row.starts_at.astimezone(zone())
    return {
        "pk": row.pk, "title": said["title"], "about": said["about"], "access": said["access"], "when": when(row),
        "format": gettext(ACTIVITIES[row.kind].format_label(row.format)), "place": row.place,
        "area": row.area.name if row.area else gettext("The whole city"), "host": row.host.name,
        "status": status(row, at), "public": row.public, "off": row.state == Activity.State.OFF,
        "reason": row.off_reason, "held": row.state == Activity.State.HELD, "url": reverse("meeting", args=[row.pk]),
        "public_url": reverse("public_meeting", args=[row.pk]), "starts": f"{starts:%Y-%m-%d %H:%M}",
        "iso": starts.isoformat(), "people": row.attendance.get("people"), "over": row.ends_at <= at,
        "languages": language_names(row.languages), "interpreters": language_names(row.interpreters),
    }  # fmt: skip


def promise_words(promise: Promise, *, opens: Collection[int]) -> dict[str, Any]:
    """A promise on an agenda: what, who, by when, how it stands; `opens` are those whose page this reader may open."""
    return {
        "pk": promise.pk, "opens": promise.pk in opens, "text": promise.text,
        "owner": promise.owner.name, "due": promise.due_on,
        "state": gettext(PROMISES[promise.state]), "open": promise.state == Promise.State.OPEN,
        "late": promise.state == Promise.State.OPEN and promise.due_on < local_day(timezone.now()),
        "tone": {"kept": "done", "missed": "problem", "open": "waiting"}.get(promise.state, "neutral"),
        "reason": promise.reason, "reported": promise.reported, "reported_on": promise.reported_on,
    }  # fmt: skip


def agenda_words(
    row: Activity, items: Iterable[AgendaItem], *, seen: Collection[int], opens: Collection[int]
) -> list[dict[str, Any]]:
    """The points of an agenda; `seen` are the cases whose numbers this reader may know, `opens` as in a promise."""
    sorts = ACTIVITIES[row.kind].agenda
    return [
        {
            "key": key_of(item), "text": item.promise.text if item.promise else item.text,
            "sort": gettext("Promise") if item.sort == PROMISE else gettext(sorts.get(item.sort, item.sort)),
            "promise": promise_words(item.promise, opens=opens) if item.promise else None, "said": item.said,
            "result": gettext(RESULTS[item.result]) if item.result in RESULTS else "", "by_itself": item.pk is None,
            "reference": reference(item.case_id) if item.case_id and item.case_id in seen else "",
        }
        for item in items
    ]  # fmt: skip


def seen_of(numbers: Iterable[int | None], actor: Any) -> set[int]:
    """Which of these cases this person may see: one statement."""
    wanted = {number for number in numbers if number}
    return set(Case.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def history(entries: Iterable[Entry], shown: Words) -> list[dict[str, Any]]:
    """What was done, the latest first; what changed is named, not shown."""
    items = []
    for entry in entries:
        label, icon, tone = VERBS.get(entry.verb, (entry.verb, "schedule", ""))
        what = gettext(label)
        if entry.verb == "activity.undone":
            undone = VERBS.get(str(entry.data.get("undone")))
            what = f"{what} ({gettext(undone[0])})" if undone else what
        items.append(
            {"what": what, "at": entry.at, "who": entry.actor_name, "icon": icon, "tone": tone,
             "text": _changed(entry.personal or {}) if entry.verb.endswith("changed") else ""}
        )  # fmt: skip
    return items[::-1]


def _changed(kept: Mapping[str, Any]) -> str:
    before, after = kept.get("before") or {}, kept.get("after") or {}
    return ", ".join(gettext(label) for name, label in LOOKED_AT.items() if before.get(name) != after.get(name))
