"""Who is signed in: the two look-ups that every page of the desk begins with, as statements built once."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from commonbeat.community.kept import Kept, columns, keep, revive
from commonbeat.community.models import User

BACKEND = "commonbeat.interfaces.web.sessions.StaffBackend"
_KEY, _MOMENT, _SOMEBODY = "a\x1bkey", dt.datetime(1999, 12, 31, tzinfo=dt.UTC), -271828
"""Stand for what comes with each run of the kept statements."""


@cache
def _session() -> Kept:
    running = Session.objects.filter(session_key=_KEY, expire_date__gt=_MOMENT)
    return keep(running.values_list(*columns(Session)), by=(_KEY, _MOMENT))


@cache
def _user() -> Kept:
    return keep(User._default_manager.filter(pk=_SOMEBODY).values_list(*columns(User)), by=(_SOMEBODY,))


class SessionStore(db.SessionStore):
    """Django's sessions in the database. Signing out anywhere counts everywhere at once, so nothing is cached."""

    def _get_session_from_db(self) -> Session | None:
        for row in _session().run({_KEY: self.session_key, _MOMENT: timezone.now()}):
            return revive(Session, row)
        self._session_key = None
        return None


class StaffBackend(AuthenticationBackend):
    """Sign-in of staff; an account that was ended is nobody from the next page on."""

    def get_user(self, user_id: Any) -> User | None:
        """The account of a session."""
        for row in _user().run({_SOMEBODY: user_id}):
            user = revive(User, row)
            return user if self.user_can_authenticate(user) else None
        return None
