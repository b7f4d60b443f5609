"""The second factor and the sessions of somebody who signs in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from commonbeat.community.models import User
from commonbeat.core.actor import Actor
from commonbeat.journal.verbs import record


def is_set_up(user: User) -> bool:
    """True when somebody has an authenticator app or a security key."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


@transaction.atomic
def reset(user: User, *, actor: Actor, at: dt.datetime) -> None:
    """Remove every second factor of somebody who lost theirs, and sign them out."""
    removed = sorted(set(Authenticator.objects.filter(user=user).values_list("type", flat=True)))
    Authenticator.objects.filter(user=user).delete()
    sign_out_everywhere(user)
    record("user", user.pk, "user.second_factor_reset", actor=actor, at=at, data={"removed": removed})


@dataclass(frozen=True)
class SignedIn:
    """One session: until when it runs, and whether it is the one that asks."""

    key: str
    ends_at: dt.datetime
    here: bool


def sessions_of(user: User, *, this: str = "") -> list[SignedIn]:
    """Running sessions of somebody. Walks all sessions: there are as many as staff who are signed in."""
    rows = Session.objects.filter(expire_date__gte=timezone.now()).order_by("-expire_date")
    mine = [row for row in rows.iterator() if row.get_decoded().get("_auth_user_id") == str(user.pk)]
    return [SignedIn(row.session_key, row.expire_date, row.session_key == this) for row in mine]


def sign_out_everywhere(user: User, *, but: str = "") -> int:
    """End all sessions of somebody, but for one; returns how many ended."""
    keys = [item.key for item in sessions_of(user) if item.key != but]
    return Session.objects.filter(session_key__in=keys).delete()[0] if keys else 0


def forget_old_addresses(user: User) -> None:
    """An address that was changed no longer signs in, and gets no link to a new password."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=User.objects.get(pk=user.pk).email).delete()
