"""A tip with all its words as a file, for somebody outside: only after the disclosure was recorded (RULES 2)."""

from __future__ import annotations

import datetime as dt

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from commonbeat.cases import sealing
from commonbeat.cases.story import NoSuchCase, entries_of, find
from commonbeat.core.actor import Role
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.journal.verbs import log_access
from commonbeat.kinds.tip.kind import TIP

SOON = dt.timedelta(hours=24)
"""So long after recording it, whoever recorded a disclosure can take the file."""


@staff(Role.SUPERVISOR)
@never_cache
@require_safe
def words(request: HttpRequest, reference: str) -> HttpResponse:
    """What was said and written, without anything on the sender: there is nothing. Each file taken is logged."""
    actor, at = actor_of(request), timezone.now()
    try:
        case = find(reference, actor=actor)
    except NoSuchCase:
        raise Http404 from None
    entries = entries_of(case, actor=actor)
    told = [e for e in entries if e.verb == "case.disclose" and e.actor_id == actor.user_id and e.at > at - SOON]
    if case.kind != TIP.slug or not told:
        raise Http404
    try:
        said = sealing.said_in(case)
    except sealing.Unreadable:
        raise Http404 from None
    shown = say.words(at=at)
    file = {
        "reference": case.reference, "category": shown.category(case.category_id), "area": shown.area(case.area_id),
        "opened": shown.local(case.opened_at), "text": said.text, "where": said.address, "answers": said.answers,
        "messages": [
            {"at": shown.local(e.at), "from": "sender" if e.actor_sort == "reporter" else "department",
             "text": (e.personal or {}).get("text", "")}
            for e in entries if e.audience != "internal" and (e.personal or {}).get("text")
        ],
        "disclosed_to": told[-1].data["agency"], "disclosed_at": shown.local(told[-1].at),
    }  # fmt: skip
    log_access("case", case.pk, "tip_file", actor=actor, at=at, reason=str(told[-1].data["agency"]))
    answer = HttpResponse(orjson.dumps(file, option=orjson.OPT_INDENT_2), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="tip-{case.reference}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer
