"""E-mail: plain text in the recipient's language, with links that are made at the moment of sending."""

from __future__ import annotations

import datetime as dt
import smtplib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import timezone, translation

from commonbeat.community.access import make_link
from commonbeat.community.agency import current
from commonbeat.journal.channels import LINES, Bounced, TemporarilyUnavailable, Unreachable, channel
from commonbeat.journal.models import Delivery, OutboxMessage


def _context(delivery: Delivery, *, at: dt.datetime) -> dict[str, Any]:
    context: dict[str, Any] = {**delivery.context, "agency": current(), "site_url": settings.SITE_URL}
    link = delivery.context.get("link")
    if link:
        token = make_link(
            link["purpose"], subject=(link["subject"][0], link["subject"][1]), at=at,
            valid_for=dt.timedelta(days=link.get("days", 30)), data=link.get("data") or {},
        )  # fmt: skip
        context["link"] = f"{settings.SITE_URL}{link.get('path', '/return/')}{token}/"
    return context


def render(delivery: Delivery, *, at: dt.datetime) -> tuple[str, str]:
    """Subject (first line of the template) and body of a message, in its language."""
    with translation.override(delivery.language):
        text = render_to_string(f"messages/{delivery.template}.txt", _context(delivery, at=at))
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


class _Line(threading.local):
    """The connection to the mail server, and whether it outlasts a message."""

    server: BaseEmailBackend | None = None
    stays_open = False


_line = _Line()


@contextmanager
def one_line() -> Iterator[None]:
    """Send all messages inside by one connection: greeting a mail server costs both sides more than a message."""
    _line.stays_open = True
    try:
        yield
    finally:
        _line.stays_open = False
        _hang_up()


LINES.append(one_line)


def _call() -> BaseEmailBackend:
    if _line.server is None:
        server = get_connection()
        server.open()
        _line.server = server
    return _line.server


def _hang_up() -> None:
    server, _line.server = _line.server, None
    if server is not None:
        server.close()


@channel("email", quiet=True)
def send_mail(delivery: Delivery, *, at: dt.datetime) -> None:
    """Hand one message to the mail server. The Message-ID is stable, so a repeated attempt can be recognised."""
    try:
        server = _call()
    except (smtplib.SMTPException, OSError) as failure:  # before the message is written, which makes its link
        raise Unreachable(f"The mail server cannot be reached ({type(failure).__name__}).") from failure
    done = False
    try:
        _hand_over(server, delivery, at=at)
        done = True
    finally:
        if not (done and _line.stays_open):  # after a refusal nobody knows how the conversation stands
            _hang_up()


def _hand_over(server: BaseEmailBackend, delivery: Delivery, *, at: dt.datetime) -> None:
    subject, body = render(delivery, at=at)
    host = settings.SITE_URL.partition("://")[2].split(":")[0] or "localhost"
    headers = {"Message-ID": f"<delivery-{delivery.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    unsubscribe = delivery.context.get("unsubscribe")
    if unsubscribe:
        headers |= {
            "List-Unsubscribe": f"<{settings.SITE_URL}{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = EmailMessage(
        subject, body, settings.DEFAULT_FROM_EMAIL, [delivery.recipient], headers=headers, connection=server
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()), (550, b""))[0]
        if 500 <= code < 600:
            raise Bounced(f"The mail server refused the address ({code}).") from refused
        raise TemporarilyUnavailable(f"The mail server asked to try later ({code}).") from refused
    except (smtplib.SMTPException, OSError) as failure:
        raise TemporarilyUnavailable(f"The mail server cannot be reached ({type(failure).__name__}).") from failure


class OutboxBackend(BaseEmailBackend):
    """Keeps mail in a table instead of sending it: the demo's outbox page."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            OutboxMessage.objects.create(
                at=timezone.now(), recipient=", ".join(message.to), subject=str(message.subject),
                body=str(message.body),
                headers=dict(message.extra_headers),
            )  # fmt: skip
        return len(email_messages)
