"""The nightly job of surveys: answers whose time is over are destroyed."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.evidence.surveys.keeping import forget_answers


@app.periodic(cron="52 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night, destroy answers of surveys whose time is over; what was shown of them stays."""
    forget_answers(at=timezone.now())
