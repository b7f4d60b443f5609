"""Opening a follow-up: for somebody of a case, of a report in the records system, or alone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.models import Case, Participant
from commonbeat.community.people import find_or_make_person
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Field, Invalid, Problem, clean
from commonbeat.core.text import N_
from commonbeat.kinds.follow_up.models import FollowUp

FIELDS = (
    Field("name", N_("Name of the person"), required=True, personal=True, maximum=200),
    Field("phone", N_("Telephone"), personal=True, maximum=40),
    Field("email", N_("E-mail address"), personal=True, maximum=254,
          hint=N_("Kept for you alone; nothing is sent to it.")),
    Field("language", N_("Their language"), source="language", required=True, initial="en"),
    Field("child", N_("They are under 18: the guardian is asked"), "boolean"),
    Field("area", N_("Area"), source="area", required=True, hint=N_("Its supervisors see the follow-up, nobody else.")),
    Field("field_number", N_("Number in the records system"), maximum=40),
    Field("text", N_("What happened to them, in a few words"), "text", required=True, maximum=4000, personal=True),
)  # fmt: skip
NO_WAY = N_("Give a telephone number or an e-mail address.")


@transaction.atomic
def open_follow_up(
    answers: Mapping[str, Any], *, origin: Case | None = None, actor: Actor, at: dt.datetime,
    client_id: uuid.UUID | None = None,
) -> Opened:  # fmt: skip
    """Open one; whoever opens it has it. The case that it came from learns nothing of it. Raises `Invalid`."""
    given = clean(FIELDS, answers)
    if not given.get("phone") and not given.get("email"):
        raise Invalid([Problem("phone", NO_WAY)])
    report = Report(
        text=given["text"], area_id=int(given["area"]), language=given["language"], channel="desk",
        complete=False,
    )  # fmt: skip
    opened = open_case("follow_up", report, actor=actor, at=at, client_id=client_id)
    if opened.replayed:
        return opened
    case = opened.case
    person = find_or_make_person(
        name=given["name"], email=given.get("email", ""), phone=given.get("phone", ""), language=given["language"],
        apart=True, at=at,
    )  # fmt: skip
    Participant.objects.create(case=case, role=Participant.Role.THIRD_PARTY, person=person, created_at=at)
    FollowUp.objects.create(
        case=case, origin=origin, field_number=given.get("field_number", ""), child=bool(given.get("child"))
    )
    act(case, "assign", data={"user": actor.staff_id}, actor=actor, at=at)
    return opened
