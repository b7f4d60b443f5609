"""Browsers that take notifications: kept sealed, found by their own address, renewed, forgotten."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cache

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from commonbeat.community.keyring import box, secret
from commonbeat.core.actor import ANONYMOUS, Actor
from commonbeat.core.webpush import BadSubscription, PushAddress, encoded, parse_subscription, public_bytes, signing_key
from commonbeat.journal.models import PushSubscription
from commonbeat.journal.outside import UnsafeAddress, check_address
from commonbeat.journal.verbs import record

_BOX = "browsers"


@cache
def our_key() -> ec.EllipticCurvePrivateKey:
    """The key that push services know us by, made at first use. Without it every subscription is lost: back it up."""
    return signing_key(secret("push-sender"))


def our_public_key() -> str:
    """The public half, for `pushManager.subscribe`."""
    return encoded(public_bytes(our_key()))


def read_address(text: str) -> PushAddress:
    """A subscription as a browser gives it. Raises `BadSubscription`, also for an address that nothing is sent to."""
    address = parse_subscription(text)
    try:
        check_address(address.endpoint)
    except UnsafeAddress as refusal:
        raise BadSubscription(str(refusal)) from refusal
    return address


def _digest(endpoint: str) -> bytes:
    return hashlib.blake2b(endpoint.encode(), key=secret(_BOX), digest_size=32, person=b"push-address").digest()


@transaction.atomic
def subscribe(address: PushAddress, *, at: dt.datetime) -> PushSubscription:
    """The row of a browser: the one that is there, with its newest keys, or a new one."""
    digest, sealed = _digest(address.endpoint), _seal(address)
    row, made = PushSubscription.objects.get_or_create(digest=digest, defaults={"sealed": sealed, "created_at": at})
    if made:
        record("browser", row.pk, "browser.added", actor=ANONYMOUS, at=at, first=True)
    elif address_of(row) != address:
        PushSubscription.objects.filter(pk=row.pk).update(sealed=sealed, failing_since=None)
        record("browser", row.pk, "browser.renewed", actor=ANONYMOUS, at=at)
    return row


def find(endpoint: str) -> PushSubscription | None:
    """The browser with this address. Knowing it is what lets somebody in: nobody but the browser does."""
    return PushSubscription.objects.filter(digest=_digest(endpoint)).first() if endpoint else None


@transaction.atomic
def renew(old: str, new: PushAddress, *, at: dt.datetime) -> bool:
    """A browser got a new address for an old one; False when the old one is not known or the new one is taken."""
    row = PushSubscription.objects.select_for_update().filter(digest=_digest(old)).first()
    if row is None or PushSubscription.objects.filter(digest=_digest(new.endpoint)).exclude(pk=row.pk).exists():
        return False
    values = {"digest": _digest(new.endpoint), "sealed": _seal(new), "failing_since": None}
    PushSubscription.objects.filter(pk=row.pk).update(**values)
    record("browser", row.pk, "browser.renewed", actor=ANONYMOUS, at=at)
    return True


@transaction.atomic
def forget(row: PushSubscription, why: str, *, actor: Actor, at: dt.datetime) -> None:
    """Send nothing more to a browser, and forget its address; again is harmless."""
    ended = {"ended_at": at, "sealed": "", "digest": None}
    if PushSubscription.objects.filter(pk=row.pk, ended_at__isnull=True).update(**ended):
        record("browser", row.pk, "browser.forgotten", actor=actor, at=at, data={"why": why[:200]})


def address_of(row: PushSubscription) -> PushAddress | None:
    """Where to send; None when it was forgotten, or sealed with a key that is lost."""
    if not row.sealed:
        return None
    try:
        return parse_subscription(box(_BOX).decrypt(row.sealed.encode()).decode())
    except InvalidToken:
        return None


def _seal(address: PushAddress) -> str:
    return box(_BOX).encrypt(address.packed().encode()).decode()
