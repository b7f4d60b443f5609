"""What can be done with an activity: plan, change, call off, write its record, and take the last deed back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from commonbeat.activities.kind import ACTIVITIES, ActivityKind
from commonbeat.activities.models import Activity, AgendaItem, reach_of
from commonbeat.cases.todo import DOERS
from commonbeat.community.agency import wall_clock, zone
from commonbeat.community.models import User
from commonbeat.community.places import places
from commonbeat.core.actor import Actor
from commonbeat.core.fields import NOT_A_CHOICE, Choice, Field, Invalid, Problem, clean
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record

SUBJECT = "activity"
LONGEST = dt.timedelta(days=3)
WHO = (
    Choice("public", N_("Everybody: residents find it on the website")),
    Choice("invited", N_("By invitation: only the department sees it")),
)
FIELDS = (
    Field("title", N_("Title"), required=True, maximum=160, hint=N_("What residents read in the list.")),
    Field("about", N_("What it is about"), "text", maximum=2000, hint=N_("Everybody reads this. Short sentences.")),
    Field("area", N_("Area"), source="area", hint=N_("Leave it empty for the whole city.")),
    Field("place", N_("Where"), required=True, maximum=300, hint=N_("The house, the room and the address.")),
    Field("starts", N_("Begins"), "moment", required=True),
    Field("ends", N_("Ends"), "moment", required=True),
    Field("host", N_("Who leads it"), source="host", required=True),
    Field("who", N_("Who may come"), "singlevaluelist", required=True, choices=WHO, initial="public"),
    Field("language", N_("Language of the words above"), source="language", required=True),
    Field("languages", N_("Languages that are spoken"), "multivaluelist", source="languages"),
    Field("interpreters", N_("Somebody interprets into"), "multivaluelist", source="languages"),
    Field("access", N_("Getting in and taking part"), maximum=500,
          hint=N_("Steps, hearing, parking, children: say also what there is not.")),
)  # fmt: skip
"""What is asked when an activity is planned or changed, besides its format and words in other languages."""
OFF_FIELDS = (
    Field("reason", N_("Why is it called off? Everybody who would have come reads this"), required=True, maximum=500),
)
TRANSLATED = ("title", "about", "access")
IN_PAST = N_("Choose a day and time after now.")
ENDS_FIRST = N_("Choose an end after the beginning.")
TOO_LONG = N_("It cannot last longer than three days.")
NO_HOST = N_("Choose somebody who can sign in.")
NOT_YOUR_AREA = N_("Choose an area that you work in.")
NOT_YOURS = N_("Only those who plan meetings in this area, and whoever leads it, change it.")
MEANWHILE = N_("Somebody changed this in the meantime. What you typed is still here; look at it again and save.")
ENDED = N_("This was called off or held already.")
KEPT = (
    "kind", "format", "state", "public", "area_id", "language", "title", "about", "place", "access", "words",
    "languages", "interpreters", "host_id", "starts_at", "ends_at", "shown_at", "off_at", "off_reason", "held_at",
    "attendance", "raised", "answered", "note",
)  # fmt: skip
"""What the history keeps of an activity at each deed, and what taking a deed back restores."""
ITEM = ("id", "position", "sort", "text", "case_id", "promise_id", "off", "result", "said")


def may_plan(kind: ActivityKind, actor: Actor, area_id: int | None) -> bool:
    """True for whoever plans such activities in this area, or everywhere where it has none."""
    if not actor.is_staff or not actor.has(*kind.plans):
        return False
    reach = reach_of(actor, kind.plans)
    return reach is None or (area_id is not None and area_id in reach)


def may_change(row: Activity, actor: Actor) -> bool:
    """True for whoever plans in its area, whoever leads it or stands in for them, and whoever planned it."""
    if not actor.has(*ACTIVITIES[row.kind].plans):
        return False
    mine = {actor.user_id, *actor.covers}
    return row.host_id in mine or row.made_by_id == actor.user_id or may_plan(
        ACTIVITIES[row.kind], actor, row.area_id
    )  # fmt: skip


def fields_of(kind: ActivityKind) -> tuple[Field, ...]:
    """The questions of a kind's form: its formats, and what every activity is asked."""
    first = Field("format", N_("What sort"), "singlevaluelist", required=True, choices=kind.formats)
    return (first, *FIELDS)


def values_of(row: Activity) -> dict[str, Any]:
    """What the form shows of an activity."""
    return {
        "format": row.format, "title": row.title, "about": row.about, "area": row.area_id or "", "place": row.place,
        "starts": _on_wall(row.starts_at), "ends": _on_wall(row.ends_at), "host": row.host_id,
        "who": "public" if row.public else "invited", "language": row.language, "languages": row.languages,
        "interpreters": row.interpreters, "access": row.access,
    }  # fmt: skip


def _on_wall(moment: dt.datetime) -> str:
    return f"{moment.astimezone(zone()):%Y-%m-%dT%H:%M}"


def state_of(row: Activity) -> dict[str, Any]:
    """All of an activity and its agenda, as the history keeps it."""
    items = [dict(zip(ITEM, item, strict=True)) for item in row.items.order_by("position", "pk").values_list(*ITEM)]
    return {name: getattr(row, name) for name in KEPT} | {"items": items}


