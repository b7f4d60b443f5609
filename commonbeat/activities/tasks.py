"""Background jobs of activities: emptying internal notes whose time is over."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.activities.keeping import forget_notes


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def forget_old_notes(timestamp: int) -> None:
    """Every night, empty internal notes of activities that ended long enough ago."""
    forget_notes(at=timezone.now())
