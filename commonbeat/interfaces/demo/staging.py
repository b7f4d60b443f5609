"""Who and where a demo story can name, and its clock: what the players of all stories share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from commonbeat.community.access import actor_for
from commonbeat.community.agency import current
from commonbeat.community.models import Area, User
from commonbeat.core.actor import Actor


class Staging:
    """The people and areas of the cast, seen from the moment in which the demo is loaded."""

    def __init__(self, cast: Mapping[str, Any], now: dt.datetime) -> None:
        emails = {row["email"]: row["username"] for row in cast["users"]}
        self._users = {emails[user.email]: user for user in User.objects.filter(email__in=emails)}
        self._areas = dict(Area.objects.filter(serves=True, retired_at__isnull=True).values_list("code", "pk"))
        self._zone, self._now = ZoneInfo(current().timezone), now

    def _actor(self, name: str, at: dt.datetime) -> Actor:
        return actor_for(self._users[name], at=at)

    def ago(self, days: int, hour: int) -> dt.datetime:
        """A moment so many days before, by clocks on the wall."""
        day = self._now.astimezone(self._zone).date() - dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour), self._zone)
