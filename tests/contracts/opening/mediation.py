"""A mediation with two sides, one of whom has said yes to everything, a session, a point, and somebody who leads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import User
from commonbeat.talks.models import Point, Session, Side
from tests import make
from tests.conftest import City


def _other(case: Case) -> int:
    return case.sides.get(role="other").pk


FITTING: Mapping[str, Any] = {
    "user": lambda case: User.objects.get(name="Cleo Service").pk, "side": lambda case: case.sides.get(role="first").pk,
    "officers": lambda case: [str(User.objects.get(name="Olga Officer").pk)], "language": "en",
    "way": lambda case: "person" if case.state in {"ready", "meeting"} else "email", "email": "lou@example.org",
    **dict.fromkeys(("violence", "fear", "order", "pressure", "power", "knows"), "no"),
    "starts": "2026-04-01T18:00", "started": "2026-03-10T18:00", "minutes": 60, "sides": None, "needs": None,
    "sort": "joint", "result": "agreed", "position": "Sleep",
    "session": lambda case: case.sessions.filter(held_at=None).latest("pk").pk,
    "came": lambda case: [str(_other(case))], "who": "all", "point": lambda case: case.points.latest("pk").pk,
    "starts_on": None, "until_on": None, "outcome": "conciliated",
}  # fmt: skip


def open_one(city: City) -> Case:
    """A neighbour asks for talks and wants to be told."""
    return make.mediation(email="rosa@example.org", told_by="email").case


def work_on(case: Case) -> None:
    """Sam stands in for everybody who may take steps, so sam leads the talks."""
    sam = User.objects.get(name="Sam Supervisor")
    reporter = case.participants.get(role="reporter")
    other = Participant.objects.create(case=case, role="partner", created_at=make.NOW)
    yes: dict[str, Any] = {"answer": "yes", "answered_at": make.NOW, "answered_by": "phone"}
    mine = yes if case.state not in {"asking", "screened"} else {}
    common = {"case": case, "language": "en", "made_at": make.NOW}
    Side.objects.create(participant=reporter, role="first", called="downstairs", way="email", **common, **mine)
    Side.objects.create(
        participant=other, role="other", called="upstairs", way="phone", accepted_at=make.NOW, accepted_by="phone",
        **common, **yes,
    )  # fmt: skip
    point = Point.objects.create(case=case, text="Quiet after ten", starts_on="2026-03-11", made_at=make.NOW)
    Session.objects.create(
        case=case, sort="joint", way="person", starts_at=make.NOW - dt.timedelta(days=1), minutes=60, made_at=make.NOW
    )
    details = case.details | {"offered": [point.pk], "ahead": ["2026-04-10"], "asked": 30}
    Case.objects.filter(pk=case.pk).update(assignee=sam, details=details)
    case.refresh_from_db()
