"""Calls from dispatch for programs: handed over once by their number, and what became of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from commonbeat.core.actor import Actor
from commonbeat.interfaces.api.v1.api import ERRORS, Key
from commonbeat.interfaces.api.v1.open_data import Limit, aware
from commonbeat.interfaces.api.v1.problems import check_place
from commonbeat.interfaces.api.v1.schemas import CallOut, Calls, NewCall, Sorts, Text
from commonbeat.kinds.field_report.call_intake import NewCall as Handed
from commonbeat.kinds.field_report.call_intake import take_call
from commonbeat.kinds.field_report.models import DispatchCall
from commonbeat.kinds.field_report.sorts import sorts

router = Router()
SCOPE = "calls:write"


def _told(row: DispatchCall) -> CallOut:
    case = row.case
    return CallOut.model_construct(
        number=row.number, reference=case.reference, sort=row.sort, state=case.state, why=row.why,
        changed_at=case.changed_at,
    )  # fmt: skip


@router.get("/calls/sorts", auth=Key(SCOPE), response={200: Sorts, **ERRORS}, url_name="call-sorts")
def list_sorts(request: HttpRequest) -> Any:
    """Sorts of incidents in use, and which of them only sworn officers take."""
    rows = [one for one in sorts().values() if one.offered]
    return {"sorts": [{"code": one.key, "name": _(one.label), "sworn_only": bool(one.sworn)} for one in rows]}


@router.get("/calls", auth=Key(SCOPE), response={200: Calls, **ERRORS}, url_name="calls")
def list_calls(
    request: HttpRequest, number: Text = "", changed_since: Annotated[dt.datetime | None, Query()] = None,
    limit: Limit = 100,
) -> Any:  # fmt: skip
    """Calls that this key reaches: one by its number, or those that changed since a moment."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows = DispatchCall.objects.select_related("case").order_by("-case__changed_at", "-pk")
    reach = frozenset().union(*(grant.area_ids for grant in actor.grants))
    if reach:
        rows = rows.filter(case__area_id__in=reach)
    if number:
        rows = rows.filter(number=number)
    if changed_since:
        rows = rows.filter(case__changed_at__gte=aware(changed_since))
    return {"calls": [_told(row) for row in rows[:limit]]}


@router.post("/calls", auth=Key(SCOPE), response={200: CallOut, 201: CallOut, **ERRORS}, url_name="calls")
def hand_over(request: HttpRequest, sent: NewCall) -> Any:
    """Hand a call over. The same number again finds the first call (200) and changes nothing."""
    check_place(sent)
    happened_at = sent.happened_at if sent.happened_at.tzinfo else sent.happened_at.replace(tzinfo=dt.UTC)
    new = Handed(
        number=sent.number, sort=sent.sort, text=sent.text, happened_at=happened_at, address=sent.address.strip(),
        lat=sent.lat, long=sent.long, area_id=sent.area, in_progress=sent.in_progress,
        caller=" ".join(sent.caller.split()), phone=" ".join(sent.phone.split()), language=sent.language,
        unfit=sent.unfit,
    )  # fmt: skip
    actor: Actor = request.actor  # type: ignore[attr-defined]
    taken = take_call(new, source=actor.name, actor=actor, at=timezone.now())
    return Status(200 if taken.replayed else 201, _told(taken.call))
