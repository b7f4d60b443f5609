"""What joint projects and reviews need for every one of their steps: both stand on the tables of problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from commonbeat.cases.models import Case, Participant, Question
from commonbeat.community.models import Organisation
from commonbeat.core.actor import Actor, Grant
from commonbeat.kinds.problem.actions import start_joint
from commonbeat.kinds.problem.models import Action, Assessment, Partner, Place, Problem
from tests import make
from tests.conftest import City


def first(rows: Any) -> Any:
    """The oldest row of a table that belongs to the case."""
    return lambda case: rows.objects.filter(problem_id=case.pk).earliest("pk").pk


FITTING: Mapping[str, Any] = {
    "references": lambda case: make.concern(make.category(f"c{case.pk}")).case.reference, "action": first(Action),
    "organisation": lambda case: Organisation.objects.latest("pk").pk, "after": None, "starts_on": "2026-04-01",
    "due_on": "2026-05-01", "email": "park@example.org", "place": first(Place), "area": lambda case: case.area_id,
    "partner": first(Partner),
}  # fmt: skip


def open_joint(city: City, kind: str, *, sort: str) -> Case:
    """One that the supervisor started."""
    sam = Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant("supervisor"),))
    answers = {"title": "Benches", "text": "A corner to sit.", "type": sort, "area": city.north.pk}
    return start_joint(kind, answers=answers, actor=sam, at=make.NOW).case


def ready(case: Case, *, grade: str) -> Problem:
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
    asked = Participant.objects.create(case=case, role="third_party", created_at=make.NOW)
    Question.objects.create(case=case, participant=asked, text="Do the benches come?", asked_at=make.NOW)
    Assessment.objects.create(
        problem=problem, made_at=make.NOW, carried_out="yes", process="Done", result="Used", grade=grade,
        lessons="Ask the neighbours first.",
    )  # fmt: skip
    return problem


def write_about(case: Case) -> None:
    """The partner answered about their action."""
    asked = Question.objects.filter(case=case).latest("pk")
    Action.objects.filter(problem_id=case.pk).update(question=asked, reply="They come on Monday.")
