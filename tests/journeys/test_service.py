"""A request for a service: sent as a report is, arranged for a day, visited, told, and closed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.models import Case, Task
from commonbeat.core.actor import ANONYMOUS, SYSTEM
from commonbeat.core.fields import Invalid
from commonbeat.journal.models import Delivery
from commonbeat.publishing.models import Publication, PublicCase
from tests import make
from tests.conftest import City

AWAY = [
    {"code": "away_from", "datatype": "datetime", "label": {"en": "Away from"}, "required": True},
    {"code": "key_holder", "datatype": "string", "label": {"en": "Who has a key?"}, "personal": True},
]


@pytest.fixture
def watch(city: City) -> Any:
    """Watching a house, with its questions."""
    return make.category("house-watch", name="Watch my house", kind="service", questions=AWAY)


def _send(city: City, watch: Any) -> Any:
    return Client().post(
        "/report/concern/",
        {
            "category": watch.code, "text": "We are away.", "address": "100 N State St", "lat": "41.90",
            "long": "-87.70", "a-away_from": "2026-04-01",
            "who": "email", "email": "rosa@example.org", "told": "all",
            "client_id": "6b0f3c1e-52bb-4cf4-a8a1-3a0d5a1b7c22",
        },
    )  # fmt: skip


def test_a_watch_is_asked_for_planned_visited_and_closed(city: City, watch: Any, signed_in: Any) -> None:
    sent = _send(city, watch)
    assert sent.status_code == 201, sent.content.decode()[:3000]
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", sent.content.decode())
    case = Case.objects.get()
    assert (case.kind, case.state, case.area) == ("service", "new", city.north) and code
    assert not PublicCase.objects.exists(), "nobody else reads that a house is empty"
    omar = city.actor(city.omar)
    with pytest.raises(Invalid, match="after now"):
        act(case, "plan", data={"on": "2026-03-01T20:00"}, actor=omar, at=make.NOW)
    act(case, "plan", data={"on": "2026-03-12T20:00", "message": "I come by.", "tell": True}, actor=omar, at=make.NOW)
    assert case.state == "planned" and Task.objects.get(sort="visit").owner == city.omar
    with pytest.raises(Invalid, match="not come yet"):
        act(case, "visit", data={"visited_at": "2026-03-13T20:00", "found": "fine"}, actor=omar, at=make.NOW)
    later = make.NOW + dt.timedelta(days=2)
    given = {"visited_at": "2026-03-12T20:10", "found": "fine", "message": "All quiet.", "next_on": "2026-03-15T20:00"}
    act(case, "visit", data=given, actor=omar, at=later)
    assert Task.objects.filter(sort="visit", done_at=None).count() == 1
    page = signed_in(city.omar).get(f"/desk/{case.reference}/").content.decode()
    assert "All was in order" in page and "Go there on the day that was agreed" in page and "Watch my house" in page
    act(case, "resolve", data={"outcome": "done", "message": "You are back."}, actor=omar, at=later)
    assert case.outcome == "done" and not Publication.objects.exists()
    assert not Task.objects.filter(done_at=None).exists()
    assert Delivery.objects.filter(recipient="rosa@example.org").count() >= 3
    mine = Client().post("/return/", {"code": code[0]}, follow=True).content.decode()
    assert "We did what you asked for." in mine and "All quiet." in mine


@pytest.mark.parametrize("kind", ["concern", "service"])
def test_what_goes_back_to_the_queue_is_assigned_to_nobody(kind: str, city: City) -> None:
    category = make.category(f"back-{kind}", kind=kind)
    case = open_case(
        kind,
        Report(category_id=category.pk, text="Please come.", lat=41.90, long=-87.70),
        actor=ANONYMOUS,
        at=make.NOW,
    ).case
    act(case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.omar), at=make.NOW)
    Case.objects.filter(pk=case.pk).update(team=None)
    case.refresh_from_db()
    act(case, "give_back", data={}, actor=SYSTEM, at=make.NOW)
    assert (case.state, case.assignee_id) == ("acknowledged", None)
