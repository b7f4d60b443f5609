"""A problem that lacks nothing for any of its steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from commonbeat.cases.categories import Category
from commonbeat.cases.models import Case, Participant, Question
from commonbeat.community.models import Organisation, User
from commonbeat.core.actor import Actor, Grant
from commonbeat.evidence.studies.models import Study
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveySeries, SurveyWave
from commonbeat.kinds.problem.actions import start_problem
from commonbeat.kinds.problem.models import (
    Action,
    Assessment,
    Evidence,
    Hypothesis,
    IncidentCount,
    Option,
    Partner,
    Place,
    Problem,
)
from tests import make
from tests.conftest import City
from tests.evidence import incidents


def _first(rows: Any) -> Any:
    return lambda case: rows.objects.filter(problem_id=case.pk).earliest("pk").pk


FITTING: Mapping[str, Any] = {
    "references": lambda case: _another(case), "categories": lambda case: Problem.objects.get(case=case).categories,
    "areas": lambda case: [case.area_id], "radius_m": 200, "hypothesis": _first(Hypothesis), "option": _first(Option),
    "action": _first(Action), "organisation": lambda case: Organisation.objects.latest("pk").pk, "after": None,
    "starts_on": "2026-04-01", "due_on": "2026-05-01", "email": "park@example.org", "technique": "access",
    "phase": "scanning", "count": 9, "alarm_count": 9, "study": lambda case: Study.objects.latest("pk").pk,
    "question": lambda case: SurveyQuestion.objects.latest("pk").pk,
    "measures": None, "place": _first(Place), "area": lambda case: case.area_id, "partner": _first(Partner),
    "counted": _first(IncidentCount), "around": None, "source": "calls",
}  # fmt: skip


def _another(case: Case) -> str:
    counted = Problem.objects.get(case=case).categories[0]
    return make.concern(Category.objects.get(pk=counted)).case.reference


def open_one(city: City) -> Case:
    """A problem that the supervisor started from a concern."""
    sam = Actor(sort="staff", user_id=city.sam.pk, name=city.sam.name, grants=(Grant("supervisor"),))
    answers = {"title": "Music in the park", "text": "Every night.", "type": "noise", "area": city.north.pk}
    return start_problem([make.concern(city.noise).case], answers=answers, actor=sam, at=make.NOW).case


def work_on(case: Case) -> None:
    """Everything that its gates ask for."""
    body = Organisation.objects.create(name="Park District", email="park@example.org")
    problem = Problem.objects.get(case=case)
    problem.harms, problem.present_response = "Nobody sleeps.", "Patrols."
    problem.triangle = {side: "Known" for side in ("offender", "target", "place")}
    problem.objective, problem.measure, problem.target = "Quiet nights", "Reports a month", "Half as many"
    problem.save()
    supported = Hypothesis.objects.create(problem=problem, text="The gate is open at night.", state="supported")
    Evidence.objects.create(hypothesis=supported, speaks="for", text="Seen three times.")
    Option.objects.create(problem=problem, technique="access", text="Close the gate.", decision="chosen")
    Action.objects.create(
        problem=problem, text="Close the gate at ten", organisation=body, starts_on="2026-03-01", due_on="2026-03-20",
        state="done",
    )  # fmt: skip
    Problem.objects.filter(pk=problem.pk).update(started_at=make.NOW)
    _link(problem, body)
    asked = Participant.objects.create(case=case, role="third_party", created_at=make.NOW)
    Question.objects.create(case=case, participant=asked, text="Is the gate closed?", asked_at=make.NOW)
    Assessment.objects.create(
        problem=problem, made_at=make.NOW, carried_out="yes", process="Done", result="Quieter", displacement="none",
        grade="reduced", lessons="Ask the neighbours first.",
    )  # fmt: skip


def _link(problem: Problem, body: Organisation) -> None:
    """A place, an organisation, records with a count of them, and a study."""
    Place.objects.create(problem=problem, name="Gate", lat=make.NORTH[0], long=make.NORTH[1])
    Partner.objects.create(problem=problem, organisation=body, role="response")
    day = make.NOW.replace(tzinfo=None)
    rows = [(day - dt.timedelta(days=30 * n), make.NORTH, "NOISE") for n in range(1, 15)]
    calls = incidents.source(rows, slug="calls", name="Calls")
    IncidentCount.objects.create(
        problem=problem, source=calls, source_name="Calls", area_id=problem.case.area_id, n=7,
        counted_from="2025-03-01", counted_until="2026-03-01", counted_at=make.NOW,
    )  # fmt: skip
    planner, publisher = User.objects.order_by("pk")[:2]
    for slug in ("gate", "lights"):  # the first stands beside the problem, the last can be linked
        Study.objects.create(
            slug=slug, title=f"Did it help? {slug}", created_by=planner, created_at=make.NOW, changed_at=make.NOW
        )
    series = SurveySeries.objects.create(slug="trust", name="Trust", created_at=make.NOW)
    for key in ("calm", "safe"):
        SurveyQuestion.objects.create(series=series, key=key, text=f"How {key} are your nights?", kind="scale")
    Problem.objects.filter(pk=problem.pk).update(
        study=Study.objects.earliest("pk"), question=SurveyQuestion.objects.earliest("pk")
    )
    SurveyWave.objects.create(
        series=series, name="Spring", first_on="2026-01-01", last_on="2026-01-31", sampling="form", mode="web",
        proposed_by=planner, released_by=publisher, released_at=make.NOW, created_at=make.NOW,
    )  # fmt: skip


def write_about(case: Case) -> None:
    """The partner answered about their action."""
    asked = Question.objects.filter(case=case).latest("pk")
    Action.objects.filter(problem_id=case.pk).update(question=asked, reply="We close it at ten now.")
