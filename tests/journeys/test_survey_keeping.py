"""Answers of surveys end: after their time the files go at night, and what was shown of them stays as it was."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from commonbeat.community.models import Agency, Area
from commonbeat.community.reference import touch
from commonbeat.core.fields import Invalid
from commonbeat.evidence.surveys import actions, frames, keeping, release, weighting
from commonbeat.evidence.surveys import files as files_of
from commonbeat.evidence.surveys.models import SurveyWave
from commonbeat.evidence.surveys.tasks import forget
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.evidence.surveying import as_csv, rows

LATER = make.NOW + dt.timedelta(days=5)


def _shown(client: Client, series: str, number: int) -> dict[str, bytes]:
    """Everything that pages and files say of a wave in numbers."""
    found = {}
    for look in ("overview", "areas", "groups", "trend"):
        for address in (f"/desk/surveys/waves/{number}/look/{look}.csv", f"/surveys/{series}/{look}.csv"):
            answer = client.get(address)
            assert answer.status_code == 200, address
            found[address] = answer.content
        found[look] = client.get(f"/desk/surveys/waves/{number}/look/{look}.txt").content.split(b"\n")[0]
    return found


@pytest.fixture
def devi(city: City) -> Any:
    """An analyst with two released waves, the first weighted."""
    Area.objects.update(revision="2010")
    made = make.user("Devi Analyst", "analyst")
    lines = rows(300)
    for number, line in enumerate(lines):
        line[6] = "Polish" if number < 6 else line[6]  # too few to be shown
    first = surveying.wave(made, as_csv(lines))
    table = surveying.population(made, "category,residents\n18–29,40\n30–59,100\n60+,60\n", group="Age")
    weighting.weight(first, weighting.Plan({"age": table.pk}, {}), actor=surveying.actor(made), at=make.NOW)
    surveying.wave(made, as_csv(rows(280, seed=5)), name="Autumn", month=9, series=first.series)
    for wave in SurveyWave.objects.order_by("pk"):
        release.propose(wave, actor=surveying.actor(made), at=make.NOW)
        release.release(wave, actor=surveying.actor(city.ed), at=make.NOW)
    return made


def test_answers_go_after_their_time_and_every_figure_stays(
    devi: Any, city: City, signed_in: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client, wave = signed_in(devi), SurveyWave.objects.get(name="Spring")
    before = _shown(client, wave.series.slug, wave.pk)
    folder = Path(settings.FILES_ROOT) / "surveys" / wave.series.slug
    assert keeping.forget_answers(at=LATER) == 0, "not yet"
    admin = signed_in(city.ada)
    assert "Answers of surveys" in admin.get("/office/retention/").content.decode()
    assert "Days after which answers of surveys are destroyed" in admin.get("/office/agency/").content.decode()
    Agency.objects.update_or_create(pk=1, defaults={"name": "City", "short_name": "City", "changed_at": make.NOW,
                                                    "settings": {"survey_answer_days": 300}})  # fmt: skip
    touch("agency")
    there = set(folder.iterdir())
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.forget_answers(at=LATER) == 1, "spring is over, autumn is not"
    wave.refresh_from_db()
    assert wave.forgotten_at == LATER and wave.released_at is not None
    gone = there - set(folder.iterdir())
    assert {files_of.answers_of("trust", wave.content), files_of.weights_of("trust", wave.weights)} <= gone
    assert keeping.forget_answers(at=LATER) == 0, "once"

    assert _shown(client, wave.series.slug, wave.pk) == before, "not one number of any look has changed"
    polish = [by["language"]["values"]["Polish"] for by in wave.kept["questions"].values()]
    assert all(set(values.values()) == {None} for values in polish), "what was hidden is not kept either"
    page = client.get(f"/desk/surveys/waves/{wave.pk}/").content.decode()
    assert "when their time was over. The figures stay." in page
    assert (
        "The answers were destroyed on" in client.get(f"/desk/surveys/waves/{wave.pk}/look/overview/").content.decode()
    )
    entry = Entry.objects.about("wave", wave.pk).get(verb="wave.answers_forgotten")
    assert entry.data["n"] == wave.n and entry.actor_name in {"", "Commonbeat"}


def test_what_stays_can_be_withdrawn_and_deleted_but_not_changed(devi: Any, city: City, signed_in: Any) -> None:
    SurveyWave.objects.update(first_on=dt.date(2020, 1, 1), last_on=dt.date(2020, 1, 31))
    forget(0)
    wave = SurveyWave.objects.get(name="Spring")
    assert wave.forgotten_at and SurveyWave.objects.filter(forgotten_at=None).count() == 0
    with pytest.raises(frames.NoAnswers):
        frames.load(wave)
    release.withdraw(wave, reason="Old", actor=surveying.actor(city.ed), at=LATER)
    who = surveying.actor(devi)
    with pytest.raises(Invalid, match="destroyed when their time was over"):
        weighting.unweight(wave, actor=who, at=LATER)
    with pytest.raises(Invalid):
        actions.correct(wave, actions.About("Other", wave.first_on, wave.last_on, wave.sampling, wave.mode), actor=who,
                        at=LATER)  # fmt: skip
    assert not actions.can_undo(wave.imports.get())
    client = signed_in(devi)
    assert client.get(f"/desk/surveys/waves/{wave.pk}/weights/").status_code == 404
    release.propose(wave, actor=who, at=LATER)
    actions.delete_wave(wave, reason="No longer needed", actor=who, at=LATER)
    assert not SurveyWave.objects.filter(name="Spring").exists()
