"""A conference with somebody harmed and somebody responsible, who has said yes to everything; both are prepared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import User
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.conference.deeds import refer
from commonbeat.talks.models import Point, Session, Side
from tests import make
from tests.conftest import City
from tests.contracts.opening import mediation

FITTING: Mapping[str, Any] = {
    **mediation.FITTING, "side": lambda case: case.sides.get(role="harmed").pk, "owns": "yes", "free": "yes",
    **dict.fromkeys(("intimate", "fear", "order"), "no"), "role": "community", "outcome": "declined",
    "came": lambda case: [str(case.sides.get(role="harmed").pk)],
}  # fmt: skip


def open_one(city: City) -> Case:
    """An officer refers broken windows."""
    sam = Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant("supervisor"),))
    return refer({"referred_by": "officer", "text": "Windows were broken."}, actor=sam, at=make.NOW).case


def work_on(case: Case) -> None:
    """Sam leads it; who was harmed still has to answer."""
    part = Participant.objects.create(case=case, role="third_party", created_at=make.NOW)
    other = Participant.objects.create(case=case, role="partner", created_at=make.NOW)
    yes: dict[str, Any] = {"answer": "yes", "answered_at": make.NOW, "answered_by": "phone"}
    mine = yes if case.state not in {"asking", "screened"} else {}
    common: dict[str, Any] = {"case": case, "way": "phone", "language": "en", "made_at": make.NOW}
    harmed = Side.objects.create(participant=part, role="harmed", called="the owner", **common, **mine)
    who = Side.objects.create(
        participant=other, role="responsible", called="the young man", accepted_at=make.NOW, accepted_by="phone",
        **common, **yes,
    )  # fmt: skip
    point = Point.objects.create(case=case, text="He mends the window", starts_on="2026-03-11", made_at=make.NOW)
    before = {"case": case, "way": "person", "minutes": 60, "made_at": make.NOW}
    Session.objects.create(
        sort="pre", starts_at=make.NOW - dt.timedelta(days=2), came=[harmed.pk, who.pk], result="prepared",
        held_at=make.NOW, **before,
    )  # fmt: skip
    Session.objects.create(sort="joint", starts_at=make.NOW - dt.timedelta(days=1), **before)
    details = case.details | {"offered": [point.pk], "ahead": ["2026-04-10"], "asked": 30}
    Case.objects.filter(pk=case.pk).update(assignee=User.objects.get(name="Sam Supervisor"), details=details)
    case.refresh_from_db()
