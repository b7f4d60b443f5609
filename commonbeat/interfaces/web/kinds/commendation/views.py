"""Commendations on the desk besides their case page: taken at the counter, and read on one's own file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from commonbeat.core.actor import INSIDERS, Role
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.counter import take_at_counter
from commonbeat.interfaces.web.desk.enter import CLERKS
from commonbeat.interfaces.web.public.commendation import COMMENDATION
from commonbeat.kinds.commendation.deeds import files_of_people, own_file, sender_of
from commonbeat.kinds.commendation.models import Praise


@staff(*CLERKS, Role.STANDARDS)
@never_cache
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Take thanks from somebody at the counter."""
    return take_at_counter(request, COMMENDATION, folder="commendation")


@staff(*sorted(INSIDERS))
@never_cache
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """What stands on one's own file, and on the files of whom one supervises."""
    actor, at = actor_of(request), timezone.now()
    shown = say.words(at=at)
    context = {
        "own": [_row(row, shown) for row in own_file(actor)],
        "people": [_row(row, shown) for row in files_of_people(actor, at=at)],
        "supervises": actor.has(Role.SUPERVISOR), "section": "commendations",
    }  # fmt: skip
    return render(request, "pages/desk/commendation/files.html", context)


def _row(row: Praise, shown: say.Words) -> dict[str, Any]:
    return {
        "who": row.user.name, "words": row.words, "sender": sender_of(row), "on": shown.local(row.approved_at)[:10],
        "by": row.approved_by.name, "public": row.public,
    }  # fmt: skip