def _checked(
    kind: ActivityKind, data: Mapping[str, Any], words: Mapping[str, Mapping[str, str]], *, actor: Actor
) -> dict[str, Any]:
    """The columns that the form fills. Raises `Invalid`."""
    given = clean(fields_of(kind), data)
    starts, ends = wall_clock(given["starts"]), wall_clock(given["ends"])
    host = User.objects.active().filter(pk=_number(given["host"]), grants__role__in=DOERS).first()
    area = _number(given.get("area")) or None
    problems = [Problem("host", NO_HOST)] if host is None else []
    if ends <= starts:
        problems.append(Problem("ends", ENDS_FIRST))
    elif ends - starts > LONGEST:
        problems.append(Problem("ends", TOO_LONG))
    if area is not None and area not in places().areas:
        problems.append(Problem("area", NOT_A_CHOICE))
    elif not may_plan(kind, actor, area):
        problems.append(Problem("area", NOT_YOUR_AREA))
    if problems or host is None:
        raise Invalid(problems)
    return {
        "format": given["format"], "title": given["title"], "about": given.get("about") or "", "area_id": area,
        "place": given["place"], "starts_at": starts, "ends_at": ends, "host_id": host.pk,
        "public": given["who"] == "public", "language": given["language"], "languages": given.get("languages") or [],
        "interpreters": given.get("interpreters") or [], "access": given.get("access") or "",
        "words": _translated(words, but=given["language"]),
    }  # fmt: skip


def _number(text: Any) -> int:
    return int(text) if str(text or "").isdigit() and len(str(text)) < 15 else 0


def _translated(words: Mapping[str, Mapping[str, str]], *, but: str) -> dict[str, dict[str, str]]:
    """Words in other languages than the activity's own; empty ones are left out."""
    kept = {
        code: {name: fields[name].strip() for name in TRANSLATED if fields.get(name, "").strip()}
        for code, fields in words.items() if code != but
    }  # fmt: skip
    return {code: fields for code, fields in kept.items() if fields}


@transaction.atomic
def plan(
    kind: ActivityKind, data: Mapping[str, Any], *, words: Mapping[str, Mapping[str, str]], actor: Actor,
    at: dt.datetime, client_id: uuid.UUID | None = None,
) -> Activity:  # fmt: skip
    """Plan an activity. The same `client_id` again finds the first. Raises `Invalid`."""
    before = Activity.objects.filter(client_id=client_id).first() if client_id else None
    if before is not None:
        return before
    columns = _checked(kind, data, words, actor=actor)
    if columns["starts_at"] <= at:
        raise Invalid([Problem("starts", IN_PAST)])
    row = Activity.objects.create(
        client_id=client_id, kind=kind.slug, made_by_id=actor.staff_id, made_at=at, changed_at=at,
        shown_at=at if columns["public"] else None, **columns,
    )  # fmt: skip
    record(SUBJECT, row.pk, "activity.planned", actor=actor, at=at, first=True, data={"area": row.area_id},
           personal={"after": state_of(row)})  # fmt: skip
    return row


def locked(row: Activity, *, actor: Actor, version: int | None = None) -> Activity:
    """The row, held until the deed is done. Raises `Invalid` for whoever may not change it or saw another version."""
    found = Activity.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if not may_change(found, actor):
        raise Invalid([Problem("", NOT_YOURS)])
    if version is not None and found.version != version:
        raise Invalid([Problem("", MEANWHILE)])
    return found


def write(
    row: Activity, verb: str, before: Mapping[str, Any], *, actor: Actor, at: dt.datetime,
    columns: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None, calendar: bool = True,
) -> Entry:  # fmt: skip
    """Store what changed and its one entry; `calendar` says that calendars have to take it over."""
    Activity.objects.filter(pk=row.pk).update(
        version=F("version") + 1, sequence=F("sequence") + int(calendar), changed_at=at, **(columns or {})
    )
    row.refresh_from_db()
    return record(
        SUBJECT, row.pk, f"activity.{verb}", actor=actor, at=at, data=data,
        personal={"before": dict(before), "after": state_of(row)},
    )  # fmt: skip


@transaction.atomic
def change(
    row: Activity, data: Mapping[str, Any], *, words: Mapping[str, Mapping[str, str]], version: int, actor: Actor,
    at: dt.datetime,
) -> None:  # fmt: skip
    """Change what was planned. What has not begun cannot be moved into the past. Raises `Invalid`."""
    found = locked(row, actor=actor, version=version)
    if found.state == Activity.State.OFF:
        raise Invalid([Problem("", ENDED)])
    columns = _checked(ACTIVITIES[found.kind], data, words, actor=actor)
    if columns["starts_at"] != found.starts_at and columns["starts_at"] <= at:
        raise Invalid([Problem("starts", IN_PAST)])
    columns["shown_at"] = (found.shown_at or at) if columns["public"] else None
    write(found, "changed", state_of(found), actor=actor, at=at, columns=columns)
    row.refresh_from_db()


@transaction.atomic
def call_off(row: Activity, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    """Call off what was planned, with the reason that everybody reads. Raises `Invalid`."""
    given, found = clean(OFF_FIELDS, data), locked(row, actor=actor)
    if found.state != Activity.State.PLANNED:
        raise Invalid([Problem("", ENDED)])
    columns = {"state": Activity.State.OFF, "off_at": at, "off_reason": given["reason"]}
    write(found, "called_off", state_of(found), actor=actor, at=at, columns=columns)
    row.refresh_from_db()


def put_back(row: Activity, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Restore the agenda as the history has it; returns the columns that go with it."""
    AgendaItem.objects.filter(activity=row).delete()
    AgendaItem.objects.bulk_create(AgendaItem(activity=row, **item) for item in kept["items"])
    moments = {
        name: dt.datetime.fromisoformat(kept[name]) if kept[name] else None for name in KEPT if name[-3:] == "_at"
    }
    return {name: kept[name] for name in KEPT} | moments
