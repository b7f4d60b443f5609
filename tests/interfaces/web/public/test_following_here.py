"""Following as notifications of a browser, against a push service here that passes on what it cannot read."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.config.logs import NoPersonalData
from commonbeat.core.webpush import parse_subscription
from commonbeat.journal import browsers
from commonbeat.journal.chain import verify
from commonbeat.journal.deliver import RETRY_AFTER, send_due
from commonbeat.journal.models import Delivery, Entry, PushSubscription
from commonbeat.publishing.digests import send_digests
from commonbeat.publishing.following import end_unreachable, follow_here, mine_path
from commonbeat.publishing.models import Follow
from tests import make
from tests.conftest import City
from tests.push_service import Browser, PushService, serving

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
CONFUSED = "This browser could not set up notifications"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with serving(tmp_path, monkeypatch) as running:
        yield running


def follows(browser: Browser, *, language: str = "en", at: dt.datetime = make.NOW, **fields: Any) -> Follow:
    """Somebody follows with this browser, and has seen the first notification."""
    row = follow_here(address=parse_subscription(browser.subscription), language=language, at=at, **fields)
    send_due(at=at)
    return row


def ends(row: Follow) -> str:
    """How the newest message to somebody ended."""
    return Delivery.objects.filter(entry__subject_kind="follow", entry__subject_id=row.pk).latest("pk").state


def test_a_browser_follows_without_an_address_and_reads_its_news(
    city: City, client: Client, service: PushService
) -> None:
    browser = service.browser()
    form = {"area": city.south.pk, "every": "now", "by": "push", "subscription": browser.subscription, "email": "x"}
    page = client.post("/follow/", form, follow=True)
    assert "As notifications in this browser" in page.content.decode() and "South" in page.content.decode()
    row = Follow.objects.get()
    assert row.email == "" and row.confirmed_at and row.every == "now"
    send_due(at=timezone.now())
    [hello] = service.got
    assert browser.read(hello.body)["title"] == "You follow South" and hello.path == "/send/rosa"

    Follow.objects.update(told_until=make.NOW - MINUTE)
    case = make.concern(city.vehicle, place=make.SOUTH, text="Very private words", name="Rosa", email="r@example.org")
    assert send_digests(at=make.NOW + MINUTE) == 1
    send_due(at=make.NOW + MINUTE)
    news = browser.read(service.got[-1].body)
    assert news["title"] == "News about South" and news["text"].startswith("Abandoned vehicle · South: ")
    assert news["path"] == f"/areas/{city.south.pk}/" and (news["language"], news["direction"]) == ("en", "ltr")
    assert client.get(news["path"]).status_code in {200, 301, 302}
    everything = json.dumps(news)
    assert all(word not in everything for word in ("private", "Rosa", "r@example.org", "State St", case.case.text))
    assert list(verify()) == []


def test_the_service_is_told_no_more_than_it_must_know(city: City, service: PushService) -> None:
    browser = service.browser()
    row = follows(browser, area=city.south.pk)
    make.concern(city.vehicle, at=make.NOW + HOUR, place=make.SOUTH)
    send_digests(at=make.NOW + DAY)
    send_due(at=make.NOW + DAY + MINUTE)
    hello, news = service.got
    assert news.headers["Content-Encoding"] == "aes128gcm"
    assert news.headers["Topic"] == f"follow-{row.pk}" and len(news.headers["Topic"]) <= 32
    assert int(news.headers["TTL"]) == 24 * 3600 - 60, "what waited here is not kept longer there"
    assert len(hello.body) == len(news.body) <= 4096, "the length would tell which news it is"
    assert b"South" not in news.body and "Cookie" not in news.headers
    assert news.claims["aud"] == service.origin and news.claims["key"] == browsers.our_public_key()
    assert news.claims["sub"].startswith(("mailto:", "http"))


def test_news_comes_in_the_language_in_which_somebody_follows(city: City, client: Client, service: PushService) -> None:
    browser = service.browser()
    form = {"category": city.noise.pk, "by": "push", "subscription": browser.subscription}
    client.post("/follow/", form, headers={"Accept-Language": "ar"})
    send_due(at=timezone.now())
    shown = browser.read(service.got[0].body)
    assert (shown["language"], shown["direction"]) == ("ar", "rtl")


def test_following_the_same_again_changes_the_rhythm_and_sends_nothing(city: City, service: PushService) -> None:
    browser = service.browser()
    for every in ("day", "week", "week"):
        follows(browser, area=city.south.pk, every=every)
    follows(browser, category=city.noise.pk)
    assert PushSubscription.objects.count() == 1 and len(service.got) == 2
    assert list(Follow.objects.order_by("pk").values_list("every", flat=True)) == ["week", "day"]
    assert Entry.objects.filter(verb="follow.changed").count() == 1


def test_the_address_is_sealed_and_found_only_by_itself(city: City, service: PushService) -> None:
    browser = service.browser("a-secret-path")
    follows(browser, area=city.south.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(p::text, '') FROM journal_pushsubscription p")
        sealed = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(d::text, '') FROM journal_delivery d")
        sent = cursor.fetchone()[0]
    assert "a-secret-path" not in sealed + sent and "push.example.org" not in sealed
    row = browsers.find(browser.endpoint)
    assert row and browsers.address_of(row) == parse_subscription(browser.subscription)
    assert browsers.find(browser.endpoint + "x") is None and browsers.find("") is None


def test_logs_name_neither_the_address_nor_the_page_of_what_is_followed(
    city: City, client: Client, service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    row = follows(service.browser("a-secret-path"), area=city.south.pk)
    service.status = 410
    follows(service.browser("another-secret"), area=city.south.pk)
    assert len(service.got) == 2 and "secret" not in caplog.text
    page = mine_path(row, at=timezone.now())
    line = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Gone: %s", (page,), None)
    assert NoPersonalData().filter(line) and line.getMessage() == "Gone: /follow/mine/[secret]/"


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_takes_no_more_is_forgotten(city: City, service: PushService, status: int) -> None:
    rows = [follows(service.browser(), area=city.south.pk)]
    rows.append(follows(service.browser(), category=city.vehicle.pk, every="now"))  # a message of its own
    kept = follows(service.browser("omar"), area=city.south.pk)
    make.concern(city.vehicle, at=make.NOW + HOUR, place=make.SOUTH)
    send_digests(at=make.NOW + DAY)
    service.status = status
    Delivery.objects.filter(entry__subject_id=kept.pk, entry__subject_kind="follow").update(state="sent")
    send_due(at=make.NOW + DAY)
    assert sorted(ends(row) for row in rows) == ["bounced", "cancelled"]
    gone = PushSubscription.objects.get(pk=rows[0].browser_id)
    assert gone.ended_at and gone.sealed == "" and gone.digest is None
    assert end_unreachable(at=make.NOW + DAY) == 2
    assert list(Follow.objects.filter(ended_at__isnull=True)) == [kept]
    make.concern(city.vehicle, at=make.NOW + DAY + HOUR, place=make.SOUTH)
    assert send_digests(at=make.NOW + 2 * DAY + HOUR) == 1
    assert list(verify()) == []


def test_a_service_that_fails_is_tried_again_and_rests(city: City, service: PushService) -> None:
    service.status = 503
    row = follows(service.browser(), area=city.south.pk)
    other = follows(service.browser("omar"), area=city.south.pk)
    assert ends(row) == "pending" and len(service.got) == 1, "the second waits while the service rests"
    assert Delivery.objects.latest("pk").attempts == 0, "waiting is no attempt"
    service.status = 201
    send_due(at=make.NOW + RETRY_AFTER[1] + MINUTE)
    assert (ends(row), ends(other)) == ("sent", "sent") and len(service.got) == 3
    assert PushSubscription.objects.filter(failing_since__isnull=False).count() == 0


def test_a_service_that_asks_to_wait_is_left_alone_for_so_long(city: City, service: PushService) -> None:
    service.status, service.retry_after = 429, "1800"
    row = follows(service.browser(), area=city.south.pk)
    send_due(at=make.NOW + 10 * MINUTE)
    assert len(service.got) == 1
    service.status = 201
    send_due(at=make.NOW + 31 * MINUTE)
    assert ends(row) == "sent" and len(service.got) == 2


def test_what_is_too_old_to_be_news_is_not_sent(city: City, service: PushService) -> None:
    service.status = 503
    row = follows(service.browser(), area=city.south.pk)
    service.status = 201
    send_due(at=make.NOW + 2 * HOUR)
    assert ends(row) == "cancelled" and len(service.got) == 1


def test_a_browser_that_fails_for_two_weeks_is_forgotten(city: City, service: PushService) -> None:
    service.status = 400
    row = follows(service.browser(), area=city.south.pk)
    assert PushSubscription.objects.get().failing_since == make.NOW
    at = make.NOW + 15 * DAY
    make.concern(city.vehicle, at=at - HOUR, place=make.SOUTH)
    send_digests(at=at)
    send_due(at=at)
    assert ends(row) == "bounced" and PushSubscription.objects.get().ended_at == at


def test_no_notification_comes_at_night_but_the_answer_to_ones_own_deed(city: City, service: PushService) -> None:
    evening = make.NOW.replace(hour=4) + DAY  # 23:00 in Chicago
    row = follows(service.browser(), area=city.south.pk, at=evening - DAY)
    assert len(service.got) == 1, "whoever follows at night sees at once that it works"
    make.concern(city.vehicle, at=evening - HOUR, place=make.SOUTH)
    assert send_digests(at=evening) == 1
    send_due(at=evening)
    assert len(service.got) == 1 and ends(row) == "pending"
    send_due(at=evening + 9 * HOUR)
    assert len(service.got) == 2 and ends(row) == "sent"


def test_a_case_is_followed_in_a_browser_too(city: City, service: PushService) -> None:
    case = make.concern(city.vehicle, place=make.SOUTH).case
    browser = service.browser()
    follows(browser, case=case.pk, every="now")
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=make.NOW + MINUTE)
    send_digests(at=make.NOW + 2 * MINUTE)
    send_due(at=make.NOW + 2 * MINUTE)
    news = browser.read(service.got[-1].body)
    assert case.reference in news["title"] and "Acknowledged" in news["text"]
    assert news["path"] == f"/cases/{case.reference}/"


def test_a_browser_finds_what_it_follows_by_its_own_address_and_ends_it(
    city: City, client: Client, service: PushService
) -> None:
    browser = service.browser()
    row = follows(browser, area=city.south.pk, at=timezone.now())
    follows(service.browser("omar"), area=city.north.pk, at=timezone.now())
    mine = client.post("/follow/mine/", {"endpoint": browser.endpoint}, follow=True)
    assert "South" in mine.content.decode() and "North" not in mine.content.decode()
    ended = client.post(mine.redirect_chain[-1][0], {"follow": row.pk, "do": "end"})
    assert "You get no more of it" in ended.content.decode()
    gone = PushSubscription.objects.get(pk=row.browser_id)
    assert gone.sealed == "" and gone.ended_at, "a browser that follows nothing is forgotten"
    assert PushSubscription.objects.filter(ended_at__isnull=True).count() == 1
    stranger = client.post("/follow/mine/", {"endpoint": browser.endpoint})
    assert stranger.status_code == 422 and "This browser follows nothing here" in stranger.content.decode()
    assert list(verify()) == []


def test_a_browser_with_a_new_address_says_so_by_itself(city: City, service: PushService) -> None:
    old, new = service.browser("old"), service.browser("new")
    row = follows(old, area=city.south.pk)
    worker = Client(enforce_csrf_checks=True)

    def say(body: str) -> int:
        return worker.post("/follow/renewed/", body, content_type="application/json").status_code

    said = {"old": old.endpoint, "new": json.loads(new.subscription)}
    assert say(json.dumps(said | {"old": "https://push.example.org/unknown"})) == 404
    assert say(json.dumps(said)) == 204
    assert [say(text) for text in ("", "[]", json.dumps({"old": old.endpoint}))] == [400, 400, 400]
    make.concern(city.vehicle, at=make.NOW + HOUR, place=make.SOUTH)
    send_digests(at=make.NOW + DAY)
    send_due(at=make.NOW + DAY)
    assert service.got[-1].path == "/send/new" and new.read(service.got[-1].body)["title"] == "News about South"
    assert ends(row) == "sent" and list(verify()) == []


@pytest.mark.parametrize(
    "endpoint",
    ["http://push.example.org/1", "https://127.0.0.1/1", "https://[::1]/1", "https://10.0.0.8/1", "ftp://x", "",
     "https://169.254.169.254/latest", "https://user:pw@push.example.org/1"],
)  # fmt: skip
def test_nothing_is_ever_sent_to_a_private_address(city: City, client: Client, settings: Any, endpoint: str) -> None:
    settings.WEBHOOK_PRIVATE = True  # what administrators allow themselves does not hold for strangers
    form = {"area": city.south.pk, "by": "push", "subscription": Browser(endpoint).subscription, "every": "week"}
    page = client.post("/follow/", form)
    assert page.status_code == 422 and CONFUSED in page.content.decode()
    assert 'value="week" checked' in page.content.decode() and Follow.objects.count() == 0


def test_a_name_that_leads_inside_is_found_out_when_something_is_sent(city: City, service: PushService) -> None:
    browser = Browser("https://localhost:1/send/rosa")
    row = follows(browser, area=city.south.pk)
    assert ends(row) == "pending", "this machine counts as the open internet in this test"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("commonbeat.journal.outside.is_public", lambda number: False)
        send_due(at=make.NOW + 2 * MINUTE)
    assert ends(row) == "bounced" and PushSubscription.objects.get().ended_at and service.got == []


def test_without_a_subscription_the_form_offers_mail_and_keeps_what_was_chosen(city: City, client: Client) -> None:
    page = client.post("/follow/", {"area": city.south.pk, "by": "push", "subscription": "", "email": "rosa@exa"})
    text = page.content.decode()
    assert page.status_code == 422 and CONFUSED in text and 'value="rosa@exa"' in text
    assert f'<option value="{city.south.pk}" selected>' in text


def test_the_worker_is_ours_small_and_has_no_part_in_other_pages(client: Client) -> None:
    script = client.get("/follow/worker.js")
    assert script["Content-Type"].startswith("text/javascript") and script["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in script and "default-src 'none'" in script["Content-Security-Policy"]
    text = script.content.decode()
    assert '"push"' in text and '"fetch"' not in text and "://" not in text and len(text) < 3000


def test_who_follows_has_one_way_to_be_told(city: City) -> None:
    fields = {"area": city.south, "created_at": make.NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(**fields)
    sub = PushSubscription.objects.create(created_at=make.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Follow.objects.create(**fields, email="rosa@example.org", browser=sub)
