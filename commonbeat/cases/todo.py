"""Tasks on a case: something to do by a day, and that it was done; and the lists of all tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Task
from commonbeat.cases.task_queries import TaskQuerySet, supervised
from commonbeat.community.agency import current, local_day
from commonbeat.community.models import User
from commonbeat.core.actor import WORKERS, Actor, Role
from commonbeat.core.fields import REQUIRED, Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record

DOERS = (*WORKERS, Role.SUPERVISOR, Role.STANDARDS, Role.PARTNER)
"""Who adds tasks to a case and ticks them off."""
NOT_SEALED = N_("The words of a task can be read in lists, and this case is sealed. Add a note instead.")
FIELDS = (Field("text", N_("What is to be done"), required=True, maximum=300), Field("due", N_("By"), "datetime"))


@transaction.atomic
def add_task(
    case: Case, *, text: str, due_at: dt.datetime | None, owner_id: int | None, actor: Actor, at: dt.datetime
) -> Task:
    """Note something to do. Raises `Invalid` without words, and for a sealed case: they would be open to read."""
    if not text.strip():
        raise Invalid([Problem("text", REQUIRED)])
    if KINDS[case.kind].sealed:
        raise Invalid([Problem("text", NOT_SEALED)])
    Case.objects.select_for_update().filter(pk=case.pk).first()
    task = Task.objects.create(case=case, text=text.strip()[:300], due_at=due_at, owner_id=owner_id, created_at=at)
    record(
        "case", case.pk, "case.task_added", actor=actor, at=at, data={"task": task.pk, "due": due_at},
        personal={"text": task.text},
    )  # fmt: skip
    return task


@transaction.atomic
def finish_task(case: Case, *, task_id: int, actor: Actor, at: dt.datetime) -> None:
    """Say that a task is done; doing it twice changes nothing."""
    Case.objects.select_for_update().filter(pk=case.pk).first()
    done = Task.objects.filter(pk=task_id, case=case, done_at=None).update(done_at=at, done_by=actor.user_id)
    if done:
        text = Task.objects.values_list("text", flat=True).get(pk=task_id)
        record("case", case.pk, "case.task_done", actor=actor, at=at, data={"task": task_id}, personal={"text": text})


# --- lists of tasks, of cases and without one -----------------------------------------------------

VIEWS: dict[str, str] = {
    "mine": N_("My tasks"),
    "team": N_("Tasks of my team"),
    "given": N_("Tasks I gave to others"),
    "done": N_("Done tasks"),
}
SORTS: dict[str, str] = {
    "todo": N_("Task on a case"),
    "recheck": N_("Look again"),
    "call": N_("Call the reporter"),
    "review": N_("Ask both sides whether the agreement is kept"),
    "purge": N_("Review whether this must still be kept"),
    "tell_side": N_("Tell a side of the talks by telephone or letter"),
    "visit": N_("Go there on the day that was agreed"),
    "follow_up": N_("Call as agreed. Read first how it is safe"),
    "survey": N_("Ask what came of the advice"),
    "reinspect": N_("Look whether it was put right"),
    "action": N_("Do what the plan says"),
    "promise": N_("Keep what was promised; it is due tomorrow"),
    "admin": N_("Administrative task"),
}
"""What sort of task it is; also what is to be done where a step made one without words of its own."""
DUE: dict[str, str] = {
    "late": N_("Late"),
    "today": N_("Today"),
    "week": N_("In the next seven days"),
    "none": N_("Without a day"),
}


@dataclass(frozen=True, slots=True)
class WantedTasks:
    """What a list of tasks shows. Every field is text as in the address; empty means no limit."""

    view: str = "mine"
    q: str = ""
    sort: str = ""
    owner: str = ""
    due: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> WantedTasks:
        """Filters from an address; what cannot be one is left out."""
        texts = {f.name: str(given.get(f.name) or "").replace("\x00", "").strip()[:200] for f in fields(cls)}
        for name, known in (("view", VIEWS), ("sort", SORTS), ("due", DUE)):
            texts[name] = texts[name] if texts[name] in known else ""
        owner = texts["owner"]
        texts["owner"] = owner if owner.isascii() and owner.isdigit() and len(owner) < 12 else ""
        return cls(**{**texts, "view": texts["view"] or "mine"})

    def address(self, **changes: str) -> dict[str, str]:
        """The filters that are set, for a link; `changes` replace some."""
        changed = replace(self, **changes)
        return {f.name: value for f in fields(changed) if (value := getattr(changed, f.name))}

    @property
    def narrowed(self) -> bool:
        """True when anything besides the view limits the list."""
        return bool(set(self.address()) - {"view"})


def list_tasks(wanted: WantedTasks, *, actor: Actor, at: dt.datetime) -> TaskQuerySet:
    """The tasks of a list, the most urgent first; done ones by when they were done. One statement."""
    rows = Task.objects.visible_to(actor, on=local_day(at)).filter(_view(wanted, actor, local_day(at)))
    if wanted.q:
        rows = rows.filter(text__icontains=wanted.q)
    if wanted.sort:
        rows = rows.filter(sort=wanted.sort)
    if wanted.owner:
        rows = rows.filter(owner_id=int(wanted.owner))
    if wanted.due:
        rows = rows.filter(_due(wanted.due, at))
    order = ("-done_at", "-id") if wanted.view == "done" else (F("due_at").asc(nulls_last=True), "id")
    return rows.select_related("case", "owner", "created_by", "done_by").defer("case__search").order_by(*order)


def _view(wanted: WantedTasks, actor: Actor, on: dt.date) -> Q:
    me = actor.staff_id
    mine = Q(owner_id=me)
    team = User.objects.filter(Q(team__isnull=False, team__in=User.objects.filter(pk=me).values("team")))
    near = Q(owner__in=team.values("pk")) | Q(owner__in=User.objects.filter(supervised(actor, on=on)).values("pk"))
    match wanted.view:
        case "team":
            return Q(done_at=None) & (near | Q(owner_id__in=sorted(actor.covers)) | Q(owner=None, sort="admin")) & ~mine
        case "given":
            return Q(done_at=None, created_by_id=me) & (Q(owner=None) | ~mine)
        case "done":
            return Q(done_at__isnull=False) & (mine | near | Q(created_by_id=me) | Q(done_by_id=me))
    return Q(done_at=None) & mine


def _due(when: str, at: dt.datetime) -> Q:
    zone = ZoneInfo(current().timezone)
    midnight = dt.datetime.combine(local_day(at), dt.time(), tzinfo=zone)
    match when:
        case "late":
            return Q(due_at__lt=at)
        case "today":
            return Q(due_at__gte=midnight, due_at__lt=midnight + dt.timedelta(days=1))
        case "week":
            return Q(due_at__gte=midnight, due_at__lt=midnight + dt.timedelta(days=7))
    return Q(due_at=None)
