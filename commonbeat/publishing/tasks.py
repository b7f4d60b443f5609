"""Background jobs of publishing: telling followers what is new."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from commonbeat.publishing.cards import blur_cards
from commonbeat.publishing.digests import send_digests
from commonbeat.publishing.following import end_unreachable, forget_unconfirmed
from commonbeat.publishing.records.keeping import forget_requests


@app.periodic(cron="*/10 * * * *")
@app.task(queue="deliver", pass_context=False)
def tell_followers(timestamp: int) -> None:
    """Every ten minutes, tell the followers whose turn it is."""
    send_digests(at=timezone.now())


@app.task(queue="upkeep", pass_context=False)
def blur_anew(category_id: int) -> None:
    """Make the public points of a category as it says since somebody changed it."""
    blur_cards(category_id)


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", pass_context=False)
def forget_addresses(timestamp: int) -> None:
    """Every night, forget addresses never confirmed or out of reach, and who asked for records long ago."""
    forget_unconfirmed(at=timezone.now())
    end_unreachable(at=timezone.now())
    forget_requests(at=timezone.now())
