"""A joint project that lacks nothing for any of its steps."""

from __future__ import annotations

from commonbeat.cases.models import Case
from commonbeat.kinds.problem.models import Permit
from tests.conftest import City
from tests.contracts.opening import problem_joint as joint
from tests.contracts.opening.problem_joint import write_about

__all__ = ["FITTING", "open_one", "work_on", "write_about"]
FITTING = {**joint.FITTING, "permit": joint.first(Permit), "phase": "idea"}


def open_one(city: City) -> Case:
    """One that the supervisor started."""
    return joint.open_joint(city, "project", sort="space")


def work_on(case: Case) -> None:
    """Everything that its needs ask for, permits too."""
    Permit.objects.create(
        problem=joint.ready(case, grade="reached"), what="Street", authority="City", state="granted",
        asked_on="2026-01-01", decided_on="2026-02-01",
    )  # fmt: skip
