"""An after-action review that lacks nothing for any of its steps."""

from __future__ import annotations

from commonbeat.cases.models import Case
from tests.conftest import City
from tests.contracts.opening import problem_joint as joint
from tests.contracts.opening.problem_joint import FITTING, write_about

__all__ = ["FITTING", "open_one", "work_on", "write_about"]


def open_one(city: City) -> Case:
    """One that the supervisor started."""
    return joint.open_joint(city, "review", sort="event")


def work_on(case: Case) -> None:
    """Everything that its needs ask for."""
    joint.ready(case, grade="mixed")
