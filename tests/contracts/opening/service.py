"""A request for a service whose reporter can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.actions import Report, open_case
from commonbeat.cases.categories import Category
from commonbeat.cases.models import Case, Question
from commonbeat.core.actor import ANONYMOUS
from commonbeat.kinds.service.models import Finding, Survey
from tests import make
from tests.conftest import City

FITTING: Mapping[str, Any] = {
    "on": "2026-04-01T10:00", "visited_at": "2026-03-10T22:30", "found": "fine", "walked_at": "2026-03-10T22:30",
    "photos": None, "finding": lambda case: Finding.objects.filter(survey_id=case.pk).earliest("pk").pk,
    "q_lighting": "mend", "again_on": "2026-06-01", "sort": "dark", "text": "Mend the lamp.", "recheck_on": None,
}  # fmt: skip


def open_one(city: City) -> Case:
    """A watch on a house in the north."""
    kind = Category.objects.filter(code="house-watch").first() or make.category(
        "house-watch", name="House watch", kind="service", procedures=["survey"]
    )
    report = Report(
        category_id=kind.pk, text="We are away for two weeks.", area_id=city.north.pk, email="rosa@example.org",
        told_by="email",
    )  # fmt: skip
    return open_case("service", report, actor=ANONYMOUS, at=make.NOW).case


def work_on(case: Case) -> None:
    """A question is open, and a survey has a finding."""
    survey = Survey.objects.create(case=case, walked_at=make.NOW, answers={"locks": "mend"})
    Finding.objects.create(survey=survey, topic="access", question="locks", advice="A deadbolt.", seen="An old lock.")
    Question.objects.create(case=case, participant=case.participants.get(), text="Which days?", asked_at=make.NOW)
