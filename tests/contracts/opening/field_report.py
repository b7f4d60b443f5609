"""A field report on a found bicycle that lacks nothing, with a call for sworn officers that waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.files import accept
from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import Person
from commonbeat.community.reference import touch
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.field_report.actions import start_report
from commonbeat.kinds.field_report.models import FieldReport, IncidentSort, Item, Party, Supplement, SwornCall
from tests import make
from tests.conftest import City


def _token(case: Case) -> list[str]:
    return [accept("bicycle.jpg", make.photo(), at=make.NOW)]


FITTING: Mapping[str, Any] = {
    "happened_at": "2026-03-10T22:30", "photos": _token, "sort": "found", "signs": ["crime"], "dispatch": "calm",
    "row": lambda case: f"item-{Item.objects.get(report_id=case.pk).pk}", "number": "26-1234",
    "not_now": "It was over.", "answers": "{}",
}  # fmt: skip


def open_one(city: City) -> Case:
    """Cleo found a bicycle in the north; the contract's staff take it from there."""
    cleo = Actor(sort="staff", user_id=city.cleo.pk, name=city.cleo.name, grants=(Grant("cso"),))
    answers = {
        "sort": "found", "happened_at": "2026-03-10T22:30", "text": "A bicycle stood in the park.",
        "area": city.north.pk,
    }  # fmt: skip
    IncidentSort.objects.filter(code="found").update(approved=False)  # its writer may finish it
    touch("incident_sorts")
    case = start_report(answers, actor=cleo, at=make.NOW).case
    Case.objects.filter(pk=case.pk).update(assignee=None)
    case.refresh_from_db()
    FieldReport.objects.filter(case=case).update(
        saw="A red bicycle without a lock.", did="I took it along.", after="The property room keeps it.",
        author=city.cleo.pk,
    )  # fmt: skip
    Item.objects.create(report_id=case.pk, role="found", what="Red bicycle")
    return case


def work_on(case: Case) -> None:
    """A call waits while sworn officers are called, and a supplement while one is read."""
    report = FieldReport.objects.get(case=case)
    if case.state == "calling":
        SwornCall.objects.create(report=report, signs=["crime"], asked_at=make.NOW, due_at=make.NOW)
    if case.state == "supplemented":
        Supplement.objects.create(report=report, text="Its owner came.", written_at=make.NOW)


def write_about(case: Case) -> None:
    """Somebody found it."""
    person = Person.objects.create(name="Fiona Finder", language="en", created_at=make.NOW)
    part = Participant.objects.create(case=case, role="third_party", person=person, created_at=make.NOW)
    Party.objects.create(report_id=case.pk, role="finder", age="adult", participant=part, note="Called us.")
