"""Administrative tasks: something to do that belongs to no case. Every deed leaves one entry about the task (C06)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from commonbeat.cases.models import Task
from commonbeat.cases.task_queries import assignable
from commonbeat.cases.telling import channel_of
from commonbeat.community.agency import current, local_day, setting
from commonbeat.community.cover import with_cover
from commonbeat.community.models import User
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Field, Invalid, Problem, clean
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.journal.models import Delivery, Entry
from commonbeat.journal.verbs import Tell, record, shred_entries

ADMIN = "admin"
FIELDS = (
    Field(
        "text", N_("What is to be done"), required=True, hint=N_("Name the matter. Private people do not belong here.")
    ),
    Field("due", N_("By"), "datetime"),
    Field("owner", N_("Who does it"), required=True, source="user"),
)
ENDS = dt.time(17)
"""A task is due at this time of its day, as tasks on cases are."""
REMINDS = dt.timedelta(hours=10)
"""So long before it is due its owner is reminded: in the morning of the day."""
KEPT = Retention(365, N_("Who did what is asked about for a year at most."))
AT_ONCE = 500

NOT_YOURS_TO_GIVE = N_("Choose yourself, somebody of your team, or somebody whom you supervise.")
IS_DONE = N_("This task is done. Open it again before you change it.")
TOO_LATE = N_("It is too late to take this back. Change the task instead.")
NOT_LAST = N_("Something else has happened since. Change the task instead.")
NOT_OWN = N_("Only the person who did this can take it back.")


class TaskChanged(Exception):
    """Somebody else changed the task after it was opened; nothing was saved. `task` is how it is now."""

    def __init__(self, task: Task) -> None:
        super().__init__(f"Somebody else changed task {task.pk} in the meantime.")
        self.task = task


class CannotTakeBack(Exception):
    """The deed cannot be taken back any more; the message says why."""


def version_of(task: Task) -> int:
    """The number of the newest entry about a task: what a form says it has seen."""
    return Entry.objects.about("task", task.pk).order_by("-number").values_list("number", flat=True).first() or 0


def _cleaned(data: Mapping[str, Any], *, actor: Actor, at: dt.datetime, keeps: int | None = None) -> dict[str, Any]:
    """The columns that were asked for. Whoever has the task may keep it, whoever changes it."""
    given = clean(FIELDS, data)
    number = str(given["owner"])
    owner = int(number) if number.isascii() and number.isdigit() and len(number) < 15 else 0
    if owner != keeps and not assignable(actor, on=local_day(at)).filter(pk=owner).exists():
        raise Invalid([Problem("owner", NOT_YOURS_TO_GIVE)])
    day = dt.date.fromisoformat(given["due"][:10]) if given.get("due") else None
    due_at = dt.datetime.combine(day, ENDS, tzinfo=ZoneInfo(current().timezone)) if day else None
    return {"text": given["text"], "due_at": due_at, "owner_id": owner}


def _reminded(due_at: dt.datetime | None, *, at: dt.datetime) -> dt.datetime | None:
    """Whoever sets a day that has begun needs no reminder of it."""
    return at if due_at and due_at - REMINDS <= at else None


@transaction.atomic
def add_admin_task(
    data: Mapping[str, Any], *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Task:
    """Note something to do that belongs to no case; sent twice, it is made once. Raises `Invalid`."""
    sent_before = Task.objects.filter(client_id=client_id, created_by=actor.staff_id).first() if client_id else None
    if sent_before:
        return sent_before
    columns = _cleaned(data, actor=actor, at=at)
    task = Task.objects.create(
        client_id=client_id, sort=ADMIN, created_by_id=actor.staff_id, created_at=at,
        reminded_at=_reminded(columns["due_at"], at=at), **columns,
    )  # fmt: skip
    facts = {"owner": columns["owner_id"], "due": columns["due_at"], "undo": {"remove": True}}
    record(
        "task", task.pk, "task.added", actor=actor, at=at, first=True, data=facts, personal={"text": task.text},
        tell=_given(task, actor=actor, at=at),
    )  # fmt: skip
    return task


def _given(task: Task, *, actor: Actor, at: dt.datetime) -> list[Tell]:
    """Tell the owner, unless they did it themselves; not before it can no longer be taken back."""
    owner = User.objects.active().filter(pk=task.owner_id or 0).first() if task.owner_id != actor.user_id else None
    if owner is None:
        return []
    later = at + dt.timedelta(minutes=float(setting("undo_minutes")))
    return [_tell(owner, task, "staff_task_given", not_before=later, by=actor.name)]


def _tell(user: User, task: Task, template: str, *, not_before: dt.datetime | None = None, **words: Any) -> Tell:
    """A message about a task: the way to it and its day, not its words."""
    day = local_day(task.due_at).isoformat() if task.due_at else ""
    return Tell(
        channel_of(user, template), user.email, template, user.language,
        {"path": f"/desk/tasks/{task.pk}/", "day": day, **words}, urgent=True, not_before=not_before,
    )  # fmt: skip


def _locked(task: Task) -> Task:
    return Task.objects.select_for_update(of=("self",)).get(pk=task.pk, case__isnull=True)


@transaction.atomic
def change_admin_task(
    task: Task, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime, version: int | None = None
) -> Entry | None:
    """Change words, day or owner; None when nothing differs. Raises `Invalid` and `TaskChanged`."""
    row = _locked(task)
    if version is not None and version != version_of(row):
        raise TaskChanged(row)
    if row.done_at:
        raise Invalid([Problem("text", IS_DONE)])
    wanted = _cleaned(data, actor=actor, at=at, keeps=row.owner_id)
    before = {name: getattr(row, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    if not changed:
        return None
    if "due_at" in changed or "owner_id" in changed:
        changed["reminded_at"] = _reminded(wanted["due_at"], at=at)
        before["reminded_at"] = row.reminded_at
    undo = {name: before[name] for name in changed if name != "text"}
    personal = {"text": wanted["text"], "before": before["text"]} if "text" in changed else None
    facts = {"owner": changed.get("owner_id"), "due": changed.get("due_at"), "undo": {"columns": undo}}
    facts |= {"no_day": True} if "due_at" in changed and changed["due_at"] is None else {}
    _store(row, changed)
    tell = _given(row, actor=actor, at=at) if "owner_id" in changed else []
    return record("task", row.pk, "task.changed", actor=actor, at=at, data=facts, personal=personal, tell=tell)


def _store(row: Task, columns: Mapping[str, Any]) -> Task:
    Task.objects.filter(pk=row.pk).update(**columns)
    for name, value in columns.items():
        setattr(row, name, value)
    return row


@transaction.atomic
def finish_admin_task(task: Task, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """Say that it is done; a second time changes nothing."""
    row = _locked(task)
    if row.done_at:
        return None
    _store(row, {"done_at": at, "done_by_id": actor.user_id})
    undo = {"columns": {"done_at": None, "done_by_id": None}}
    return record("task", row.pk, "task.done", actor=actor, at=at, data={"undo": undo})


@transaction.atomic
def reopen_admin_task(task: Task, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """Say that it is not done after all; a second time changes nothing."""
    row = _locked(task)
    if not row.done_at:
        return None
    undo = {"columns": {"done_at": row.done_at, "done_by_id": row.done_by_id}}
    _store(row, {"done_at": None, "done_by_id": None})
    return record("task", row.pk, "task.reopened", actor=actor, at=at, data={"undo": undo})


def can_take_back(entry: Entry | None, *, actor: Actor, at: dt.datetime) -> dt.datetime | None:
    """Until when this actor can take back the newest deed on a task; None when they cannot."""
    if entry is None or not entry.data.get("undo") or (entry.actor_sort, entry.actor_id) != (actor.sort, actor.user_id):
        return None
    until = entry.at + dt.timedelta(minutes=float(setting("undo_minutes")))
    return until if until > at else None


@transaction.atomic
def undo_admin_task(task: Task, number: int, *, actor: Actor, at: dt.datetime) -> None:
    """Take back one's own last deed on a task while it is fresh. Raises `CannotTakeBack`."""
    row = _locked(task)
    last = Entry.objects.about("task", row.pk).order_by("-number").first()
    if last is None or last.number != number or not last.data.get("undo"):
        raise CannotTakeBack(NOT_LAST)
    if (last.actor_sort, last.actor_id) != (actor.sort, actor.user_id):
        raise CannotTakeBack(NOT_OWN)
    if can_take_back(last, actor=actor, at=at) is None:
        raise CannotTakeBack(TOO_LATE)
    last.deliveries.filter(state=Delivery.State.PENDING).update(state=Delivery.State.CANCELLED)
    undo = last.data["undo"]
    if undo.get("remove"):
        Task.objects.filter(pk=row.pk).delete()
    else:
        columns = {name: _revived(name, value) for name, value in undo["columns"].items()}
        text = (last.personal or {}).get("before")
        _store(row, columns | ({"text": text} if text is not None else {}))
    record("task", row.pk, "task.undone", actor=actor, at=at, data={"undone": last.verb, "number": last.number})


