"""Who stands in for whom: an absence is covered from day to day, both days count."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from commonbeat.community.models import Cover, User


def running(on: dt.date) -> Q:
    """Condition on rows with `since` and `until`: they hold on this day."""
    return Q(since__lte=on) & (Q(until__isnull=True) | Q(until__gte=on))


def covers_for(users: Iterable[int], *, on: dt.date) -> dict[int, Cover]:
    """Absent user id → the cover of this day, by somebody who still works here."""
    rows = Cover.objects.filter(running(on), user__in=list(users), by__is_active=True)
    return {cover.user_id: cover for cover in rows.select_related("by", "user").order_by("id")}


def with_cover(users: Iterable[User], *, on: dt.date) -> list[User]:
    """These people and whoever stands in for them on this day, each once."""
    asked = list(users)
    covers = covers_for([user.pk for user in asked], on=on) if asked else {}
    found = {user.pk: user for user in asked}
    return list((found | {cover.by_id: cover.by for cover in covers.values()}).values())
