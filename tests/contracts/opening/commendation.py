"""A commendation whose sender wants to be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.models import Case
from commonbeat.community.models import User
from commonbeat.core.actor import ANONYMOUS
from commonbeat.kinds.commendation.models import Praise
from tests import make
from tests.conftest import City

FITTING: Mapping[str, Any] = {
    "officers": lambda case: [User.objects.get(name="Olga Officer").pk], "public": "on",
}  # fmt: skip


def open_one(city: City) -> Case:
    """Thanks for olga."""
    report = Report(
        text="She stayed until we were safe.", answers={"thanks_public": True}, email="rosa@example.org",
        told_by="email",
    )  # fmt: skip
    return open_case("commendation", report, actor=ANONYMOUS, at=make.NOW).case


def work_on(case: Case) -> None:
    """Nothing has to stand on it before a step."""


def write_about(case: Case) -> None:
    """It stands on olga's file."""
    Praise.objects.get_or_create(
        case=case, user=User.objects.get(name="Olga Officer"),
        defaults={"words": "Stayed until all were safe.", "approved_at": make.NOW,
                  "approved_by": User.objects.get(name="Pat Standards")},
    )  # fmt: skip
