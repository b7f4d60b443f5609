"""Notifications of a browser (RFC 8030): encrypted for it alone, handed to its maker's push service."""

from __future__ import annotations

import datetime as dt

import orjson
from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language_info, gettext

from commonbeat.community.agency import current
from commonbeat.core.actor import SYSTEM
from commonbeat.core.webpush import PADDED_TO, PushAddress, authorization, encrypt
from commonbeat.journal import browsers, outside
from commonbeat.journal.channels import Bounced, NoLongerWanted, Postponed, TemporarilyUnavailable, channel
from commonbeat.journal.channels.mail import render
from commonbeat.journal.models import Delivery, PushSubscription

REST = dt.timedelta(seconds=30)
LONGEST_REST = dt.timedelta(hours=6)
GIVE_UP_AFTER = dt.timedelta(days=14)
"""A browser that could not be reached for so long is forgotten."""
_TITLE, _TEXT = 120, 400
_resting: dict[str, dt.datetime] = {}
"""Push services that failed, and until when this process leaves them alone: one must not hold up all other mail."""


def forget_rests() -> None:
    """Try every push service again (tests)."""
    _resting.clear()


@channel("push", quiet=True)
def notify(delivery: Delivery, *, at: dt.datetime) -> None:
    """Hand one notification to a push service. 404 and 410 end the subscription; what is too old is not sent."""
    row = PushSubscription.objects.filter(pk=delivery.context.get("browser")).first()
    address = browsers.address_of(row) if row else None
    left = delivery.entry.at + dt.timedelta(seconds=delivery.context.get("ttl", 86_400)) - at
    if row is None or address is None:
        raise NoLongerWanted("The browser was forgotten.")
    if left <= dt.timedelta(0):
        raise NoLongerWanted("It is too old to be news.")
    rest = _resting.get(address.origin)
    if rest and at < rest:
        raise Postponed(rest)
    try:
        reply = _hand_over(address, delivery, left=left, at=at)
    except outside.UnsafeAddress as refusal:
        browsers.forget(row, str(refusal), actor=SYSTEM, at=at)
        raise Bounced(str(refusal)) from refusal
    except outside.NotReached as failure:
        _rest(address, REST, at=at)
        raise _failed(row, str(failure), at=at) from failure
    if reply.status in {404, 410}:
        browsers.forget(row, f"The push service said that it is gone ({reply.status}).", actor=SYSTEM, at=at)
        raise Bounced(f"The browser takes no notifications any more ({reply.status}).")
    if reply.status == 429 or reply.status >= 500:
        _rest(address, dt.timedelta(seconds=reply.retry_after or 0), at=at)
    if not 200 <= reply.status < 300:
        raise _failed(row, f"The push service answered {reply.status}.", at=at)
    _resting.pop(address.origin, None)
    if row.failing_since:
        PushSubscription.objects.filter(pk=row.pk).update(failing_since=None)


def _hand_over(address: PushAddress, delivery: Delivery, *, left: dt.timedelta, at: dt.datetime) -> outside.Reply:
    headers = {
        "Authorization": authorization(address, key=browsers.our_key(), contact=_contact(), at=at),
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(int(left.total_seconds())),
        "Topic": str(delivery.context["topic"]),
    }
    return outside.post(address.endpoint, encrypt(words(delivery, at=at), address), headers)


def words(delivery: Delivery, *, at: dt.datetime) -> bytes:
    """What the browser shows, as JSON in the follower's language: public words, and a path of this site."""
    title, text = render(delivery, at=at)
    language = delivery.language
    with translation.override(language):
        shown = {
            "title": _cut(title, _TITLE), "text": _cut(text.strip(), _TEXT), "path": delivery.context["path"],
            "topic": delivery.context["topic"], "language": language, "change": gettext("Change or end this"),
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        }  # fmt: skip
    packed = orjson.dumps(shown)
    return packed if len(packed) <= PADDED_TO else orjson.dumps(shown | {"text": ""})


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _contact() -> str:
    """Whom a push service can reach about our messages, as RFC 8292 asks."""
    email = current().email
    return f"mailto:{email}" if email else settings.SITE_URL


def _rest(address: PushAddress, asked: dt.timedelta, *, at: dt.datetime) -> None:
    for origin in [origin for origin, until in _resting.items() if until <= at]:
        del _resting[origin]
    _resting[address.origin] = at + min(max(asked, REST), LONGEST_REST)


def _failed(row: PushSubscription, why: str, *, at: dt.datetime) -> Exception:
    """The exception for a browser that could not be reached: for now, or for good after two weeks of it."""
    if row.failing_since is None:
        PushSubscription.objects.filter(pk=row.pk).update(failing_since=at)
    elif at - row.failing_since >= GIVE_UP_AFTER:
        browsers.forget(row, why, actor=SYSTEM, at=at)
        return Bounced(why)
    return TemporarilyUnavailable(why)
