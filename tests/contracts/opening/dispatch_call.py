"""A call about a found bicycle in the north that waits, with a report where somebody has taken it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import Person
from commonbeat.core.actor import SYSTEM
from commonbeat.kinds.field_report.call_intake import NewCall, take_call
from commonbeat.kinds.field_report.models import DispatchCall
from tests import make
from tests.conftest import City

FITTING: Mapping[str, Any] = {"signs": ["crime"], "dispatch": "calm"}


def open_one(city: City) -> Case:
    """Dispatch hands it over."""
    number = f"P-{DispatchCall.objects.count()}"
    new = NewCall(number, "found", "A bicycle stands in the park.", make.NOW, area_id=city.north.pk)
    return take_call(new, source="Dispatch", actor=SYSTEM, at=make.NOW).call.case


def work_on(case: Case) -> None:
    """Nothing else is needed."""


def write_about(case: Case) -> None:
    """Somebody called."""
    person = Person.objects.create(name="Carla Caller", language="en", created_at=make.NOW)
    Participant.objects.create(case=case, role="third_party", person=person, created_at=make.NOW)
