"""The background jobs of problems: every night, look what has come back and what keeps coming back."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.kinds.problem.actions import check_relapses
from commonbeat.kinds.problem.alerts import forget_recurring, look_for_recurring


@app.periodic(cron="23 4 * * *")
@app.task(queue="upkeep", pass_context=False)
def watch_problems(timestamp: int) -> None:
    """Open problems again that have reached the number at which somebody wanted to be told."""
    check_relapses(at=timezone.now())


@app.periodic(cron="7 5 * * *")
@app.task(queue="upkeep", pass_context=False)
def watch_concerns(timestamp: int) -> None:
    """Tell officers and supervisors of an area what keeps coming back there; forget what is long past."""
    look_for_recurring(at=timezone.now())
    forget_recurring(at=timezone.now())
