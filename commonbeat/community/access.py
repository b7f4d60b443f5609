"""Who may do what: users' grants as an `Actor`, programs' keys, and one-time links."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, Value

from commonbeat.community.agency import local_day
from commonbeat.community.cover import running
from commonbeat.community.kept import Kept, columns, keep, revive
from commonbeat.community.models import ApiKey, Area, Cover, OneTimeLink, RoleGrant, User
from commonbeat.community.reference import Remembered
from commonbeat.core.actor import Actor, Grant, lent
from commonbeat.core.text import N_


def _descendants() -> dict[int, frozenset[int]]:
    parents = dict(Area.objects.values_list("id", "parent_id"))
    below: dict[int, set[int]] = {area: {area} for area in parents}
    for area in parents:
        up = parents[area]
        while up is not None:
            below[up].add(area)
            up = parents[up]
    return {area: frozenset(inner) for area, inner in below.items()}


with_descendants = Remembered(_descendants, "areas")
"""Area id → ids of it and everything inside it."""


_SOMEBODY, _SOME_DAY = -271828, dt.date(1999, 12, 31)
"""Stand for the user and the day in the kept statement."""


@lru_cache(maxsize=1)
def _grants() -> Kept:
    """The statement that reads the running grants of somebody and of those they cover: it runs on every desk page."""
    today = running(_SOME_DAY)
    covered = Cover.objects.filter(today, by_id=_SOMEBODY).values("user_id")
    return keep(
        RoleGrant.objects.filter(today, Q(user_id=_SOMEBODY) | Q(user_id__in=covered))
        .annotate(inside=ArrayAgg("areas__id", filter=Q(areas__isnull=False), default=Value([])))
        .order_by("id")
        .values_list("user_id", "role", "team_id", "inside"),
        by=(_SOMEBODY, _SOME_DAY),
    )


def actor_for(user: User, *, at: dt.datetime) -> Actor:
    """The actor that a signed-in user is today: grants that run, with areas widened to what lies inside.

    Whoever stands in for somebody sees what they see as far as their own role goes, for as long as the cover lasts.
    """
    rows = _grants().run({_SOMEBODY: user.pk, _SOME_DAY: local_day(at)})
    below = with_descendants()
    own: list[Grant] = []
    theirs: list[Grant] = []
    for holder, role, team_id, inside in rows:
        areas = frozenset().union(*(below.get(area, frozenset({area})) for area in inside))
        (own if holder == user.pk else theirs).append(Grant(role, areas, team_id))
    covers = frozenset(row[0] for row in rows) - {user.pk}
    grants = (*own, *lent(tuple(own), tuple(theirs))) if theirs else tuple(own)
    return Actor(sort="staff", user_id=user.pk, name=user.name, grants=grants, covers=covers)


def digest(secret: str) -> bytes:
    """How secrets with enough entropy of their own are stored: links and keys are 256 random bits."""
    return hashlib.blake2b(secret.encode(), digest_size=32, person=b"commonbeat-link").digest()


class BadLink(Exception):
    """The link is unknown, used up, revoked or too old; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def make_link(
    purpose: str,
    *,
    subject: tuple[str, int],
    at: dt.datetime,
    valid_for: dt.timedelta,
    data: dict[str, Any] | None = None,
) -> str:
    """Store a link's digest and return its token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        digest=digest(token),
        purpose=purpose,
        subject_kind=subject[0],
        subject_id=subject[1],
        data=data or {},
        created_at=at,
        expires_at=at + valid_for,
    )
    return token


def find_link(token: str, *, purpose: str, at: dt.datetime) -> OneTimeLink:
    """The link behind a token; raises `BadLink` when it does not open anything any more."""
    link = OneTimeLink.objects.filter(digest=digest(token), purpose=purpose).first()
    if link is None:
        raise BadLink("unknown")
    if link.revoked_at:
        raise BadLink("revoked")
    if link.expires_at < at:
        raise BadLink("expired")
    return link


def make_key(name: str, *, scopes: list[str], at: dt.datetime, **fields: Any) -> tuple[ApiKey, str]:
    """Store an API key and return it with its secret, which is shown once."""
    secret = "cb_" + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        name=name, digest=digest(secret), hint=secret[:8], scopes=scopes, created_at=at, **fields
    )
    return key, secret


SCOPES = {
    "open311": N_("Send reports by Open311"),
    "open311:updates": N_("Send updates by Open311"),
    "cases:read": N_("Read cases, without contact details"),
    "cases:write": N_("Open cases and take steps"),
    "calls:write": N_("Send calls from dispatch, and ask what became of them"),
    "contacts:read": N_("Read contact details of reporters (each look is logged)"),
    "categories:read": N_("Read categories"),
    "areas:read": N_("Read areas"),
    "cards:read": N_("Read public cards"),
}
"""What a key may be given, in words for the person who gives it."""

CASE_SCOPES = frozenset({"cases:read", "cases:write", "calls:write", "contacts:read", "open311:updates"})
"""Scopes that reach cases themselves, beyond what is public."""


_DIGEST = b"a digest"


@cache
def _key() -> Kept:
    """The statement that finds a key with its areas: it runs on every request of a program."""
    keys = ApiKey.objects.filter(digest=_DIGEST, revoked_at__isnull=True)
    inside = ArrayAgg("areas__id", filter=Q(areas__isnull=False), default=Value([]))
    return keep(keys.annotate(inside=inside).values_list(*columns(ApiKey), "inside"), by=(_DIGEST,))


def key_actor(secret: str, *, at: dt.datetime) -> tuple[ApiKey, Actor] | None:
    """The key behind a secret and the actor it is; None when it is unknown, expired or revoked.

    A key with a scope about cases reaches the cases of its areas (all cases when it names none), as far as their
    kinds show themselves to programs.
    """
    found = next(iter(_key().run({_DIGEST: digest(secret)})), None)
    if found is None:
        return None
    key, area_ids = revive(ApiKey, found[:-1]), found[-1]
    if key.expires_at and key.expires_at < at:
        return None
    today = local_day(at)
    if key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    grants: tuple[Grant, ...] = ()
    if not CASE_SCOPES.isdisjoint(key.scopes):
        below = with_descendants() if area_ids else {}
        grants = (Grant("key", frozenset().union(*(below.get(a, frozenset({a})) for a in area_ids))),)
    return key, Actor(sort="key", name=key.name, key_id=key.pk, scopes=frozenset(key.scopes), grants=grants)
