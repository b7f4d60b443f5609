"""A problem drafts the study of its outcome, and shows what the study found with the sentence that keeps it honest."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta

from commonbeat.community.models import Organisation, User
from commonbeat.evidence.studies.models import PlanVersion, Run, Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.models import Assessment, Problem
from tests import make
from tests.conftest import City
from tests.evidence import incidents
from tests.journeys.test_problem import NOW, Desk, _analysed, _concerns, _planned, _start
from tests.reading_pdf import text_of


@pytest.fixture
def ana(city: City) -> User:
    """Plans studies."""
    return make.user("Ana Analyst", "analyst")


@pytest.fixture
def desk(city: City, signed_in: Any, ana: User) -> Desk:
    """A problem whose response is being planned."""
    desk = _start(city, signed_in(ana), _concerns(city, 2))
    _analysed(desk)
    desk.done("respond")
    _planned(desk, Organisation.objects.create(name="Park District"))
    return desk


def _records(months: int = 36) -> Any:
    first = NOW.replace(tzinfo=None, day=2) - relativedelta(months=months)
    places = (make.NORTH, make.SOUTH)
    rows = [(first + dt.timedelta(days=9 * n), places[n % 2], "NOISE") for n in range(months * 3)]
    return incidents.source(rows, slug="calls", name="Calls")


def test_a_response_drafts_the_study_of_its_outcome_from_what_the_problem_says(city: City, desk: Desk) -> None:
    _records()
    assert "No study yet. Draft one before the response starts" in desk.page()
    form = desk.page("?step=draft_study")
    assert "Did it help? Loud music in the park" in form
    desk.done("draft_study", title="Does closing the gate help?", source="calls", sorts="noise")
    study = Study.objects.get()
    plan, start = (
        Plan.from_dict(study.draft),
        (NOW.replace(day=1) + relativedelta(months=NOW.day != 1)).strftime("%Y-%m"),
    )
    assert (plan.treated, plan.start) == ((city.north.code,), start) and "Quiet nights" in plan.programme
    assert "Close the gate at ten." in plan.programme, "what was chosen is what is tried"
    assert study.request["source"] == "calls" and study.request["outcome"] == ["NOISE"]
    assert study.request["areas"] == f"{city.north.level}@{city.north.revision}"
    assert Problem.objects.get().study == study and Entry.objects.filter(verb="study.started").count() == 1
    page = desk.page()
    assert "Does closing the gate help?" in page and "A draft: an analyst looks it over" in page
    assert "Loud music in the park" in desk.client.get(f"/desk/studies/{study.pk}/").content.decode(), "and back"
    assert desk.client.get(f"/desk/studies/{study.pk}/plan/").status_code == 200, "the studio goes on from there"
    desk.done("start_response")
    assert Problem.objects.get().baseline is not None


def test_a_draft_needs_areas_of_one_sort_and_records_that_reach_back(city: City, desk: Desk) -> None:
    answer = desk.take("draft_study", title="x", source="nothing")
    assert answer.status_code == 422
    incidents.source([(NOW.replace(tzinfo=None), make.NORTH, "NOISE")], slug="young")
    answer = desk.take("draft_study", title="x", source="young")
    assert answer.status_code == 422 and "These records begin too late" in answer.content.decode()
    _records()
    beat = make.area("Beat", level="beat", serves=False)
    Problem.objects.update(areas=[city.north.pk, beat.pk])
    answer = desk.take("draft_study", title="x", source="calls")
    assert answer.status_code == 422 and "areas of one sort" in answer.content.decode()
    answer = desk.take("draft_study", title="x", source="calls", sorts="WITCHCRAFT")
    assert answer.status_code == 422 and "no such sorts" in answer.content.decode()
    assert not Study.objects.exists()


def _found(study: Study, ana: User, *, known_after: int = 0) -> None:
    """A frozen plan with a finished run, as the worker would have left it."""
    plan = PlanVersion.objects.create(
        study=study, number=1, plan=study.draft, stamp="s" * 64, data="d" * 64, history_until="2026-01",
        known_after=known_after, software="1", ahead={}, frozen_by=ana, frozen_at=NOW,
    )  # fmt: skip
    result = {"verdict": "unclear", "said": {"first": {"template": "There were {n} fewer.", "values": {"n": 3}}}}
    Run.objects.create(plan=plan, state=Run.State.DONE, result=result, asked_at=NOW)


def test_the_assessment_shows_what_the_study_found_with_its_honest_sentence(
    desk: Desk, ana: User, signed_in: Any, city: City
) -> None:
    study = Study.objects.create(
        slug="gate", title="Does the gate help?", draft=Plan().as_dict(), created_by=ana, created_at=NOW, changed_at=NOW
    )
    desk.done("link_study", study=study.pk)
    assert desk.take("link_study", study=study.pk).status_code == 422, "linked already"
    desk.done("remove_study", reason="It studies another park.")
    assert Problem.objects.get().study is None and Study.objects.filter(pk=study.pk).exists()
    page = desk.page()
    assert "It studies another park." in page and "?step=remove_study" not in page
    assert desk.take("remove_study", reason="Again").status_code == 422, "nothing is left to take off"
    off = Entry.objects.about("case", desk.case.pk).latest("number")
    assert desk.client.post(f"{desk.url}undo/", {"entry": off.number}).status_code == 302
    assert Problem.objects.get().study == study and "?step=remove_study" in desk.page()
    desk.done("start_response")
    _found(study, ana, known_after=4)
    assert "There were 3 fewer." in desk.page() and "when some of the outcome was known already" in desk.page()
    action = Problem.objects.get().actions.get()
    desk.done("progress", action=action.pk, state="done")
    desk.done("assess")
    assert f'value="{study.pk}" selected' in desk.page("?step=appraise"), "the problem's own study is proposed"
    desk.done(
        "appraise", carried_out="yes", process="Closed each night.", result="Quieter.", displacement="none",
        grade="reduced", lessons="Gates help.", study=study.pk,
    )  # fmt: skip
    assert Assessment.objects.get().study == study
    said = " ".join(text_of(desk.client.get(f"{desk.url}brief.pdf").content).text.split())
    assert "Does the gate help?" in said and "There were 3 fewer." in said
    omar = signed_in(city.omar).get(desk.url).content.decode()
    assert "There were 3 fewer." in omar and f"/desk/studies/{study.pk}/" not in omar, "no way to a page not for them"


def test_a_study_names_only_problems_that_its_reader_sees(desk: Desk, ana: User, signed_in: Any, city: City) -> None:
    study = Study.objects.create(
        slug="gate", title="Does the gate help?", draft=Plan().as_dict(), created_by=ana, created_at=NOW, changed_at=NOW
    )
    desk.done("link_study", study=study.pk)
    south = make.user("Sue South", "supervisor", areas=(city.south,))
    page = signed_in(south).get(f"/desk/studies/{study.pk}/").content.decode()
    assert "Does the gate help?" in page and "Loud music" not in page and desk.case.reference not in page
