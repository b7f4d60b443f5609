"""A concern with an agreement, a notice and a question on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Question
from commonbeat.cases.work_records import Agreement, Notice
from tests import make
from tests.conftest import City

FITTING: Mapping[str, Any] = {
    "measured_at": "2026-03-10T22:30", "level_db": 61, "seconds": 60, "quiet_from": "22:00", "quiet_until": "07:00",
    "parties": "One side\nThe other side", "consented": "on", "breached_on": "2026-03-11", "owner_name": "Olive Owner",
}  # fmt: skip


def open_one(city: City) -> Case:
    """A concern whose reporter wants to be told."""
    return make.concern(city.noise, email="rosa@example.org", told_by="email").case


def work_on(case: Case) -> None:
    """Put on it what its later steps are about."""
    reporter = case.participants.get()
    Question.objects.create(case=case, participant=reporter, text="Where?", asked_at=make.NOW)
    Agreement.objects.create(
        case=case, days=[0], quiet_from="22:00", quiet_until="07:00", terms="Quiet", parties="A\nB",
        consent="phone", starts_on="2026-03-01", review_on="2026-04-01", made_at=make.NOW,
    )  # fmt: skip
    Notice.objects.create(
        case=case, owner=reporter, how="posted", violations="Rubbish", cure_on="2026-03-30", served_at=make.NOW
    )
