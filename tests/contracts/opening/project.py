"""A joint project that lacks nothing for any of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Participant, Question
from commonbeat.community.models import Organisation
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.problem.actions import start_joint
from commonbeat.kinds.problem.models import Action, Assessment, Partner, Permit, Place, Problem
from tests import make
from tests.conftest import City


def _first(rows: Any) -> Any:
    return lambda case: rows.objects.filter(problem_id=case.pk).earliest("pk").pk


FITTING: Mapping[str, Any] = {
    "references": lambda case: make.concern(make.category(f"c{case.pk}")).case.reference, "action": _first(Action),
    "organisation": lambda case: Organisation.objects.latest("pk").pk, "after": None, "starts_on": "2026-04-01",
    "due_on": "2026-05-01", "email": "park@example.org", "place": _first(Place), "area": lambda case: case.area_id,
    "partner": _first(Partner),
    "permit": _first(Permit), "phase": "idea",
}  # fmt: skip


def open_one(city: City) -> Case:
    """One that the supervisor started."""
    sam = Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant("supervisor"),))
    answers = {"title": "Benches", "text": "A corner to sit.", "type": "space", "area": city.north.pk}
    return start_joint("project", answers=answers, actor=sam, at=make.NOW).case


def work_on(case: Case) -> None:
    """Everything that its needs ask for."""
    body = Organisation.objects.create(name="Park District", email="park@example.org")
    Problem.objects.filter(case=case).update(
        goals="Neighbours meet.", objective="A place to sit", measure="Benches", target="Six"
    )
    problem = Problem.objects.get(case=case)
    Place.objects.create(problem=problem, name="Corner")
    Partner.objects.create(problem=problem, organisation=body, role="response")
    Action.objects.create(
        problem=problem, text="Set up benches", organisation=body, starts_on="2026-03-01", due_on="2026-03-20",
        state="done",
    )  # fmt: skip
    Permit.objects.create(
        problem=problem, what="Street", authority="City", state="granted", asked_on="2026-01-01",
        decided_on="2026-02-01",
    )  # fmt: skip
    asked = Participant.objects.create(case=case, role="third_party", created_at=make.NOW)
    Question.objects.create(case=case, participant=asked, text="Do the benches come?", asked_at=make.NOW)
    Assessment.objects.create(
        problem=problem, made_at=make.NOW, carried_out="yes", process="Done", result="Used", grade="reached",
        lessons="Ask the neighbours first.",
    )  # fmt: skip


def write_about(case: Case) -> None:
    """The partner answered about their action."""
    asked = Question.objects.filter(case=case).latest("pk")
    Action.objects.filter(problem_id=case.pk).update(question=asked, reply="They come on Monday.")
