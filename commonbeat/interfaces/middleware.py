"""Puts the actor on the request, made when somebody first asks for it, and shows times of the agency's zone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from commonbeat.community.access import actor_for
from commonbeat.community.agency import current
from commonbeat.core.actor import ANONYMOUS, Actor


class ActorMiddleware:
    """`request.actor`: who acts, from the session; anonymous without one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[attr-defined]
        timezone.activate(ZoneInfo(current().timezone))
        return self.get_response(request)


def _actor(request: HttpRequest) -> Actor:
    user: Any = request.user
    return actor_for(user, at=timezone.now()) if user.is_authenticated else ANONYMOUS


def no_address(request: HttpRequest) -> None:
    """Sign-in attempts are counted per account; no address is stored."""
    return None
