"""The background job of missing persons: notices whose time is over are withdrawn for good."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.kinds.missing.bulletins import expire_due


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", pass_context=False)
def end_bulletins(timestamp: int) -> None:
    """Every five minutes. Pages do not wait for it: they show nothing that is over."""
    expire_due(at=timezone.now())
