"""The background job of field reports: every minute, calls for sworn officers that nobody has taken."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.kinds.field_report.call_deeds import remind_of_calls
from commonbeat.kinds.field_report.sworn import escalate_calls


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", pass_context=False)
def escalate_sworn_calls(timestamp: int) -> None:
    """Supervisors hear of calls that wait."""
    escalate_calls(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", pass_context=False)
def remind_of_dispatched_calls(timestamp: int) -> None:
    """Supervisors hear of calls from dispatch that nobody has taken."""
    remind_of_calls(at=timezone.now())
