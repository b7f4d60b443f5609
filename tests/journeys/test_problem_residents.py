"""What residents say stands beside the assessment of a problem: a question of a survey over its released waves."""

from __future__ import annotations

from typing import Any

import pytest

from commonbeat.community.models import Organisation
from commonbeat.evidence.surveys import release
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveyWave
from commonbeat.journal.models import Entry
from commonbeat.kinds.problem.models import Problem
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.journeys.test_problem import Desk, _analysed, _concerns, _planned, _start
from tests.reading_pdf import text_of

AREAS = "community_area@1"


@pytest.fixture
def desk(city: City, signed_in: Any) -> Desk:
    """A problem whose response is being planned."""
    desk = _start(city, signed_in(city.omar), _concerns(city, 2))
    _analysed(desk)
    desk.done("respond")
    _planned(desk, Organisation.objects.create(name="Park District"))
    return desk


@pytest.fixture
def waves(city: City) -> list[SurveyWave]:
    """Two waves of one survey; only the first is released."""
    devi = make.user("Devi Analyst", "analyst")
    first = surveying.wave(devi, surveying.as_csv(surveying.rows(300, seed=1)), areas=AREAS)
    later = surveying.wave(
        devi, surveying.as_csv(surveying.rows(300, seed=2, young=0.9)), name="Autumn", series=first.series, month=9,
        areas=AREAS,
    )  # fmt: skip
    for wave in (first, later):
        release.propose(wave, actor=surveying.actor(devi), at=make.NOW)
    release.release(first, actor=city.actor(city.ed), at=make.NOW)
    return [first, later]


def test_a_question_stands_beside_the_problem_and_tells_only_what_was_released(
    city: City, desk: Desk, waves: list[SurveyWave], signed_in: Any
) -> None:
    respect = SurveyQuestion.objects.get(key="respect")
    assert "No question of a survey stands beside this problem yet" in desk.page()
    assert f"Trust: {respect.text}" in desk.page("?step=link_question")
    desk.done("link_question", question=respect.pk)
    again = desk.take("link_question", question=respect.pk)
    assert again.status_code == 422 and "stands beside the problem already" in again.content.decode()
    desk.done("remove_question", reason="It asks about something else.")
    assert Problem.objects.get().question is None and "?step=remove_question" not in desk.page()
    off = Entry.objects.about("case", desk.case.pk).latest("number")
    assert desk.client.post(f"{desk.url}undo/", {"entry": off.number}).status_code == 302
    page = desk.page()
    assert "Spring" in page and "Autumn" not in page, "what is not released stays where it is"
    assert "All answers to this question" in page and Entry.objects.filter(verb="case.link_question").count() == 1

    release.release(waves[1], actor=city.actor(city.ed), at=make.NOW)
    page = desk.page()
    assert "Autumn" in page and "fell" in page, "the change from wave to wave is told"
    brief = text_of(desk.client.get(f"{desk.url}brief.pdf").content).text
    assert "What residents say" in brief and respect.text in brief

    release.withdraw(waves[0], reason="A mistake", actor=city.actor(city.ed), at=make.NOW)
    release.withdraw(waves[1], reason="A mistake", actor=city.actor(city.ed), at=make.NOW)
    assert "No released wave of this survey asked it" in desk.page() and Problem.objects.get().question == respect


def test_what_nobody_released_cannot_be_named(desk: Desk) -> None:
    devi = make.user("Devi Analyst", "analyst")
    wave = surveying.wave(devi, surveying.as_csv(surveying.rows(60)), areas=AREAS)
    hidden = wave.series.questions.get(key="respect")
    assert hidden.text not in desk.page("?step=link_question")
    assert desk.take("link_question", question=hidden.pk).status_code == 422
    assert Problem.objects.get().question is None
