"""A round of messages goes out by one connection; a refusal does not spoil it for the next one."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import ClassVar

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery
from tests import make
from tests.conftest import City


class Server(BaseEmailBackend):
    """A mail server that counts calls and refuses one address for good."""

    calls: ClassVar[list[str]] = []
    taken: ClassVar[list[str]] = []

    def open(self) -> bool:
        self.calls.append("open")
        return True

    def close(self) -> None:
        self.calls.append("close")

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            if message.to == ["gone@example.org"]:
                raise smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"no such user")})
            self.taken.extend(message.to)
        return len(email_messages)


@pytest.fixture
def server(settings: object) -> type[Server]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"  # type: ignore[attr-defined]
    Server.calls.clear()
    Server.taken.clear()
    return Server


def _report(city: City, *addresses: str) -> None:
    for address in addresses:
        make.concern(city.noise, email=address, told_by="email")


def test_a_round_of_messages_uses_one_connection(city: City, server: type[Server]) -> None:
    _report(city, "a@example.org", "b@example.org", "c@example.org")
    assert send_due(at=make.NOW) == 3
    assert server.calls == ["open", "close"] and sorted(server.taken) == [
        "a@example.org",
        "b@example.org",
        "c@example.org",
    ]


def test_after_a_refusal_the_next_message_goes_by_a_new_connection(city: City, server: type[Server]) -> None:
    _report(city, "a@example.org", "gone@example.org", "c@example.org")
    assert send_due(at=make.NOW) == 2
    assert sorted(server.taken) == ["a@example.org", "c@example.org"]
    assert server.calls.count("open") == server.calls.count("close") <= 2
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT, Delivery.State.BOUNCED}
