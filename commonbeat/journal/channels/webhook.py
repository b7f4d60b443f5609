"""Webhooks: JSON posted to another system, signed so that it can tell it is from us."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from commonbeat.community.models import User
from commonbeat.community.reference import touch
from commonbeat.core.actor import SYSTEM, Role
from commonbeat.journal import outside
from commonbeat.journal.channels import Bounced, NoLongerWanted, Postponed, TemporarilyUnavailable, channel
from commonbeat.journal.models import Delivery, Webhook
from commonbeat.journal.outside import NotReached, UnsafeAddress
from commonbeat.journal.verbs import Tell, record

REST = dt.timedelta(seconds=30)
"""After a failure nothing is sent to this receiver for so long: one dead receiver must not hold up everybody's mail."""
PAUSE_AFTER = dt.timedelta(hours=24)
PAUSE_AFTER_FAILURES = 10


def sign(secret: str, body: bytes, *, timestamp: int) -> str:
    """The signature header: HMAC-SHA256 over `timestamp.body`, so that an old message cannot be replayed."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


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
    except NotReached as failure:
        _failed(hook, str(failure), at=at)
        raise TemporarilyUnavailable(str(failure)) from failure
    if status == 410:
        pause(hook, "The receiver said that it is gone (410).", at=at)
        raise Bounced("The receiver said that it is gone (410).")
    if not 200 <= status < 300:
        _failed(hook, f"The receiver answered {status}.", at=at)
        raise TemporarilyUnavailable(f"The receiver answered {status}.")
    if hook.failures or hook.failing_since:
        Webhook.objects.filter(pk=hook.pk).update(failures=0, failing_since=None, failed_at=None)


def _send(hook: Webhook, delivery: Delivery, *, at: dt.datetime) -> int:
    """Post the event; returns the status."""
    body = orjson.dumps(delivery.context["event"] | {"id": str(delivery.pk)})
    headers = {
        "Content-Type": "application/json",
        "X-Commonbeat-Signature": sign(hook.secret, body, timestamp=int(at.timestamp())),
        "X-Commonbeat-Delivery": str(delivery.pk),
    }
    return outside.post(hook.url, body, headers, private=settings.WEBHOOK_PRIVATE).status


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
