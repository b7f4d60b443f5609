"""Other systems that talk to us: their keys and the webhooks that tell them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from commonbeat.community.access import make_key
from commonbeat.community.models import ApiKey
from commonbeat.core.actor import Actor
from commonbeat.journal import history
from commonbeat.journal.models import Delivery, Webhook
from commonbeat.journal.verbs import Tell, enqueue, record


@transaction.atomic
def create_key(
    name: str, *, scopes: list[str], area_ids: Iterable[int] = (), contact: str = "", per_minute: int = 600,
    expires_at: dt.datetime | None = None, actor: Actor, at: dt.datetime,
) -> tuple[ApiKey, str]:  # fmt: skip
    """Make an API key; its secret is returned this once and stored as a digest only."""
    key, secret = make_key(name, scopes=scopes, at=at, contact=contact, per_minute=per_minute, expires_at=expires_at)
    key.areas.set(area_ids)
    facts = {"name": name, "scopes": scopes, "areas": sorted(area_ids), "expires_at": expires_at}
    record("key", key.pk, "key.added", actor=actor, at=at, data=facts)
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, actor: Actor, at: dt.datetime, reason: str = "") -> None:
    """End a key at once and for good; a second time changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at):
        record("key", key.pk, "key.revoked", actor=actor, at=at, data={"reason": reason})


@transaction.atomic
def create_webhook(values: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> tuple[Webhook, str]:
    """Add a webhook; returns it with the secret that signs its messages, which is shown this once."""
    secret = "whsec_" + secrets.token_urlsafe(32)
    hook = Webhook(secret=secret, created_at=at)
    history.add(hook, values, actor=actor, at=at)
    return hook, secret


@transaction.atomic
def renew_secret(hook: Webhook, *, actor: Actor, at: dt.datetime) -> str:
    """A new signing secret; the old one stops at once."""
    secret = "whsec_" + secrets.token_urlsafe(32)
    Webhook.objects.filter(pk=hook.pk).update(secret=secret)
    record("webhook", hook.pk, "webhook.secret_renewed", actor=actor, at=at)
    return secret


@transaction.atomic
def set_paused(hook: Webhook, paused: bool, *, actor: Actor, at: dt.datetime) -> None:
    """Pause a webhook, or let it run again with a clean count of failures."""
    Webhook.objects.filter(pk=hook.pk).update(failures=0, failing_since=None, failed_at=None)
    history.change(
        hook,
        {"paused_at": at if paused else None},
        actor=actor,
        at=at,
        verb="paused" if paused else "resumed",
    )


@transaction.atomic
def test_webhook(hook: Webhook, *, actor: Actor, at: dt.datetime) -> Delivery:
    """Send a message of the verb `webhook.test`; the delivery says how it went."""
    entry = record("webhook", hook.pk, "webhook.tested", actor=actor, at=at)
    event = {"verb": "webhook.test", "at": at.isoformat()}
    return enqueue(entry, [Tell("webhook", hook.url, "event", "en", {"webhook": hook.pk, "event": event})], at=at)[0]


@transaction.atomic
def send_again(delivery: Delivery, *, actor: Actor, at: dt.datetime) -> bool:
    """Try a message that failed or bounced once more; False when it is not in such a state any more."""
    from commonbeat.journal.tasks import wake_sender

    again = Delivery.objects.filter(
        pk=delivery.pk, state__in=[Delivery.State.FAILED, Delivery.State.BOUNCED, Delivery.State.CANCELLED]
    ).update(state=Delivery.State.PENDING, attempts=0, next_at=at, error="")
    if not again:
        return False
    record(
        "delivery",
        delivery.pk,
        "delivery.sent_again",
        actor=actor,
        at=at,
        data={"template": delivery.template},
    )
    wake_sender(at, at=at)
    return True
