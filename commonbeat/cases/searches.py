"""Saved searches: lists under a name, which tell their owner once when much of it is new (F06)."""

from __future__ import annotations

import datetime as dt
from functools import cache
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction

from commonbeat.cases.inbox import Wanted, desk_of, inbox
from commonbeat.cases.models import SavedSearch
from commonbeat.cases.telling import channel_of
from commonbeat.community.access import actor_for
from commonbeat.community.kept import Kept, columns, keep, revive
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import Tell, record

TAKEN = N_("You have a saved search of this name. Choose another name.")
MOST = 50


def read_query(query: str) -> Wanted:
    """The list that a saved search shows."""
    return Wanted.read(dict(parse_qsl(query[:1000])))


_A_USER = -161803
"""Stands for the user in the kept statement; nobody has this number."""


@cache
def _theirs() -> Kept:
    rows = SavedSearch.objects.filter(user_id=_A_USER).order_by("name")
    return keep(rows.values_list(*columns(SavedSearch)), by=(_A_USER,))


def searches_of(user_id: int) -> list[SavedSearch]:
    """Somebody's saved searches by name: every list shows them."""
    return [revive(SavedSearch, row) for row in _theirs().run({_A_USER: user_id})]


@transaction.atomic
def save_search(query: str, *, name: str, actor: Actor, at: dt.datetime) -> SavedSearch:
    """Keep a list under a name. Raises `Invalid` when the name is empty or taken."""
    name = name.strip()[:120]
    if not name:
        raise Invalid([Problem("name", REQUIRED)])
    if SavedSearch.objects.filter(user_id=actor.staff_id).count() >= MOST:
        raise Invalid([Problem("name", N_("You have very many saved searches. Delete one first."))])
    kept = urlencode(read_query(query).address())
    try:
        with transaction.atomic():
            made = SavedSearch.objects.create(user_id=actor.staff_id, name=name, query=kept, created_at=at)
    except IntegrityError:
        raise Invalid([Problem("name", TAKEN)]) from None
    record("search", made.pk, "search.saved", actor=actor, at=at, data={"name": name, "query": kept}, first=True)
    return made


@transaction.atomic
def change_search(
    search: SavedSearch, *, name: str, threshold: int | None, within_days: int | None, actor: Actor, at: dt.datetime
) -> None:
    """Rename a search, or set when it tells its owner. Raises `Invalid`."""
    name = name.strip()[:120]
    if not name:
        raise Invalid([Problem("name", REQUIRED)])
    if threshold is not None and not 1 <= threshold <= 10_000:
        raise Invalid([Problem("threshold", N_("Enter a number of cases from 1 to 10,000."))])
    if within_days is not None and not 1 <= within_days <= 366:
        raise Invalid([Problem("within_days", N_("Enter a number of days from 1 to 366."))])
    changed = {"name": name, "threshold": threshold, "within_days": within_days if threshold else None}
    try:
        with transaction.atomic():
            SavedSearch.objects.filter(pk=search.pk).update(**changed, notified_at=None)
    except IntegrityError:
        raise Invalid([Problem("name", TAKEN)]) from None
    record("search", search.pk, "search.changed", actor=actor, at=at, data=changed)


@transaction.atomic
def delete_search(search: SavedSearch, *, actor: Actor, at: dt.datetime) -> None:
    """Forget a search."""
    record("search", search.pk, "search.deleted", actor=actor, at=at, data={"name": search.name, "query": search.query})
    search.delete()


def tell_crossings(*, at: dt.datetime) -> int:
    """Tell owners whose searches reached their number since they were last below it; returns how many were told."""
    told = 0
    watched = SavedSearch.objects.filter(threshold__isnull=False, user__is_active=True).select_related("user")
    for search in watched.iterator(chunk_size=200):
        told += _check(search, at=at)
    return told


def _check(search: SavedSearch, *, at: dt.datetime) -> bool:
    actor = actor_for(search.user, at=at)
    threshold = search.threshold or 1
    since = at - dt.timedelta(days=search.within_days or 7)
    rows = inbox(read_query(search.query), desk_of(actor, search.user, at=at), at=at).filter(opened_at__gte=since)
    reached = len(rows.order_by().values_list("pk", flat=True)[:threshold]) >= threshold
    if reached == (search.notified_at is not None):
        return False
    with transaction.atomic():
        changed = SavedSearch.objects.filter(pk=search.pk, notified_at=search.notified_at).update(
            notified_at=at if reached else None
        )
        if not changed or not reached:
            return False
        words = {"name": search.name, "count": threshold, "days": search.within_days or 7,
                 "path": f"/desk/searches/{search.pk}/"}  # fmt: skip
        record(
            "search", search.pk, "search.reached", actor=SYSTEM, at=at, data={"threshold": threshold},
            tell=[Tell(channel_of(search.user, "search_reached"), search.user.email, "search_reached",
                       search.user.language, words, urgent=True)],
        )  # fmt: skip
    return True
