"""A vacant building in the north that somebody noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.files import accept
from commonbeat.cases.models import Case
from commonbeat.community.models import Organisation
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.observation.actions import note_observation
from tests import make
from tests.conftest import City


def _token(case: Case) -> list[str]:
    return [accept("wall.jpg", make.photo(), at=make.NOW)]


FITTING: Mapping[str, Any] = {
    "organisation": lambda case: Organisation.objects.latest("pk").pk, "photos": _token, "recheck_on": "2026-04-01",
}  # fmt: skip


def open_one(city: City) -> Case:
    """The door stands open."""
    omar = Actor(sort="staff", user_id=city.omar.pk, name=city.omar.name, grants=(Grant("officer"),))
    answers = {"sort": "vacant", "text": "The back door stands open.", "harm": "medium", "area": city.north.pk}
    return note_observation(answers, actor=omar, at=make.NOW).case


def work_on(case: Case) -> None:
    """Somebody owns it."""
    Organisation.objects.create(name="City buildings")
