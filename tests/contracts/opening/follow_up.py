"""A follow-up with somebody who agreed to calls and signed a release, opened by the supervisor of everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case
from commonbeat.community.models import User
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.follow_up.models import CallBack, FollowUp, Referral, Support
from commonbeat.kinds.follow_up.opening import open_follow_up
from tests import make
from tests.conftest import City

TODAY = make.NOW.date()
FITTING: Mapping[str, Any] = {
    "user": lambda case: User.objects.get(name="Omar Officer").pk, "consent": "yes", "ways": ["call"],
    "on": "2026-04-01T10:00", "call": "reached", "way": "call", "held_at": "2026-03-10T10:00", "next_on": None,
    "needs": ["safety"], "need": "legal", "how": "release", "shares": "Name and number.", "informed": "on",
    "signed_on": "2026-03-10", "until": "2026-05-01", "outcome": "helped",
    "referral": lambda case: case.referrals.earliest("pk").pk,
}  # fmt: skip


def answers(city: City, **more: Any) -> dict[str, Any]:
    """What is asked when one is opened."""
    return {
        "name": "Vera Victim", "phone": "312-555-0188", "email": "vera@example.org", "language": "en",
        "area": city.north.pk, "text": "Somebody broke in while she slept.",
    } | more  # fmt: skip


def open_one(city: City) -> Case:
    """One of the north, with sam."""
    sam = Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant("supervisor"),))
    return open_follow_up(answers(city), actor=sam, at=make.NOW).case


def work_on(case: Case) -> None:
    """They agreed, were called, were offered help and signed a release."""
    sam = User.objects.get(name="Sam Supervisor")
    FollowUp.objects.filter(case=case).update(
        consent="yes", consent_at=make.NOW, consent_by=sam, consent_words="By telephone", ways=["call"],
        times="Mornings",
        careful="Never say police", needs=["safety"], last_word="Thank you",
    )  # fmt: skip
    CallBack.objects.create(
        case=case, way="call", held_at=make.NOW, outcome="reached", text="She sleeps badly.", made_by=sam,
        made_at=make.NOW,
    )  # fmt: skip
    Support.objects.create(
        case=case, need="talk", what="Open Door, counseling", answer="later", made_by=sam, made_at=make.NOW
    )
    Referral.objects.create(
        case=case, service="Open Door", need="talk", how="release", shares="Her name", signed_on=TODAY,
        until=TODAY + dt.timedelta(days=30), made_by=sam, made_at=make.NOW,
    )  # fmt: skip
