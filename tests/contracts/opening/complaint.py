"""A complaint with an allegation that has a finding, a question, and an appeal where one is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Question
from commonbeat.community.models import User
from commonbeat.kinds.complaint.models import Allegation, Appeal, Interview
from tests import make
from tests.conftest import City


def _user(name: str) -> Any:
    return lambda case: User.objects.get(name=name).pk


FITTING: Mapping[str, Any] = {
    "user": _user("Pat Standards"), "officer": _user("Olga Officer"), "held_at": "2026-03-10T14:00",
    "until": "2027-04-01", "both": "on", "which": lambda case: case.allegations.earliest("pk").pk,
}  # fmt: skip


def open_one(city: City) -> Case:
    """A complaint whose sender wants to be told."""
    return make.complaint(email="rosa@example.org", told_by="email").case


def work_on(case: Case) -> None:
    """Put on it what its later steps are about."""
    Question.objects.create(case=case, participant=case.participants.get(), text="Where?", asked_at=make.NOW)
    olga = User.objects.get(name="Olga Officer")
    Allegation.objects.create(
        case=case, sort="courtesy", officer=olga, text="Swore.", made_at=make.NOW, finding="exonerated",
        found_at=make.NOW,
    )  # fmt: skip
    if case.state == "appealed":
        Appeal.objects.create(case=case, asked_at=make.NOW, text="Wrong.", against="exonerated")


def write_about(case: Case) -> None:
    """The complainant was heard."""
    Interview.objects.create(
        case=case, role="complainant", name="Rosa Resident", how="phone", held_at=make.NOW, text="He swore.",
        made_at=make.NOW, made_by=User.objects.get(name="Pat Standards"),
    )  # fmt: skip
