"""How willing people are to report stands beside recorded crime: parts with their limits, never one index."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.models import Case, Participant
from commonbeat.cases.safeguards import Tombstone
from commonbeat.community.models import Area
from commonbeat.evidence.areas import area_set
from commonbeat.evidence.measures import measure
from commonbeat.evidence.models import CountedMeasure
from commonbeat.evidence.observing import observed, refresh_records, refresh_source
from commonbeat.evidence.studies import judging
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.reporting import reported
from commonbeat.evidence.surveys import release
from commonbeat.evidence.surveys.models import SurveyQuestion
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.contracts.opening import observation, tip
from tests.evidence import surveying
from tests.evidence.incidents import source

HERE = "/desk/evidence/reporting/"


def _month(ago: int) -> dt.datetime:
    """The fifteenth of a month before this one."""
    today = timezone.now()
    year, month = divmod(today.year * 12 + today.month - 1 - ago, 12)
    return dt.datetime(year, month + 1, 15, 18, tzinfo=dt.UTC)


def _at(case: Case, ago: int, **fields: Any) -> Case:
    Case.objects.filter(pk=case.pk).update(opened_at=_month(ago), **fields)
    return case


@pytest.fixture
def town(city: City, signed_in: Any) -> Client:
    """Two years: 24 reports of residents a year ago, 60 in the last twelve months; what staff found themselves."""
    Area.objects.update(revision="2010")
    for ago in range(1, 13):
        for number in range(5):
            _at(make.concern(city.noise, **({"email": "rosa@example.org"} if number < 2 else {})).case, ago,
                language="es" if number == 0 else "en")  # fmt: skip
        _at(make.concern(city.noise, channel="desk").case, ago)
        for _number in range(2):
            _at(make.concern(city.noise, email="rosa@example.org").case, ago + 12)
    _at(make.concern(city.noise, channel="import").case, 3)
    _at(observation.open_one(city), 2)
    _at(make.concern(city.noise).case, 30)
    refresh_records(at=timezone.now())
    return signed_in(make.user("Devi Analyst", "analyst"))  # type: ignore[no-any-return]


def _tile(page: str, slug: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="tile-{slug}".*?</section>', page, re.S)
    assert found, slug
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def _read(client: Client, address: str = HERE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_each_part_is_a_number_of_its_own_and_says_what_it_does_not_mean(town: Client, city: City) -> None:
    page = _read(town)
    heard = _tile(page, "residents-heard")
    assert "61 in twelve months" in heard and "Before: 24" in heard and "154 % more than in" in heard
    assert "or more trust" in heard, "what it does not say"
    first = _tile(page, "residents-first")
    assert "82.2 %" in first and "73 stand behind it" in first  # 60 of 60 residents', 12 of the desk, 1 observation
    assert "100.0 %" in first and "points fewer" in first and "staff look harder" in first
    named = _tile(page, "reports-named")
    assert "40.0 %" in named and "60 stand behind it" in named and "Nobody owes us a name" in named
    assert "20.0 %" in _tile(page, "reports-other-language")
    assert "People report more than the year before. Recorded incidents can rise with it" in page
    assert "None of these is part of recorded crime" in page
    table = list(csv.DictReader(io.StringIO(town.get(HERE[:-1] + ".csv").content.decode("utf-8-sig"))))
    assert len(table) == 5 + 4 + 4, "tips are told for the whole city only"
    assert town.get(HERE[:-1] + ".svg").content.startswith(b"<svg")
    north = _tile(_read(town, HERE + "?area=north"), "residents-heard")
    assert "61 in twelve months" in north
    assert town.get(HERE + "?measure=height").status_code == 404


def test_heard_from_is_a_stored_measure_that_the_dashboard_looks_and_files_read(town: Client) -> None:
    areas = area_set("community_area")
    seen = observed(measure("residents-heard"), areas)
    assert seen is not None and seen.events == 61 + 24 + 1 and seen.n[1].sum() == 0
    board = _read(town, "/desk/evidence/board/")
    assert "Reports of residents" in board and "Reports in another language" in board
    page = _read(town, "/desk/evidence/look/residents-heard/compare/")
    assert "Per 1,000 and year" in page
    assert town.get("/desk/evidence/look/residents-heard/map.geojson?rate=1").status_code == 200


def test_recorded_incidents_stand_beside_reporting_and_are_never_mixed_with_it(town: Client, city: City) -> None:
    days = [dt.datetime(2012, 1, 1, 12) + dt.timedelta(days=7 * week) for week in range(105)]
    row = source([(day, make.NORTH, "A") for day in days])
    for slug in ("burglary", "all"):
        CountedMeasure.objects.create(slug=slug, name=slug.title(), noun="burglaries", source=row)
    refresh_source(row.pk, at=make.NOW)
    page = _read(town, HERE + "?measure=burglary")
    assert "Two different times say nothing about each other" in page and "Recorded incidents can rise" not in page
    assert "52 in twelve months" in _tile(page, "burglary") and "not all incidents" in _tile(page, "burglary")
    assert '<option value="all"' in page and "61 in twelve months" in _tile(page, "residents-heard")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            _read(town)
        return len(queries)

    asked()
    before = asked()
    for number in range(10):
        make.area(f"More {number}", at=(41.0, -80.0 - number), revision="2010")
    refresh_records(at=timezone.now())
    asked()
    assert asked() == before <= 40, "however many areas"


def test_a_question_is_marked_read_and_unmarked_by_its_history(town: Client, city: City, signed_in: Any) -> None:
    devi = make.user("Dora Analyst", "analyst")
    wave = surveying.wave(devi, surveying.as_csv(surveying.rows(300)))
    question = SurveyQuestion.objects.get(text__contains="Called")
    edit = f"/office/surveyquestion/{question.pk}/"
    assert "Called" in _read(town, "/office/surveyquestion/") and "Called" not in _read(
        town, "/office/surveyquestion/?marked=1"
    )
    assert town.post(edit, {"about": "reported"}).status_code == 302
    slug = f"question-{question.pk}"
    assert "No wave that asked this question is released." in _tile(_read(town), slug)
    release.propose(wave, actor=surveying.actor(devi), at=make.NOW)
    release.release(wave, actor=surveying.actor(city.ed), at=make.NOW)
    told = _tile(_read(town), slug)
    assert "Whether people told the police" in told and re.search(r"\d\d % 95% interval", told)
    assert "first released wave" in told and "Some forget" in told
    entry = Entry.objects.about("surveyquestion", question.pk).get()
    assert entry.verb == "surveyquestion.changed"
    assert town.post(edit + "restore/", {"number": "0"}).status_code == 302
    question.refresh_from_db()
    assert question.about == "" and slug not in _read(town)


def test_tips_are_counted_in_whole_years_destroyed_ones_too_and_small_numbers_are_hidden(
    town: Client, city: City
) -> None:
    year = timezone.localtime().year
    for _number in range(4):
        case = tip.open_one(city)
        Case.objects.filter(pk=case.pk).update(opened_at=dt.datetime(year - 1, 6, 1, tzinfo=dt.UTC))
    hidden = _tile(_read(town), "tips")
    assert "is not shown" in hidden and " 4 " not in hidden
    for number in range(8):
        Tombstone.objects.create(
            case_number=10**9 + number, kind="tip", opened_on=dt.date(year - 1, 5, 1), outcome="closed",
            disposed_at=make.NOW, proposed_by="", approved_by="",
        )  # fmt: skip
    assert "12 in twelve months" in _tile(_read(town), "tips")
    assert "whole city only" in _tile(_read(town, HERE + "?area=north"), "tips")


def test_a_new_city_has_an_honest_empty_page(city: City, signed_in: Any) -> None:
    client = signed_in(city.sam)
    page = _read(client)
    assert "How reporting changed is not known yet" in page and "not counted for these areas yet" in page
    Participant.objects.all().delete()
    Area.objects.update(serves=False)
    assert "Nothing is counted yet" in _read(client)


def test_a_study_says_how_reports_of_its_areas_changed_in_the_same_time(town: Client) -> None:
    start = _month(12).date().replace(day=1)
    plan = Plan(treated=("north",), start=f"{start:%Y-%m}", length=12)
    request = {"areas": "community_area@2010", "start": f"{_month(24):%Y-%m}-01", "period": "month"}
    told = reported(request, plan, periods=24)
    assert told is not None and round(told["change"]) == 154 and told["low"] > 0
    weeks = {"start": f"{_month(24):%Y-%m}-01", "period": "week"}
    assert reported(request | weeks, Plan(treated=("north",), start=f"{start:%Y-%m-%d}"), periods=104) is not None
    assert reported(request, Plan(treated=("south",), start=plan.start), periods=24) == {}, "too few to tell"
    assert reported(None, plan, periods=24) is None, "a table that was brought in"
    assert reported(request | {"start": "1999-01-01"}, Plan(treated=("north",), start="2000-01"), periods=24) is None
    assert reported(request | {"areas": "moon@1"}, plan, periods=24) is None
    for facts, state, words in (
        (told, "warn", "changed by +154 % in the same time"), ({}, "note", "too few reports"),
        (None, "note", "More trust"),
        ({"change": 3.0, "low": -4.0, "high": 11.0}, "pass", "which chance explains"),
    ):  # fmt: skip
        check = judging._reporting(SimpleNamespace(reported=facts))  # type: ignore[arg-type]
        assert check.state == state and words in check.meaning.said()
