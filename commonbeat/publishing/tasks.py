"""Background jobs of publishing: telling followers what is new."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.publishing.following import forget_unconfirmed, send_digests


@app.periodic(cron="*/10 * * * *")
@app.task(queue="deliver", pass_context=False)
def tell_followers(timestamp: int) -> None:
    """Every ten minutes, tell the followers whose turn it is."""
    send_digests(at=timezone.now())


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def forget_addresses(timestamp: int) -> None:
    """Every night, forget addresses that were entered but never confirmed."""
    forget_unconfirmed(at=timezone.now())