def _revived(name: str, value: Any) -> Any:
    """A stored value as its column takes it; keys of other rows are numbers already."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) and name.endswith("_at") else value


def remind_due(*, at: dt.datetime) -> int:
    """Tell owners of administrative tasks whose day has come, and who stands in for them, once; returns how many."""
    waiting = Task.objects.open().filter(sort=ADMIN, reminded_at=None, due_at__lte=at + REMINDS, owner__is_active=True)
    return sum(_remind(pk, at=at) for pk in waiting.order_by("due_at", "id").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic
def _remind(number: int, *, at: dt.datetime) -> bool:
    row = Task.objects.select_for_update(of=("self",)).filter(pk=number).select_related("owner").first()
    due = row is not None and row.due_at is not None and row.due_at - REMINDS <= at
    if row is None or row.owner is None or row.done_at or row.reminded_at or not due:
        return False  # somebody was faster
    _store(row, {"reminded_at": at})
    people = with_cover([row.owner], on=local_day(at))
    tell = [_tell(person, row, "staff_task_due") for person in people]
    record("task", row.pk, "task.reminded", actor=SYSTEM, at=at, data={"to": [p.name for p in people]}, tell=tell)
    return True


def forgettable(*, at: dt.datetime) -> QuerySet[Task]:
    """Administrative tasks whose time is over."""
    return Task.objects.filter(sort=ADMIN, done_at__lt=at - dt.timedelta(days=KEPT.days or 0))


def forget_admin_tasks(*, at: dt.datetime) -> int:
    """Remove done administrative tasks when their time is over, and shred their words; returns how many."""
    gone = 0
    for task in forgettable(at=at).order_by("pk")[:AT_ONCE]:
        with transaction.atomic():
            row = _locked(task)
            shred_entries("task", row.pk)
            record("task", row.pk, "task.disposed", actor=SYSTEM, at=at)
            Task.objects.filter(pk=row.pk).delete()
        gone += 1
    return gone
