"""Reads mail that came back (RFC 3464) and marks the message that did not arrive."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from typing import Any

from django.db import transaction

from commonbeat.journal.deliver import mark_bounced
from commonbeat.journal.models import Delivery

_OURS = re.compile(r"<delivery-(\d{1,18})@[^<>\s]+>")


class NotABounce(ValueError):
    """The mail is none that came back for good; the message says what it is instead."""


def note_bounce(mail: bytes, *, at: dt.datetime) -> Delivery:
    """Mark the delivery that a returned mail is about, once; returns it. Raises `NotABounce`.

    The delivery is found by the Message-ID that we gave it, never by an address in the text: those can be forged, and
    a delay is no failure.
    """
    message = email.message_from_bytes(mail, policy=email.policy.default)
    reason = _reason(message)
    number = next((int(found[1]) for text in _texts(message) if (found := _OURS.search(text))), None)
    if number is None:
        raise NotABounce("It names no message of ours: there is no Message-ID like <delivery-123@…> in it.")
    with transaction.atomic():
        row = Delivery.objects.select_for_update().select_related("entry").filter(pk=number, channel="email").first()
        if row is None:
            raise NotABounce(f"There is no delivery {number} here. Was it sent by another installation?")
        if row.state != Delivery.State.BOUNCED:
            mark_bounced(row, reason, at=at)
            row.refresh_from_db()
    return row


def _reason(message: Message[Any, Any]) -> str:
    """Why it came back, without the address. Raises `NotABounce` for delays, receipts and ordinary mail."""
    if message.get_content_type() != "multipart/report":
        raise NotABounce("It is ordinary mail, not a delivery report.")
    report = next((part for part in message.walk() if part.get_content_type() == "message/delivery-status"), None)
    if report is None:
        raise NotABounce("It is a report about something else than delivery.")
    fields = [block for block in report.get_payload() if isinstance(block, Message)]
    actions = [str(block.get("Action", "")).strip().lower() for block in fields if block.get("Action")]
    statuses = [str(block.get("Status", "")).strip() for block in fields if block.get("Status")]
    if "failed" not in actions:
        raise NotABounce("It says that the message is delayed or was delivered, not that it failed.")
    code = next((status for status in statuses if re.fullmatch(r"[245]\.\d{1,3}\.\d{1,3}", status)), "")
    return f"The mail came back ({code})." if code else "The mail came back."


def _texts(message: Message[Any, Any]) -> Iterator[str]:
    """Where the id of the returned message may stand: its own headers first, then those of the report."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            yield str(part.get_content() if isinstance(part, EmailMessage) else part.get_payload())
        elif part is not message and part.get("Message-ID"):
            yield str(part["Message-ID"])
    for name in ("In-Reply-To", "References"):
        yield str(message.get(name, ""))
