"""Following by e-mail: a mailed yes first, news only when there is some, never too often, one click to end it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.agency import current
from commonbeat.community.models import Agency
from commonbeat.community.reference import touch
from commonbeat.journal.channels.mail import render as render_mail
from commonbeat.journal.deliver import mark_bounced, send_due
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.digests import send_digests
from commonbeat.publishing.following import end_unreachable, follow, forget_unconfirmed, mine_path, unsubscribe_path
from commonbeat.publishing.models import Follow, PublicCase
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def confirmed(email: str = "rosa@example.org", at: dt.datetime | None = None, **fields: Any) -> Follow:
    """Somebody who said yes, just now if no moment is given."""
    row = follow(email=email, language="en", at=at or timezone.now(), **fields)
    Follow.objects.filter(pk=row.pk).update(confirmed_at=row.created_at, told_until=row.created_at)
    row.refresh_from_db()
    return row


def digests() -> list[str]:
    """Bodies of the digests that were enqueued."""
    return [render_mail(d, at=timezone.now())[1] for d in Delivery.objects.filter(template="digest").order_by("id")]


def found(pattern: str, text: str) -> str:
    """The first group of a pattern that must be there."""
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in {text}"
    return match[1]


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


def test_the_mailed_link_begins_it_and_leads_to_what_is_followed(city: City, client: Client, mailoutbox: Any) -> None:
    client.post("/follow/", {"category": city.noise.pk, "email": "rosa@example.org"})
    send_due(at=timezone.now() + HOUR)
    link = found(r"https?://[^/\s]+(/follow/confirm/\S+)", mailoutbox[-1].body)
    assert client.get(link).status_code == 200 and Follow.objects.get().confirmed_at is None
    page = client.post(link).content.decode()
    assert Follow.objects.get().confirmed_at and "You get the news" in page
    assert "Noise" in client.get(found(r'href="(/follow/mine/[^"]+)"', page)).content.decode()
    assert client.post(link).status_code == 410


def test_a_wrong_address_or_nothing_to_follow_is_said(city: City, client: Client) -> None:
    wrong = client.post("/follow/", {"email": "nobody", "every": "week"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "Enter an e-mail address" in page and "Choose an area, a category, or both" in page
    assert 'value="nobody"' in page and 'value="week" checked' in page


def test_a_digest_once_a_day_is_what_one_gets_unless_one_asks_for_more(city: City, client: Client) -> None:
    page = client.get(f"/follow/?area={city.south.pk}").content.decode()
    assert 'value="day" checked' in page
    client.post("/follow/", {"area": city.south.pk, "email": "rosa@example.org"})
    client.post("/follow/", {"area": city.north.pk, "email": "rosa@example.org", "every": "every minute"})
    assert set(Follow.objects.values_list("every", flat=True)) == {"day"}


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


def test_a_category_is_followed_everywhere_and_a_weekly_digest_waits_a_week(city: City) -> None:
    confirmed(category=city.noise.pk, every="week", at=make.NOW)
    make.concern(city.noise, at=make.NOW + HOUR, place=make.SOUTH)
    make.concern(city.noise, at=make.NOW + DAY, place=make.NORTH)
    make.concern(city.vehicle, at=make.NOW + DAY, place=make.NORTH)
    assert send_digests(at=make.NOW + 6 * DAY) == 0
    assert send_digests(at=make.NOW + 7 * DAY) == 1
    [body] = digests()
    assert "Noise · South" in body and "Noise · North" in body and "Abandoned vehicle" not in body


def test_who_follows_a_case_hears_of_its_states_and_not_of_notes(city: City) -> None:
    case = make.concern(city.vehicle, place=make.SOUTH).case
    confirmed(case=case.pk, every="now", at=make.NOW)
    sam, later = city.actor(city.sam), make.NOW + dt.timedelta(minutes=5)
    act(case, "note", data={"text": "internal"}, actor=sam, at=later)
    assert send_digests(at=later + dt.timedelta(minutes=1)) == 0
    act(case, "acknowledge", data={}, actor=sam, at=later + dt.timedelta(minutes=2))
    assert send_digests(at=later + dt.timedelta(minutes=3)) == 1
    assert "Acknowledged" in digests()[0]


def test_even_at_once_means_a_few_a_day_for_all_that_somebody_follows_and_the_rest_is_gathered(city: City) -> None:
    Agency.objects.create(pk=1, name="City", short_name="City", settings={"news_per_day": 3}, changed_at=make.NOW)
    touch("agency")
    assert current().settings["news_per_day"] == 3
    for subject in ({"area": city.south.pk}, {"category": city.vehicle.pk}):
        confirmed(every="now", at=make.NOW, **subject)
    told = []
    for number in range(1, 6):
        at = make.NOW + number * dt.timedelta(minutes=10)
        make.concern(city.vehicle, at=at, place=make.SOUTH)
        told.append(send_digests(at=at + dt.timedelta(minutes=1)))
    assert told == [1, 1, 1, 0, 0]
    assert send_digests(at=make.NOW + DAY + HOUR) == 1
    assert [body.count("Abandoned vehicle · South") for body in digests()] == [1, 1, 1, 2]


def test_once_a_day_is_one_message_whatever_is_followed_and_says_nothing_twice(city: City) -> None:
    confirmed(area=city.south.pk, at=make.NOW)
    confirmed(category=city.vehicle.pk, at=make.NOW + 3 * HOUR)
    confirmed(category=city.noise.pk, every="week", at=make.NOW)
    confirmed(email="omar@example.org", area=city.south.pk, at=make.NOW)
    make.concern(city.vehicle, at=make.NOW + 4 * HOUR, place=make.SOUTH)
    make.concern(city.vehicle, at=make.NOW + 4 * HOUR, place=make.NORTH)
    assert send_digests(at=make.NOW + DAY) == 2
    body = next(body for body in digests() if "*** Abandoned vehicle ***" in body)
    assert body.index("*** South ***") < body.index("Abandoned vehicle · South") < body.index("*** Abandoned vehicle")
    assert body.count("Abandoned vehicle · South") == body.count("Abandoned vehicle · North") == 1
    make.concern(city.vehicle, at=make.NOW + DAY + HOUR, place=make.NORTH)
    assert send_digests(at=make.NOW + DAY + 4 * HOUR) == 0, "the second would have its turn, but they were told today"
    assert send_digests(at=make.NOW + 2 * DAY) == 1


def test_one_click_ends_all_that_a_mail_was_about_and_nothing_else(city: City, client: Client) -> None:
    for subject in ({"area": city.south.pk}, {"area": city.north.pk}):
        confirmed(at=make.NOW, **subject)
    kept = confirmed(category=city.noise.pk, every="week", at=make.NOW)
    make.concern(city.vehicle, at=make.NOW + HOUR, place=make.SOUTH)
    send_digests(at=make.NOW + DAY)
    delivery = Delivery.objects.get(template="digest")
    address = delivery.context["unsubscribe"]
    assert "South, North" in client.get(address).content.decode()
    client.post(address, {"List-Unsubscribe": "One-Click"})
    assert list(Follow.objects.filter(ended_at__isnull=True)) == [kept]


def test_what_happens_at_night_is_gathered_until_the_morning(city: City) -> None:
    confirmed(area=city.south.pk, every="now", at=make.NOW)
    evening = make.NOW.replace(hour=3) + DAY  # 22:00 in Chicago
    for minutes in (0, 30):
        make.concern(city.vehicle, at=evening + dt.timedelta(minutes=minutes), place=make.SOUTH)
        assert send_digests(at=evening + dt.timedelta(minutes=minutes + 1)) == 0
    assert send_digests(at=evening + 10 * HOUR) == 1
    assert digests()[0].count("Abandoned vehicle · South") == 2


def test_one_click_ends_it_and_forgets_the_address(city: City, mailoutbox: list[Any], settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    confirmed(area=city.south.pk)
    noon = dt.datetime.combine(timezone.localdate() + 2 * DAY, dt.time(18), tzinfo=dt.UTC)
    make.concern(city.vehicle, at=noon - dt.timedelta(hours=1), place=make.SOUTH)
    assert send_digests(at=noon) == 1
    send_due(at=noon + dt.timedelta(minutes=1))
    mail = next(m for m in mailoutbox if "News about" in m.subject)
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = found(r"<http://[^/]+(/[^>]+)>", mail.extra_headers["List-Unsubscribe"])
    assert address in mail.body
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(address).status_code == 200 and Follow.objects.get().ended_at is None
    assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row = Follow.objects.get()
    assert row.ended_at and row.email == ""
    assert not Delivery.objects.filter(recipient="rosa@example.org").exists(), "sent messages keep the address"
    assert browser.post(address).status_code == 200
    assert browser.post("/unsubscribe/forged/").status_code == 404


def test_a_page_shows_all_that_is_followed_changes_and_ends_it(city: City, client: Client, mailoutbox: Any) -> None:
    south, noise = confirmed(area=city.south.pk), confirmed(category=city.noise.pk)
    other = confirmed(email="omar@example.org", area=city.north.pk)
    asked = client.post("/follow/mine/", {"email": "ROSA@example.org"}).content.decode()
    assert client.post("/follow/mine/", {"email": "nobody@example.org"}).content.decode() == asked
    client.post("/follow/mine/", {"email": "rosa@example.org"})
    send_due(at=timezone.now() + HOUR)
    mails = [mail for mail in mailoutbox if mail.subject == "What you follow"]
    assert [mail.to for mail in mails] == [["rosa@example.org"]]
    address = found(r"https?://[^/\s]+(/follow/mine/\S+)", mails[0].body)

    page = client.get(address)
    assert "South" in page.content.decode() and "Noise" in page.content.decode()
    assert "North" not in page.content.decode() and "no-store" in page["Cache-Control"]
    client.post(address, {"follow": noise.pk, "do": "change", "every": "week"})
    client.post(address, {"follow": other.pk, "do": "end"})
    client.post(address, {"follow": noise.pk, "do": "change", "every": "each second"})
    every = dict(Follow.objects.values_list("pk", "every"))
    assert (every[south.pk], every[noise.pk]) == ("day", "week")
    assert Follow.objects.get(pk=other.pk).ended_at is None

    after = client.post(address, {"follow": south.pk, "do": "end"}, follow=True)  # the one that the address names
    assert "South" not in after.content.decode() and "Noise" in after.content.decode()
    assert client.get(address).status_code == 410
    ended = client.post(after.redirect_chain[-1][0], {"follow": "all", "do": "end"})
    assert "You get no more of it" in ended.content.decode()
    assert Follow.objects.filter(ended_at__isnull=True).get() == other
    assert Entry.objects.filter(verb="follow.ended").count() == 2


def test_an_address_of_that_page_is_nobodys_guess_and_runs_out(city: City, client: Client) -> None:
    row = confirmed(area=city.south.pk, at=timezone.now() - 61 * DAY)
    assert client.get(mine_path(row, at=timezone.now() - 61 * DAY)).status_code == 410
    assert client.get(mine_path(row, at=timezone.now() - 59 * DAY)).status_code == 200
    token = unsubscribe_path([row]).split("/")[2]
    assert client.get(f"/follow/mine/{token}/").status_code == 410  # good for ending this one, and nothing else
    assert client.get("/follow/mine/forged/").status_code == 410


def test_a_wrong_address_keeps_what_was_typed_on_the_way_to_that_page(city: City, client: Client) -> None:
    page = client.post("/follow/mine/", {"email": "rosa at example"})
    assert page.status_code == 422 and 'value="rosa at example"' in page.content.decode()
    assert client.get("/follow/mine/").status_code == 200


def test_mail_that_comes_back_ends_all_that_goes_to_that_mailbox(city: City) -> None:
    for subject in ({"area": city.south.pk}, {"category": city.noise.pk}):
        confirmed(**subject)
    kept = confirmed(email="omar@example.org", area=city.south.pk)
    delivery = Delivery.objects.filter(recipient="rosa@example.org").first()
    assert delivery
    mark_bounced(delivery, "550", at=timezone.now())
    assert end_unreachable(at=timezone.now()) == 2
    assert list(Follow.objects.filter(ended_at__isnull=True)) == [kept]
    assert not Delivery.objects.filter(recipient="rosa@example.org").exists()
    again = confirmed(area=city.south.pk)  # whoever has mended the mailbox may ask once more
    assert end_unreachable(at=timezone.now()) == 0 and Follow.objects.get(pk=again.pk).ended_at is None


def test_addresses_that_never_said_yes_are_forgotten(city: City) -> None:
    follow(email="rosa@example.org", language="en", at=timezone.now() - 8 * DAY, area=city.south.pk)
    kept = confirmed(area=city.north.pk, email="omar@example.org")
    forget_unconfirmed(at=timezone.now())
    assert list(Follow.objects.all()) == [kept]
    assert not Delivery.objects.filter(recipient="rosa@example.org").exists()


def test_the_page_leads_to_the_feeds_of_what_is_chosen(city: City, client: Client) -> None:
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH, text="Very private words").case
    page = client.get(f"/follow/?area={city.south.pk}&category={city.noise.pk}").content.decode()
    assert f"/areas/{city.south.pk}/feed/" in page and "/categories/noise/feed/" in page
    assert f"/cases/{case.reference}/feed/" in client.get(f"/follow/?case={case.reference}").content.decode()
    assert client.get("/follow/?case=CB-0000-000").status_code == 404


def test_a_case_has_a_feed_with_an_item_for_each_state(city: City, client: Client) -> None:
    case = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH, text="Very private words").case
    address = f"/cases/{case.reference}/feed/"
    before = client.get(address)
    assert before["Content-Type"].startswith("application/atom+xml") and "Very private" not in before.content.decode()
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    after = client.get(address).content.decode()
    first, second = (found(r"<entry>.*?<id>([^<]+)</id>", text) for text in (before.content.decode(), after))
    assert first != second and "Acknowledged" in after
    PublicCase.objects.filter(pk=case.pk).update(hidden=True)
    assert Case.objects.filter(pk=case.pk).exists() and client.get(address).status_code == 404


def test_names_are_not_garbled_in_the_subject_of_a_mail(city: City) -> None:
    type(city.south).objects.filter(pk=city.south.pk).update(name="O'Hare & South")
    touch("areas")
    confirmed(area=city.south.pk)
    delivery = Delivery.objects.get(template="follow_confirm")
    assert render_mail(delivery, at=timezone.now())[0] == "Do you want news about O'Hare & South?"
