"""Who works here: inviting, roles, areas, cover, leaving; on this floor because every change is recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from commonbeat.community.access import BadLink, find_link
from commonbeat.community.agency import local_day
from commonbeat.community.models import OneTimeLink, RoleGrant, User
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal import history
from commonbeat.journal.verbs import Tell, enqueue, record

INVITED_FOR_DAYS = 7
TAKEN = N_("Somebody with this e-mail address has an account already. Open that account instead.")
LAST_ADMIN = N_("This would leave nobody who can administer. Give another person that role first.")
NOT_YOURSELF = N_("You cannot close your own account. Ask another administrator.")
BAD_SPAN = N_("The last day is before the first. Choose a later one.")
UNKNOWN_ROLE = N_("Choose one of the roles listed.")
NEEDS_TEAM = N_("A partner sees only what their team gets. Choose the team of their organisation.")
COVER_SELF = N_("Nobody can cover for themselves. Choose somebody else.")


@transaction.atomic
def invite(values: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> User:
    """Make an account nobody can sign in to yet, and mail its owner a link to set a password. Raises `Invalid`."""
    email = str(values["email"]).strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid([Problem("email", TAKEN)])
    user = User(joined_at=at)
    user.set_unusable_password()
    history.add(user, {**values, "email": email}, actor=actor, at=at)
    send_invitation(user, actor=actor, at=at)
    return user


@transaction.atomic
def send_invitation(user: User, *, actor: Actor, at: dt.datetime) -> None:
    """Mail a link to set a password; earlier links stop working."""
    OneTimeLink.objects.filter(purpose="invitation", subject_kind="user", subject_id=user.pk, used_at=None).update(
        revoked_at=at
    )
    entry = record("user", user.pk, "user.invited", actor=actor, at=at)
    link = {
        "purpose": "invitation",
        "subject": ["user", user.pk],
        "days": INVITED_FOR_DAYS,
        "path": "/accounts/invitation/",
    }
    words = {"by": actor.name, "days": INVITED_FOR_DAYS, "link": link}
    enqueue(entry, [Tell("email", user.email, "invitation", user.language, words, urgent=True)], at=at)


def invited_user(token: str, *, at: dt.datetime) -> tuple[User, OneTimeLink]:
    """Who an invitation is for. Raises `BadLink` when it cannot be used any more."""
    link = find_link(token, purpose="invitation", at=at)
    if link.used_at:
        raise BadLink("used")
    user = User.objects.active().filter(pk=link.subject_id).first()
    if user is None:
        raise BadLink("unknown")
    return user, link


@transaction.atomic
def accept_invitation(token: str, *, password: str, at: dt.datetime) -> User:
    """Set the password of somebody who was invited; the link is used up. Raises `BadLink`."""
    user, link = invited_user(token, at=at)
    taken = OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=at)
    if not taken:
        raise BadLink("used")
    user.set_password(password)
    user.save(update_fields=["password"])
    record(
        "user",
        user.pk,
        "user.password_set",
        actor=Actor(sort="staff", user_id=user.pk, name=user.name),
        at=at,
    )
    return user


def running(role: str, *, on: dt.date) -> Q:
    """Condition on users: they hold this role on a day."""
    return Q(grants__role=role, grants__since__lte=on) & (Q(grants__until=None) | Q(grants__until__gte=on))


def _keep_an_admin(*, at: dt.datetime) -> None:
    """Raise `Invalid` when nobody is left who can administer tomorrow as well."""
    tomorrow = local_day(at) + dt.timedelta(days=1)
    if not User.objects.active().filter(running(Role.ADMIN, on=tomorrow)).exists():
        raise Invalid([Problem("role", LAST_ADMIN)])


def _rows(user: User, name: str) -> list[dict[str, Any]]:
    return list(history.snapshot(user)[name])


def _span(since: dt.date, until: dt.date | None) -> None:
    if until is not None and until < since:
        raise Invalid([Problem("until", BAD_SPAN)])


def _replace(
    user: User, name: str, rows: Iterable[Mapping[str, Any]], verb: str, *, actor: Actor, at: dt.datetime
) -> None:
    history.change(user, {name: list(rows)}, actor=actor, at=at, verb=verb)


@transaction.atomic
def give_role(
    user: User,
    *,
    role: str,
    area_ids: Iterable[int] = (),
    team_id: int | None = None,
    since: dt.date,
    until: dt.date | None = None,
    actor: Actor,
    at: dt.datetime,
) -> None:
    """Give a role, everywhere or for areas or a team, from a day and until one. Raises `Invalid`."""
    if role not in set(Role):
        raise Invalid([Problem("role", UNKNOWN_ROLE)])
    if role == Role.PARTNER and team_id is None:
        raise Invalid([Problem("team", NEEDS_TEAM)])
    _span(since, until)
    grant = {"role": role, "team": team_id, "areas": sorted(area_ids), "since": since, "until": until}
    _replace(user, "grants", [*_rows(user, "grants"), grant], "role_given", actor=actor, at=at)


@transaction.atomic
def end_role(grant: RoleGrant, *, on: dt.date, actor: Actor, at: dt.datetime) -> None:
    """End a role after the day `on`; one that never began goes. Raises `Invalid` for the last administrator."""
    user = User.objects.select_for_update().get(pk=grant.user_id)
    _replace(user, "grants", _ended(_rows(user, "grants"), on, only=_is(grant)), "role_ended", actor=actor, at=at)
    _keep_an_admin(at=at)


def _is(grant: RoleGrant) -> Any:
    return lambda row: (row["role"], row["team"], row["since"]) == (grant.role, grant.team_id, grant.since.isoformat())


def _ended(rows: list[dict[str, Any]], on: dt.date, *, only: Any = lambda row: True) -> list[dict[str, Any]]:
    """Rows with `until` no later than `on`; those that would end before they begin go."""
    kept = []
    for row in rows:
        if only(row) and (row["until"] is None or row["until"] > on.isoformat()):
            if row["since"] > on.isoformat():
                continue
            row = row | {"until": on.isoformat()}
        kept.append(row)
    return kept


@transaction.atomic
def assign_area(
    user: User, *, area_id: int, since: dt.date, until: dt.date | None = None, actor: Actor, at: dt.datetime
) -> None:
    """Make somebody the officer of an area; tenure counts from `since`. Raises `Invalid`."""
    _span(since, until)
    row = {"area": area_id, "since": since, "until": until}
    _replace(user, "assignments", [*_rows(user, "assignments"), row], "area_assigned", actor=actor, at=at)


@transaction.atomic
def end_assignment(user: User, *, area_id: int, since: dt.date, on: dt.date, actor: Actor, at: dt.datetime) -> None:
    """End looking after an area after the day `on`; the tenure stays on record."""
    rows = _ended(
        _rows(user, "assignments"),
        on,
        only=lambda row: (row["area"], row["since"]) == (area_id, since.isoformat()),
    )
    _replace(user, "assignments", rows, "area_ended", actor=actor, at=at)


@transaction.atomic
def set_cover(
    user: User, *, by_id: int, since: dt.date, until: dt.date, note: str = "", actor: Actor, at: dt.datetime
) -> None:
    """Somebody covers while `user` is away; both days count. Raises `Invalid`."""
    _span(since, until)
    if by_id == user.pk:
        raise Invalid([Problem("by", COVER_SELF)])
    row = {"by": by_id, "since": since, "until": until, "note": note}
    _replace(user, "absences", [*_rows(user, "absences"), row], "cover_set", actor=actor, at=at)


@transaction.atomic
def end_cover(user: User, *, by_id: int, since: dt.date, on: dt.date, actor: Actor, at: dt.datetime) -> None:
    """Somebody is back after the day `on`."""
    rows = _ended(_rows(user, "absences"), on, only=lambda row: (row["by"], row["since"]) == (by_id, since.isoformat()))
    _replace(user, "absences", rows, "cover_ended", actor=actor, at=at)


@transaction.atomic
def leave(user: User, *, on: dt.date, actor: Actor, at: dt.datetime) -> None:
    """Close an account: no sign-in, roles, areas and cover end after `on`. Raises `Invalid`."""
    if user.pk == actor.user_id:
        raise Invalid([Problem("user", NOT_YOURSELF)])
    locked = User.objects.select_for_update().get(pk=user.pk)
    now = history.snapshot(locked)
    ended = {name: _ended(now[name], on) for name in ("grants", "assignments", "absences")}
    history.change(locked, {"is_active": False, "listed": False, **ended}, actor=actor, at=at, verb="left")
    for cover in user.covers.filter(until__gt=on).select_related("user"):  # nobody is covered by somebody who left
        end_cover(cover.user, by_id=user.pk, since=cover.since, on=on, actor=actor, at=at)
    OneTimeLink.objects.filter(subject_kind="user", subject_id=user.pk, used_at=None).update(revoked_at=at)
    _keep_an_admin(at=at)


@transaction.atomic
def come_back(user: User, *, actor: Actor, at: dt.datetime) -> None:
    """Open a closed account again; roles have to be given anew."""
    history.change(user, {"is_active": True}, actor=actor, at=at, verb="came_back")
