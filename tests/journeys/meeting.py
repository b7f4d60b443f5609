"""Steps of meetings, as people take them through the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.test import Client
from django.utils import timezone

from commonbeat.activities.models import Activity
from commonbeat.cases.promise_rows import Promise
from commonbeat.community.agency import zone
from commonbeat.community.models import User
from commonbeat.journal.models import Entry
from commonbeat.publishing.models import Publication
from tests.conftest import City

TEXT = "We bring the list of dark lamps."


def wall(moment: dt.datetime) -> str:
    """A moment as the form takes it."""
    return f"{moment.astimezone(zone()):%Y-%m-%dT%H:%M}"


def given(city: City, *, in_days: float = 7, **more: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    starts = timezone.now() + dt.timedelta(days=in_days)
    return {
        "format": "beat", "title": "Meeting of beat 12", "about": "Light and speed.", "area": city.north.pk,
        "place": "Library, main room, 12 Elm Street", "starts": wall(starts),
        "ends": wall(starts + dt.timedelta(hours=2)), "host": city.omar.pk, "who": "public", "language": "en",
        "languages": ["en", "es"], "interpreters": ["ar"], "access": "No steps.", "client_id": str(uuid.uuid4()),
        "title-es": "Reunión del sector 12",
    } | more  # fmt: skip


def planned(city: City, client: Client, **more: Any) -> Activity:
    """One that was planned through the page."""
    answer = client.post("/desk/meetings/new/", given(city, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Activity.objects.latest("pk")


def begun(row: Activity, *, days_ago: float = 1) -> Activity:
    """The same meeting after its day came, as if time had passed."""
    starts = timezone.now() - dt.timedelta(days=days_ago)
    Activity.objects.filter(pk=row.pk).update(starts_at=starts, ends_at=starts + dt.timedelta(hours=2))
    row.refresh_from_db()
    return row


def recorded(client: Client, row: Activity, **more: Any) -> Any:
    """Send the record."""
    row.refresh_from_db()
    data = {
        "version": row.version,
        "people": "24",
        "raised": "Dark lamps on Elm Street.",
        "answered": "We go and look.",
    }
    return client.post(f"/desk/meetings/{row.pk}/record/", data | more)


def published(row: Activity, client: Client) -> Publication:
    """Its minutes, published by a second person."""
    draft = Publication.objects.get(activity=row)
    client.post(f"/desk/publishing/{draft.pk}/publish/", {"version": draft.version})
    draft.refresh_from_db()
    return draft


def verbs(row: Activity) -> list[str]:
    """What the journal says of it."""
    return [entry.verb.partition(".")[2] for entry in Entry.objects.about("activity", row.pk)]


def promised(client: Client, row: Activity, owner: User, text: str = TEXT) -> Promise:
    """A promise that was written down from the page of a meeting."""
    day = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
    data = {"text": text, "to": "The neighbors", "where": "meeting", "due_on": day, "owner": owner.pk,
            "area": row.area_id or "", "meeting": row.pk, "client_id": str(uuid.uuid4())}  # fmt: skip
    answer = client.post("/desk/promises/new/", data)
    assert answer.status_code == 302, answer.content.decode()
    return Promise.objects.latest("pk")
