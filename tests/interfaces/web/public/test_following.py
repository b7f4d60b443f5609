"""Following by e-mail: a mailed yes before anything, news only when there is some, one click to end it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.journal.channels.mail import render as render_mail
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery
from commonbeat.publishing.following import follow, forget_unconfirmed, send_digests
from commonbeat.publishing.models import Follow
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def confirmed(**fields: Any) -> Follow:
    """Somebody who said yes just now."""
    row = follow(email="rosa@example.org", language="en", at=timezone.now(), **fields)
    Follow.objects.filter(pk=row.pk).update(confirmed_at=timezone.now(), told_until=timezone.now())
    return row


def digests() -> list[str]:
    """Bodies of the digests that were enqueued."""
    return [render_mail(d, at=timezone.now())[1] for d in Delivery.objects.filter(template="digest").order_by("id")]


def test_nothing_is_sent_before_somebody_says_yes_and_pages_say_the_same_to_all(city: City, client: Client) -> None:
    asked = client.post("/follow/", {"area": city.south.pk, "email": "Rosa@Example.org", "every": "day"})
    assert "Look into your mailbox" in asked.content.decode()
    row = Follow.objects.get()
    assert row.email == "rosa@example.org" and row.area == city.south and row.confirmed_at is None
    make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH)
    assert send_digests(at=timezone.now() + 2 * DAY) == 0
    again = client.post("/follow/", {"area": city.south.pk, "email": "rosa@example.org"})
    assert again.content.decode().count("Look into your mailbox") == asked.content.decode().count(
        "Look into your mailbox"
    )
    assert Follow.objects.count() == 1 and Delivery.objects.filter(template="follow_confirm").count() == 1


def test_a_wrong_address_or_nothing_to_follow_is_said(city: City, client: Client) -> None:
    wrong = client.post("/follow/", {"email": "nobody"})
    assert wrong.status_code == 422
    assert (
        "Enter an e-mail address" in wrong.content.decode()
        and "Choose an area, a category, or both" in wrong.content.decode()
    )


def test_a_digest_tells_once_a_day_what_is_new_and_nothing_when_nothing_is(city: City) -> None:
    confirmed(area=city.south.pk)
    start = timezone.now()
    assert send_digests(at=start + DAY) == 0
    make.concern(city.vehicle, at=start + DAY, place=make.SOUTH, text="Very private words")
    make.concern(city.noise, at=start + DAY, place=make.NORTH)
    assert send_digests(at=start + DAY + dt.timedelta(minutes=10)) == 1
    assert send_digests(at=start + DAY + dt.timedelta(minutes=20)) == 0
    [body] = digests()
    assert "Abandoned vehicle · South" in body and "Noise" not in body and "Very private" not in body


def test_who_follows_a_case_hears_of_its_states_and_not_of_notes(city: City) -> None:
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH).case
    confirmed(case=case.pk, every="now")
    sam, later = city.actor(city.sam), timezone.now() + dt.timedelta(minutes=5)
    act(case, "note", data={"text": "internal"}, actor=sam, at=later)
    assert send_digests(at=later + dt.timedelta(minutes=1)) == 0
    act(case, "acknowledge", data={}, actor=sam, at=later + dt.timedelta(minutes=2))
    assert send_digests(at=later + dt.timedelta(minutes=3)) == 1
    assert "Acknowledged" in digests()[0]


def test_one_click_ends_it_and_forgets_the_address(city: City, mailoutbox: list[Any], settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    confirmed(area=city.south.pk)
    noon = dt.datetime.combine(timezone.localdate() + 2 * DAY, dt.time(18), tzinfo=dt.UTC)
    make.concern(city.vehicle, at=noon - dt.timedelta(hours=1), place=make.SOUTH)
    assert send_digests(at=noon) == 1
    send_due(at=noon + dt.timedelta(minutes=1))
    mail = next(m for m in mailoutbox if "News about" in m.subject)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.search(r"<http://[^/]+(/[^>]+)>", mail.extra_headers["List-Unsubscribe"])
    assert address and address[1] in mail.body
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(address[1]).status_code == 200 and Follow.objects.get().ended_at is None
    assert browser.post(address[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    row = Follow.objects.get()
    assert row.ended_at and row.email == ""
    assert browser.post(address[1]).status_code == 200
    assert browser.post("/unsubscribe/forged/").status_code == 404


def test_addresses_that_never_said_yes_are_forgotten(city: City) -> None:
    follow(email="rosa@example.org", language="en", at=timezone.now() - 8 * DAY, area=city.south.pk)
    kept = confirmed(area=city.north.pk)
    forget_unconfirmed(at=timezone.now())
    assert list(Follow.objects.all()) == [kept]
