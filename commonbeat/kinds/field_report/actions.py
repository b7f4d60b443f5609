"""What happens to field reports besides their steps: one is begun."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, clean
from commonbeat.core.text import N_
from commonbeat.kinds.field_report import guard
from commonbeat.kinds.field_report.deeds import moment_of
from commonbeat.kinds.field_report.kind import ABOUT, SIGNS_FIELD
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.sorts import check_offered, offered

FIELDS = (
    Field("sort", N_("What happened"), required=True, source="field_report_sort"),
    Field("happened_at", N_("When"), "moment", required=True),
    ABOUT,
    SIGNS_FIELD,
    Field("address", N_("Address or landmark")),
    Field("area", N_("Area"), source="area", hint=N_("Needed when there is no point on the map.")),
    Field("lat", N_("Latitude"), "number", minimum=-90, maximum=90),
    Field("long", N_("Longitude"), "number", minimum=-180, maximum=180),
)  # fmt: skip
"""What is asked when a field report is begun."""


@transaction.atomic
def start_report(
    answers: Mapping[str, Any], *, call: Mapping[str, Any] | None = None, actor: Actor, at: dt.datetime,
    language: str = "en", client_id: uuid.UUID | None = None,
) -> Opened:  # fmt: skip
    """Begin a field report; whoever begins it writes it. Raises `Invalid`.

    Where it needs sworn officers and whoever begins it is not one, it is refused, unless `call` gives the answers of
    the step `call_sworn`: then it begins with that call. The same `client_id` again finds the first one.
    """
    given = clean(FIELDS, answers)
    check_offered(given["sort"], among=offered())
    signs = [str(sign) for sign in given.get("signs") or ()]
    needed = guard.reasons(given["sort"], signs) if not guard.is_sworn(actor.user_id) else []
    happened_at = moment_of(str(given["happened_at"]), at=at)
    lat, long = given.get("lat"), given.get("long")
    pointed = lat is not None and long is not None
    report = Report(
        text=given["text"], address=given.get("address", ""), lat=lat if pointed else None,
        long=long if pointed else None, area_id=int(given["area"]) if given.get("area") else None, channel="desk",
        language=language,
    )  # fmt: skip
    opened = open_case("field_report", report, actor=actor, at=at, client_id=client_id)
    if opened.replayed:
        return opened
    row = FieldReport.objects.create(case=opened.case, sort=given["sort"], happened_at=happened_at)
    Case.objects.filter(pk=opened.case.pk).update(assignee=actor.staff_id)
    opened.case.assignee_id = actor.staff_id
    if needed and call is None:
        guard.check_signs(row, sort=row.sort, signs=signs, user_id=actor.user_id)
    if needed and call is not None:
        signs = guard.all_signs(given["sort"], signs)
        act(opened.case, "call_sworn", data={**call, "signs": signs}, actor=actor, at=at)
    return opened
