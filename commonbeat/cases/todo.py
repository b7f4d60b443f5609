"""Tasks on a case: something to do by a day, and that it was done."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, QuerySet

from commonbeat.cases.models import Case, Task
from commonbeat.core.actor import Actor
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.journal.verbs import record


@transaction.atomic
def add_task(
    case: Case, *, text: str, due_at: dt.datetime | None, owner_id: int | None, actor: Actor, at: dt.datetime
) -> Task:
    """Note something to do. Raises `Invalid` when there are no words."""
    if not text.strip():
        raise Invalid([Problem("text", REQUIRED)])
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


def open_tasks(*, actor: Actor) -> QuerySet[Task]:
    """What somebody has to do on cases that they may see, the most urgent first."""
    visible = Case.objects.visible_to(actor)
    return (
        Task.objects.filter(owner_id=actor.user_id, done_at=None, case__in=visible)
        .select_related("case")
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )
