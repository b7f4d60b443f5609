"""Webhooks: JSON posted to another system, signed so that it can tell it is from us."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import socket

import httpx
import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from commonbeat.community.models import User
from commonbeat.community.reference import touch
from commonbeat.core.actor import SYSTEM, Role
from commonbeat.core.text import N_
from commonbeat.journal.channels import Bounced, NoLongerWanted, Postponed, TemporarilyUnavailable, channel
from commonbeat.journal.models import Delivery, Webhook
from commonbeat.journal.verbs import Tell, record

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
REST = dt.timedelta(seconds=30)
"""After a failure nothing is sent to this receiver for so long: one dead receiver must not hold up everybody's mail."""
PAUSE_AFTER = dt.timedelta(hours=24)
PAUSE_AFTER_FAILURES = 10
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

NOT_HTTPS = N_("Give an address that begins with https://.")
NOT_PUBLIC = N_("This address leads into a private network, where webhooks are not sent.")


class UnsafeAddress(Exception):
    """Nothing is posted to this address; the message says why."""


def sign(secret: str, body: bytes, *, timestamp: int) -> str:
    """The signature header: HMAC-SHA256 over `timestamp.body`, so that an old message cannot be replayed."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def check_address(url: str) -> httpx.URL:
    """The address as far as it can be judged without asking the network. Raises `UnsafeAddress`."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        raise UnsafeAddress(NOT_HTTPS) from None
    if settings.WEBHOOK_PRIVATE:
        return address
    if address.scheme != "https" or not address.host or address.userinfo:
        raise UnsafeAddress(NOT_HTTPS)
    try:
        literal = ipaddress.ip_address(address.host)
    except ValueError:
        return address
    if not is_public(literal):
        raise UnsafeAddress(NOT_PUBLIC)
    return address


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the open internet, also when IPv6 only wraps an IPv4 one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and any(address in network for network in _TRANSLATED):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if wrapped is not None:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast


def pinned(url: str) -> tuple[httpx.URL, str]:
    """The address with its name replaced by the one number that was checked, and the name.

    The name is looked up once: a second look-up could answer differently, and lead inside. Raises
    `UnsafeAddress`, and `TemporarilyUnavailable` when the name cannot be looked up.
    """
    address = check_address(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as failure:
        raise TemporarilyUnavailable("The name of the receiver cannot be found.") from failure
    numbers = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not settings.WEBHOOK_PRIVATE and not all(is_public(number) for number in numbers):
        raise UnsafeAddress(NOT_PUBLIC)
    return address.copy_with(host=str(numbers[0])), address.host


@channel("webhook")
def post(delivery: Delivery, *, at: dt.datetime) -> None:
    """Post one event: 2xx is success, 410 pauses the webhook, everything else is tried again later.

    A receiver that failed rests for a moment; one that fails for a day is paused, and administrators are told.
    """
    hook = Webhook.objects.filter(pk=delivery.context.get("webhook")).first()
    if hook is None or hook.paused_at:
        raise NoLongerWanted("The webhook was removed or paused.")
    if hook.failed_at and hook.failed_at <= at < hook.failed_at + REST:
        raise Postponed(hook.failed_at + REST)
    try:
        status = _send(hook, delivery, at=at)
    except UnsafeAddress as refusal:
        pause(hook, str(refusal), at=at)
        raise NoLongerWanted(str(refusal)) from refusal
    except TemporarilyUnavailable as failure:
        _failed(hook, str(failure), at=at)
        raise
    if status == 410:
        pause(hook, "The receiver said that it is gone (410).", at=at)
        raise Bounced("The receiver said that it is gone (410).")
    if not 200 <= status < 300:
        _failed(hook, f"The receiver answered {status}.", at=at)
        raise TemporarilyUnavailable(f"The receiver answered {status}.")
    if hook.failures or hook.failing_since:
        Webhook.objects.filter(pk=hook.pk).update(failures=0, failing_since=None, failed_at=None)


def _send(hook: Webhook, delivery: Delivery, *, at: dt.datetime) -> int:
    """Post the event; returns the status. The answer's body is not read, no redirect is followed."""
    body = orjson.dumps(delivery.context["event"] | {"id": str(delivery.pk)})
    address, host = pinned(hook.url)
    headers = {
        "Host": httpx.URL(hook.url).netloc.decode(),
        "Content-Type": "application/json",
        "User-Agent": "Commonbeat",
        "X-Commonbeat-Signature": sign(hook.secret, body, timestamp=int(at.timestamp())),
        "X-Commonbeat-Delivery": str(delivery.pk),
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", address, content=body, headers=headers, extensions={"sni_hostname": host}) as reply,
        ):
            return reply.status_code
    except httpx.HTTPError as failure:
        raise TemporarilyUnavailable(f"The receiver cannot be reached ({type(failure).__name__}).") from failure


def _failed(hook: Webhook, why: str, *, at: dt.datetime) -> None:
    Webhook.objects.filter(pk=hook.pk).update(
        failures=F("failures") + 1, failed_at=at, failing_since=Coalesce(F("failing_since"), Value(at))
    )
    hook.refresh_from_db()
    if hook.failures >= PAUSE_AFTER_FAILURES and hook.failing_since and at - hook.failing_since >= PAUSE_AFTER:
        pause(hook, why, at=at)


@transaction.atomic
def pause(hook: Webhook, why: str, *, at: dt.datetime) -> None:
    """Stop sending to a receiver that does not take messages any more, and tell administrators once."""
    if not Webhook.objects.filter(pk=hook.pk, paused_at__isnull=True).update(paused_at=at):
        return
    touch("webhooks")
    words = {"name": hook.name, "why": why, "path": f"/office/webhook/{hook.pk}/"}
    tell = [
        Tell("email", user.email, "staff_webhook_paused", user.language, words, urgent=True)
        for user in User.objects.holding(Role.ADMIN)
    ]
    record("webhook", hook.pk, "webhook.paused", actor=SYSTEM, at=at, data={"why": why}, tell=tell)
