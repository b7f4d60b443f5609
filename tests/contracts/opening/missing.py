"""A missing person with a draft for the public, and somebody who saw them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.models import Case, Participant, Question
from commonbeat.community.models import User
from commonbeat.community.people import find_or_make_person
from commonbeat.core.actor import ANONYMOUS
from commonbeat.kinds.missing.models import Bulletin, Sighting
from tests import make
from tests.conftest import City

ANSWERS = {
    "missing_name": "Milo Missing", "age": 34, "relation": "family", "seen_at": "2026-03-10T18:00",
    "looks": "Tall, short brown hair", "clothes": "Red jacket", "family_agrees": True,
}  # fmt: skip
FITTING: Mapping[str, Any] = {
    "level": "high", "seen_on": "2026-03-10", "until": None, "age": 34, "agreed": "family", "photo": None,
    "language": "en", "sighting": lambda case: case.sightings.earliest("pk").pk, "outcome": "safe",
    "wish": "may_tell", "told_in_person": None,
}  # fmt: skip


def open_one(city: City) -> Case:
    """Somebody of the north is missing; whoever reports it wants to be told."""
    report = Report(
        text="He did not come home.", answers=ANSWERS, area_id=city.north.pk, address="100 N State St",
        email="rosa@example.org", told_by="email",
    )  # fmt: skip
    return open_case("missing", report, actor=ANONYMOUS, at=make.NOW).case


def work_on(case: Case) -> None:
    """Put on it what its later steps are about: by olga, so that somebody else can approve."""
    reporter = case.participants.get(role="reporter")
    Question.objects.create(case=case, participant=reporter, text="Where does he work?", asked_at=make.NOW)
    olga = User.objects.get(name="Olga Officer")
    values: dict[str, Any] = {
        "case": case, "name": "Milo M.", "age": 34, "seen_on": "2026-03-10", "agreed": "family",
        "agreed_by": "His sister, by telephone", "words": {"en": {"looks": "Tall", "clothes": "", "seen": "Downtown"}},
        "until": make.NOW.replace(month=4), "drafted_by": olga, "drafted_at": make.NOW,
    }  # fmt: skip
    Bulletin.objects.create(**values)
    Bulletin.objects.create(
        **values, state="public", key=uuid.uuid4().hex, approved_at=make.NOW,
        approved_by=User.objects.get(name="Ada Admin"),
    )  # fmt: skip
    person = find_or_make_person(email="helper@example.org", language="en", apart=True, at=make.NOW)
    helper = Participant.objects.create(case=case, role="follower", person=person, told_by="email", created_at=make.NOW)
    Sighting.objects.create(
        client_id=uuid.uuid4(), case=case, participant=helper, text="I saw him at the lake.", sent_at=make.NOW
    )
