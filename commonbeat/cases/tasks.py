"""Background jobs of cases: overdue clocks, saved searches, tasks, photos that nobody claimed, what to forget."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.cases.admin_tasks import forget_admin_tasks, remind_due
from commonbeat.cases.escalation import escalate_overdue
from commonbeat.cases.files import remove_unclaimed
from commonbeat.cases.promises import forget_promises
from commonbeat.cases.purging import purge
from commonbeat.cases.redating import redate_cases
from commonbeat.cases.retention import forget_persons
from commonbeat.cases.searches import tell_crossings
from commonbeat.cases.trusted import ask_again, forget_contacts


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", pass_context=False)
def escalate(timestamp: int) -> None:
    """Every ten minutes, tell supervisors of clocks that ran out."""
    escalate_overdue(at=timezone.now())


@app.periodic(cron="*/15 * * * *")
@app.task(queue="upkeep", pass_context=False)
def check_searches(timestamp: int) -> None:
    """Every quarter of an hour, tell owners of saved searches that reached their number."""
    tell_crossings(at=timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", pass_context=False)
def clear_uploads(timestamp: int) -> None:
    """Every hour, forget photos of reports that were never sent."""
    remove_unclaimed(at=timezone.now())


@app.periodic(cron="41 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night: sealed cases, contact details, administrative tasks and promises whose time is over."""
    purge(at=timezone.now())
    forget_persons(at=timezone.now())
    forget_admin_tasks(at=timezone.now())
    forget_promises(at=timezone.now())
    forget_contacts(at=timezone.now())
    ask_again(at=timezone.now())


@app.periodic(cron="*/15 * * * *")
@app.task(queue="upkeep", pass_context=False)
def remind(timestamp: int) -> None:
    """Every quarter of an hour, tell owners of administrative tasks whose day has come."""
    remind_due(at=timezone.now())


@app.task(queue="upkeep", pass_context=False, retry=3)
def redate(rule_id: int, changed_at: str) -> None:
    """Give closed cases the day of disposal that a rule says since somebody changed it."""
    redate_cases(rule_id, changed_at=dt.datetime.fromisoformat(changed_at), at=timezone.now())
