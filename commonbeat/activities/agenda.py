"""The agenda of an activity: what people put on it, and the promises that come onto it by themselves (B06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from commonbeat.activities.actions import locked, state_of, write
from commonbeat.activities.kind import ACTIVITIES, PROGRESS, PROMISE
from commonbeat.activities.models import Activity, AgendaItem
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.community.agency import zone
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, Invalid, Problem, clean
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_

ITEM_FIELDS = (
    Field("sort", N_("What it is"), "singlevaluelist", required=True, source="agenda_sort"),
    Field("text", N_("In a few words"), required=True, maximum=300, hint=N_("Everybody reads this. No private names.")),
    Field("case", N_("Number of the case"), maximum=20,
          hint=N_("Where it is about a problem or another case; only those who see the case see the link.")),
)  # fmt: skip
MOST = 60
FULL = N_("This agenda is full. Take something off first.")
NO_CASE = N_("There is no case with this number that you may see.")
NOT_HERE = N_("This is not on the agenda any more.")
HELD = N_("This was held. Write into its record what became of each point.")
SECRET = N_("This case stands behind a wall or is sealed: it cannot be named on an agenda.")
UP, DOWN = "up", "down"
HEARD = ("kept", "missed", "released", "told")
"""Results of a point after which people have heard how a promise ended."""


def due_promises(row: Activity, *, at: dt.datetime) -> QuerySet[Promise]:
    """Promises that the people of this meeting have not heard the end of, the oldest first.

    Those are promises that were made at an earlier meeting of the same area, or at a meeting in this area without one
    that is in the product; what was promised behind closed doors does not come before everybody. Open ones are told
    about at every meeting; ended ones until they were. A promise of a case is left out unless everybody may know that
    the case exists.
    """
    if not ACTIVITIES[row.kind].promises or row.state != Activity.State.PLANNED or not _is_next(row, at=at):
        return Promise.objects.none()
    here = Q(came_of__activity__area_id=row.area_id) if row.area_id else Q(came_of__activity__area=None)
    made_here = here & Q(came_of__activity__kind=row.kind, came_of__activity__public__in={True, row.public})
    elsewhere = Q(came_of=None, where="meeting", area_id=row.area_id) if row.area_id else Q(pk__in=[])
    ended_on = TruncDate("ended_at", tzinfo=zone())
    late = (Q(reported_on=None) | Q(reported_on__lt=ended_on)) & ~Exists(_heard("pk"))
    untold = Q(state=Promise.State.OPEN) | late
    seen = Q(case=None) | Q(
        case__kind__in=[kind.slug for kind in KINDS if kind.public], case__category__sensitive=False
    )
    rows = Promise.objects.filter(made_here | elsewhere, untold, seen, for_reporter=False, made_at__lt=row.starts_at)
    return rows.exclude(agenda_items__activity=row).select_related("owner", "case").order_by("due_on", "pk")


def _heard(promise: str) -> QuerySet[AgendaItem]:
    """Points by which people heard how the promise in this column of an outer statement ended."""
    return AgendaItem.objects.filter(promise=OuterRef(promise), off=False, result__in=HEARD)


def _is_next(row: Activity, *, at: dt.datetime) -> bool:
    """True unless another meeting of this area comes first."""
    same = Q(area_id=row.area_id) if row.area_id else Q(area=None)
    before = Activity.objects.filter(same, kind=row.kind, state=Activity.State.PLANNED)
    return not before.filter(ends_at__gt=at, starts_at__lt=row.starts_at).exclude(pk=row.pk).exists()


def agenda_of(row: Activity, *, at: dt.datetime) -> list[AgendaItem]:
    """Every point in its order; promises that came by themselves stand first and are not stored yet (no key)."""
    stored = row.items.filter(off=False).select_related("promise__owner", "promise__case", "case")
    if row.state == Activity.State.PLANNED:  # another meeting came in between, and people heard the end there
        told = ~Q(promise__state=Promise.State.OPEN) & Exists(_heard("promise"))
        stored = stored.exclude(told, promise__isnull=False)
    found = list(stored.order_by("position", "pk"))
    new = [
        AgendaItem(activity=row, position=0, sort=PROMISE, promise=promise)
        for promise in due_promises(row, at=at)[:MOST]
    ]
    return new + found


def settle(row: Activity, *, at: dt.datetime) -> list[AgendaItem]:
    """Store the agenda as it stands, with the promises that came by themselves; returns it in order."""
    items = agenda_of(row, at=at)
    row.items.filter(off=False).exclude(pk__in=[item.pk for item in items if item.pk]).delete()
    for position, item in enumerate(items, start=1):
        item.position = position
        item.save() if item.pk is None else AgendaItem.objects.filter(pk=item.pk).update(position=position)
    return items


@transaction.atomic
def add_item(row: Activity, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> AgendaItem:
    """Put a point at the end of the agenda. Raises `Invalid`."""
    given, found = clean(ITEM_FIELDS, data), _open(row, actor=actor)
    before, case = state_of(found), _case(given.get("case"), actor=actor)
    if given["sort"] not in ACTIVITIES[found.kind].agenda:
        raise Invalid([Problem("sort", NOT_HERE)])
    if len(settle(found, at=at)) >= MOST:
        raise Invalid([Problem("", FULL)])
    last = found.items.aggregate(last=Max("position"))["last"] or 0
    sort = PROGRESS if case is not None else given["sort"]
    made = AgendaItem.objects.create(activity=found, position=last + 1, sort=sort, text=given["text"], case=case)
    write(found, "agenda_added", before, actor=actor, at=at, calendar=False, data={"item": made.pk})
    row.refresh_from_db()
    return made


def _case(number: str | None, *, actor: Actor) -> Case | None:
    if not number:
        return None
    try:
        found = Case.objects.visible_to(actor).filter(pk=parse_reference(number)).first()
    except BadReference:
        found = None
    if found is None:
        raise Invalid([Problem("case", NO_CASE)])
    if KINDS[found.kind].sealed or KINDS[found.kind].walled:
        raise Invalid([Problem("case", SECRET)])
    return found


def _open(row: Activity, *, actor: Actor) -> Activity:
    found = locked(row, actor=actor)
    if found.state != Activity.State.PLANNED:
        raise Invalid([Problem("", HELD)])
    return found


def _point(items: list[AgendaItem], key: str) -> AgendaItem:
    """A point by its key: its number, or `p` and the number of a promise."""
    for item in items:
        if key in {str(item.pk), f"p{item.promise_id}"}:
            return item
    raise Invalid([Problem("", NOT_HERE)])


@transaction.atomic
def move_item(row: Activity, key: str, way: str, *, actor: Actor, at: dt.datetime) -> None:
    """Move a point one place up or down. Raises `Invalid`."""
    found = _open(row, actor=actor)
    before, items = state_of(found), settle(found, at=at)
    item = _point(items, key)
    here = items.index(item)
    there = here - 1 if way == UP else here + 1
    if not 0 <= there < len(items):
        return
    other = items[there]
    AgendaItem.objects.filter(pk=item.pk).update(position=there + 1)
    AgendaItem.objects.filter(pk=other.pk).update(position=here + 1)
    write(found, "agenda_moved", before, actor=actor, at=at, calendar=False, data={"item": item.pk})
    row.refresh_from_db()


@transaction.atomic
def remove_item(row: Activity, key: str, *, actor: Actor, at: dt.datetime) -> None:
    """Take a point off this agenda; a promise comes back at the next meeting. Raises `Invalid`."""
    found = _open(row, actor=actor)
    before, items = state_of(found), settle(found, at=at)
    item = _point(items, key)
    if item.promise_id:
        AgendaItem.objects.filter(pk=item.pk).update(off=True)
    else:
        AgendaItem.objects.filter(pk=item.pk).delete()
    write(found, "agenda_removed", before, actor=actor, at=at, calendar=False, data={"item": item.pk})
    row.refresh_from_db()
