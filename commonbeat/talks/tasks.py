"""Background jobs of talks: asking whether agreements are kept, and destroying notes whose time is over."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.cases.actions import act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.core.actor import SYSTEM
from commonbeat.core.workflow import SYSTEM as SYSTEM_ROLE
from commonbeat.talks.agreeing import due_to_ask
from commonbeat.talks.notes import destroy_notes

ASK = "ask_kept"
"""The step by which a kind of talks asks its sides whether the agreement is kept."""


@app.periodic(cron="11 9 * * *")
@app.task(queue="upkeep", pass_context=False)
def ask_whether_kept(timestamp: int) -> None:
    """Every morning, ask the sides of agreements that are 30 or 90 days old."""
    ask_all(at=timezone.now())


@app.periodic(cron="51 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def destroy_old_notes(timestamp: int) -> None:
    """Every night, destroy sealed notes of talks that ended long enough ago."""
    destroy_notes(at=timezone.now())


def ask_all(*, at: dt.datetime) -> int:
    """Ask the sides of every agreement whose day has come; returns how many agreements."""
    asked = 0
    for kind in KINDS:
        step = kind.workflow.named(ASK)
        if step is None or SYSTEM_ROLE not in step.by:
            continue  # a person decides whether anybody is written to
        rows = Case.objects.filter(kind=kind.slug, state__in=step.at).order_by("pk")
        for number in [case.pk for case in rows if due_to_ask(case, at=at)]:
            asked += _ask(number, at=at)
    return asked


@transaction.atomic
def _ask(number: int, *, at: dt.datetime) -> bool:
    case = Case.objects.select_for_update(of=("self",)).get(pk=number)
    step = KINDS[case.kind].workflow.named(ASK)
    if step is None or case.state not in step.at or not due_to_ask(case, at=at):
        return False  # somebody asked at the same moment
    act(case, ASK, data={}, actor=SYSTEM, at=at)
    return True
