"""Webhooks against a real receiver: signed, tried again, rested, paused, and never sent inside."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from commonbeat.cases.actions import act
from commonbeat.community.reference import touch
from commonbeat.journal import outside
from commonbeat.journal.channels.mail import render
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, Entry, Webhook
from commonbeat.journal.outside import UnsafeAddress, check_address, is_public
from tests import make
from tests.conftest import City


@dataclass
class Receiver:
    """A local server that keeps what it gets and answers `status`."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE = True
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(kept.status)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://localhost:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def listen(url: str, *verbs: str, **fields: Any) -> Webhook:
    hook = Webhook.objects.create(
        name="Parks & works", url=url, secret="s3cret", verbs=list(verbs), created_at=make.NOW, **fields
    )
    touch("webhooks")
    return hook


def later(minutes: float) -> dt.datetime:
    return make.NOW + dt.timedelta(minutes=minutes)


def test_an_event_arrives_signed_and_without_anything_private(city: City, receiver: Receiver) -> None:
    listen(receiver.url)
    case = make.concern(city.noise, email="rosa@example.org", name="Rosa Resident").case
    send_due(at=make.NOW)
    [(headers, body)] = receiver.got
    event = json.loads(body)
    assert event["verb"] == "case.opened" and event["reference"] == case.reference and event["category"] == "noise"
    assert b"rosa" not in body.lower() and b"Loud" not in body and b"State St" not in body
    parts = dict(part.split("=") for part in headers["X-Commonbeat-Signature"].split(","))
    expected = hmac.new(b"s3cret", parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected and int(parts["t"]) == int(make.NOW.timestamp())
    assert headers["X-Commonbeat-Delivery"] == event["id"] and headers["Host"].startswith("localhost:")
    assert Delivery.objects.get(channel="webhook").state == "sent"


def test_a_webhook_hears_only_what_it_listens_for(city: City, receiver: Receiver) -> None:
    listen(receiver.url, "case.acknowledge")
    case = make.concern(city.noise).case
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=make.NOW)
    send_due(at=make.NOW)
    assert [event["verb"] for event in receiver.events] == ["case.acknowledge"]


def test_a_failed_message_is_tried_again_with_the_same_id(city: City, receiver: Receiver) -> None:
    hook = listen(receiver.url)
    make.concern(city.noise)
    receiver.status = 500
    send_due(at=make.NOW)
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since) == (1, make.NOW)
    receiver.status = 204
    send_due(at=later(2))
    hook.refresh_from_db()
    assert (hook.failures, hook.failing_since, hook.paused_at) == (0, None, None)
    assert len({event["id"] for event in receiver.events}) == 1 and len(receiver.got) == 2


def test_a_receiver_that_failed_rests_and_waiting_is_no_attempt(city: City, receiver: Receiver) -> None:
    listen(receiver.url)
    receiver.status = 503
    for _ in range(5):
        make.concern(city.noise)
    send_due(at=make.NOW)
    assert len(receiver.got) == 1
    assert sorted(Delivery.objects.filter(channel="webhook").values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    receiver.status = 200
    send_due(at=later(2))
    assert len({event["id"] for event in receiver.events}) == 5


def test_a_receiver_that_is_gone_is_paused_and_administrators_are_told(city: City, receiver: Receiver) -> None:
    hook = listen(receiver.url)
    receiver.status = 410
    make.concern(city.noise)
    send_due(at=make.NOW)
    hook.refresh_from_db()
    assert hook.paused_at == make.NOW and Entry.objects.filter(verb="webhook.paused").count() == 1
    told = Delivery.objects.get(template="staff_webhook_paused", recipient=city.ada.email)
    assert render(told, at=make.NOW)[0] == "The webhook “Parks & works” is paused"
    make.concern(city.noise)
    assert Delivery.objects.filter(channel="webhook").count() == 1


def test_a_receiver_that_fails_for_a_day_is_paused_and_what_waits_is_cancelled(city: City, receiver: Receiver) -> None:
    since = make.NOW - dt.timedelta(hours=25)
    hook = listen(receiver.url, failures=20, failing_since=since, failed_at=since)
    receiver.status = 500
    for _ in range(2):
        make.concern(city.noise)
    send_due(at=make.NOW)
    send_due(at=later(2))
    hook.refresh_from_db()
    assert hook.paused_at and len(receiver.got) == 1
    assert set(Delivery.objects.filter(channel="webhook").values_list("state", flat=True)) == {"cancelled"}


def test_redirects_are_not_followed(city: City, receiver: Receiver) -> None:
    hook = listen(receiver.url)
    receiver.status = 302
    make.concern(city.noise)
    send_due(at=make.NOW)
    hook.refresh_from_db()
    assert hook.failures == 1 and len(receiver.got) == 1


def test_nothing_is_sent_into_a_private_network(
    city: City, receiver: Receiver, settings: Any, monkeypatch: Any
) -> None:
    settings.WEBHOOK_PRIVATE = False
    monkeypatch.setattr(
        outside.socket, "getaddrinfo",
        lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.5", 443))],
    )  # fmt: skip
    hook = listen("https://rebinding.example.org/hook")
    make.concern(city.noise)
    send_due(at=make.NOW)
    hook.refresh_from_db()
    assert hook.paused_at and receiver.got == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:10.0.0.1]/", "https://user:pass@example.org/",
        "https:///x", "javascript:alert(1)", "https://[fd00::1]/", "not an address",
    ],
)  # fmt: skip
def test_such_an_address_is_refused(url: str) -> None:
    with pytest.raises(UnsafeAddress):
        check_address(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("0.0.0.0", False), ("100.64.0.1", False),
        ("192.168.1.1", False), ("224.0.0.1", False), ("::", False), ("fe80::1", False), ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False), ("::ffff:8.8.8.8", True), ("64:ff9b::808:808", True),
    ],
)  # fmt: skip
def test_wrapped_addresses_are_seen_through(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public
