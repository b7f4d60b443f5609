"""A department chooses what stands behind five numbers; staff and residents read them, each with what it leaves out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commonbeat.community.models import Area
from commonbeat.evidence.models import CountedMeasure, Observation
from commonbeat.evidence.observing import refresh_source
from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.evidence.surveys import release
from commonbeat.evidence.surveys.models import SurveyQuestion, SurveyWave
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.evidence.incidents import source
from tests.reading_pdf import text_of

HERE = "/desk/evidence/scorecard/"
OFFICE = "/office/scorecard/"


def _burglaries() -> None:
    """Four years: two a week in the north, one in the south; three a week in the north in the last year."""
    days = [dt.datetime(2010, 1, 1, 12) + dt.timedelta(days=7 * week) for week in range(208)]
    rows = [(day, place, "A") for day in days for place in (make.NORTH, make.NORTH, make.SOUTH)]
    rows += [(day, make.NORTH, "A") for day in days if day.year == 2013]
    row = source([*rows, (dt.datetime(2013, 12, 31, 12), make.SOUTH, "A")])
    CountedMeasure.objects.create(slug="burglary", name="Burglaries", noun="burglaries", source=row)
    refresh_source(row.pk, at=make.NOW)


def _release(wave: SurveyWave, city: City, devi: Any) -> SurveyWave:
    release.propose(wave, actor=surveying.actor(devi), at=make.NOW)
    release.release(wave, actor=surveying.actor(city.ed), at=make.NOW)
    return wave


@pytest.fixture
def devi(city: City) -> Any:
    """An analyst in a town with incidents and two released waves, a year apart."""
    Area.objects.update(revision="2010")
    made = make.user("Devi Analyst", "analyst")
    _burglaries()
    first = surveying.wave(made, surveying.as_csv(surveying.rows(400, seed=3)))
    SurveyWave.objects.update(first_on=dt.date(2024, 3, 1), last_on=dt.date(2024, 3, 28))
    better = [[*row[:7], "A lot" if n % 2 else row[7], *row[8:]] for n, row in enumerate(surveying.rows(400, seed=4))]
    second = surveying.wave(made, surveying.as_csv(better), name="Next", series=first.series)
    for wave in (first, second):
        _release(wave, city, made)
    return made


def _question(text: str) -> SurveyQuestion:
    return SurveyQuestion.objects.get(text__contains=text)


def _choose(client: Client, dimension: str, behind: str, **more: str) -> ScorecardLine:
    answer = client.post(OFFICE + "new/", {"dimension": dimension, "behind": behind, "says": "", **more})
    assert answer.status_code == 302, re.findall(r'class="(?:usa-error|errors)[^>]*>.*?<', answer.content.decode())
    return ScorecardLine.objects.get(dimension=dimension)


def _tile(page: str, slug: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="tile-{slug}".*?</section>', page, re.S)
    assert found, slug
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_five_numbers_are_chosen_read_changed_and_put_back(devi: Any, city: City, signed_in: Any) -> None:
    client = signed_in(devi)
    page = _read(client, HERE)
    assert page.count("Nothing is chosen for this yet.") == 5 + 5  # the tiles, and the words to read aloud
    assert "/office/scorecard/new/" in page and "never added up" in page
    form = _read(client, OFFICE + "new/")
    assert "measure:burglary" in form and "measure:residents-heard" in form and "on the better half" not in form
    question = _question("Respect")
    assert f"question:{question.pk}:good" in form and f"question:{question.pk}:mean" in form

    line = _choose(client, "crime", "measure:burglary", says="Burglaries, because residents name them first.")
    _choose(client, "relationships", f"question:{question.pk}:good")
    told = _tile(_read(client, HERE), "crime")
    assert "Burglaries" in told and "January 2013 to December 2013" in told and "205 in twelve months" in told
    assert "31 % more than in January 2012 to December 2012 (95% interval" in told and "Before: 156" in told
    assert "205 stand behind it" in told and "residents name them first" in told and "not all incidents" in told
    answers = _tile(_read(client, HERE), "relationships")
    assert re.search(r"\d\d % 95% interval \d\d to \d\d", answers) and "points more than in" in answers
    assert "March 1, 2024" in answers and "People were drawn by chance" in answers

    refused = client.post(OFFICE + "new/", {"dimension": "crime", "behind": "measure:burglary", "says": "Kept"})
    assert refused.status_code == 422 and "Kept" in refused.content.decode()  # each of the five only once
    wrong = client.post(OFFICE + "new/", {"dimension": "reporting", "behind": "measure:reports-named",
                                          "per_residents": "on", "public": "on"})  # fmt: skip
    assert wrong.status_code == 422 and "Only counts have a rate" in wrong.content.decode()
    assert "Residents do not see this measure" in wrong.content.decode()

    edit = f"{OFFICE}{line.pk}/"
    assert client.post(edit, {"behind": "measure:concerns-opened", "says": ""}).status_code == 302
    assert "Concerns reported" in _tile(_read(client, HERE), "crime")
    assert "Burglaries, because" in _read(client, edit + "history/")
    first = Entry.objects.about("scorecard", line.pk).order_by("number").first()
    assert first is not None
    assert client.post(edit + "restore/", {"number": str(first.number)}).status_code == 302
    assert "Burglaries" in _tile(_read(client, HERE), "crime")
    client.post(edit + "retire/")
    assert "Nothing is chosen" in _tile(_read(client, HERE), "crime")
    client.post(edit + "retire/")
    assert [entry.verb for entry in Entry.objects.about("scorecard", line.pk)] == [
        "scorecard.added", "scorecard.changed", "scorecard.restored", "scorecard.retired", "scorecard.unretired",
    ]  # fmt: skip


def test_one_area_a_rate_and_every_file(devi: Any, city: City, signed_in: Any) -> None:
    client = signed_in(devi)
    _choose(client, "crime", "measure:burglary", per_residents="on")
    _choose(client, "relationships", f"question:{_question('Respect').pk}:mean")
    _choose(client, "reporting", "measure:residents-heard")
    page = _read(client, HERE + "?area=south")
    assert "0.9 per 10,000 residents and month" in _tile(page, "crime")  # 52 in a year, of 50,000 residents
    assert "No change on" in _tile(page, "crime")
    assert "on the scale" in _tile(page, "relationships")
    assert "not counted for these areas yet" in _tile(page, "reporting")
    assert client.get(HERE + "?area=moon").status_code == 404
    table = list(csv.DictReader(io.StringIO(client.get(HERE[:-1] + ".csv").content.decode("utf-8-sig"))))
    places = [row["Area"] for row in table]
    assert places[:5] == ["the whole city"] * 5 and {"North", "South"} <= set(places)
    assert next(row["How many"] for row in table if row["Area"] == "North" and row["Of what"] == "Crime") == "153"
    data = json.loads(client.get(HERE[:-1] + ".json?area=north").content)
    crime = data["measures"][0]
    assert crime["n"] == 153 and crime["change"]["unit"] == "percent" and crime["change"]["low"] > 0
    assert data["measures"][1]["missing"] == "Nothing is chosen for this yet." and data["where"] == "North"
    assert client.get(HERE[:-1] + ".svg").content.startswith(b"<svg")
    assert client.get(HERE[:-1] + ".png").content.startswith(b"\x89PNG")
    assert "never added up" in client.get(HERE[:-1] + ".txt").content.decode()
    assert "Scorecard: the whole city" in text_of(client.get(HERE[:-1] + ".pdf").content).text
    assert client.get(HERE[:-1] + ".xls").status_code == 404


def test_residents_read_what_is_public_in_whole_years_without_small_numbers(
    devi: Any, city: City, signed_in: Any
) -> None:
    staff, resident = signed_in(devi), Client()
    empty = _read(resident, "/scorecard/")
    assert (
        empty.count("has not published a number for this yet") == 10
        and resident.get("/scorecard.svg").status_code == 404
    )
    CountedMeasure.objects.filter(slug="burglary").update(public=True)
    _choose(staff, "crime", "measure:burglary", public="on")
    _choose(staff, "cohesion", f"question:{_question('Respect').pk}:good", public="on")
    _choose(staff, "satisfaction", "measure:concerns-on-time")
    page = _read(resident, "/scorecard/")
    assert "205 in twelve months" in _tile(page, "crime") and "more than in 2012" in _tile(page, "crime")
    assert "/numbers/burglary/" in page and "/surveys/trust/?question=" in page
    assert "has not published" in _tile(page, "satisfaction"), "chosen, but for staff"
    # The south had three burglaries in the last year: hidden there, and nothing else gives it away.
    north, south = Area.objects.get(code="north"), Area.objects.get(code="south")
    Observation.objects.filter(measure="burglary", area=south, on__year=2013).delete()
    Observation.objects.create(measure="burglary", area=south, on=dt.date(2013, 5, 1), value=3, n=3)
    page = _read(resident, "/scorecard/?area=south")
    assert "is not shown" in _tile(page, "crime") and " 3 " not in _tile(page, "crime")
    numbers = resident.get("/numbers/burglary.csv").content.decode()
    data = json.loads(resident.get("/scorecard.json").content)
    of_north = next(a for a in data["areas"] if a["code"] == "north")["measures"][0]
    published = next(row for row in csv.DictReader(io.StringIO(numbers)) if row["area"] == north.name)
    assert str(of_north["n"] or "*") == published["2013"], "one table is published, not two"
    CountedMeasure.objects.filter(slug="burglary").update(public=False)
    assert "has not published this measure" in _tile(_read(resident, "/scorecard/"), "crime")
    wave = SurveyWave.objects.get(name="Next")
    release.withdraw(wave, reason="A mistake", actor=surveying.actor(city.ed), at=make.NOW)
    assert "first released wave" in _tile(_read(resident, "/scorecard/"), "cohesion")


def test_the_scorecard_costs_the_same_however_many_areas(devi: Any, signed_in: Any) -> None:
    client = signed_in(devi)
    _choose(client, "crime", "measure:burglary", per_residents="on")
    _choose(client, "relationships", f"question:{_question('Respect').pk}:good")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            _read(client, HERE)
        return len(queries)

    asked()
    before = asked()
    for number in range(12):
        make.area(f"More {number}", at=(41.0, -80.0 - number), revision="2010")
    refresh_source(CountedMeasure.objects.get().source_id, at=make.NOW)
    asked()
    assert asked() == before <= 30


def test_no_way_back_from_what_analysts_define_leads_nowhere(devi: Any, signed_in: Any) -> None:
    client = signed_in(devi)
    for address in (OFFICE, "/office/surveyquestion/", "/office/measure/", "/office/source/"):
        page = client.get(address).content.decode()
        way = re.search(r'class="office-way">.*?href="([^"]+)"', page, re.DOTALL)
        assert way and client.get(way[1]).status_code == 200, address


def test_who_reads_the_scorecard_and_who_chooses(devi: Any, city: City, signed_in: Any) -> None:
    for user, reads, chooses in ((city.sam, 200, 200), (city.ed, 200, 404), (city.omar, 404, 404)):
        assert signed_in(user).get(HERE).status_code == reads
        assert signed_in(user).get("/desk/evidence/reporting/").status_code == reads
        assert signed_in(user).get("/desk/evidence/reporting.csv").status_code == reads
        assert signed_in(user).get(OFFICE).status_code == chooses
    assert "Choose what stands behind" not in _read(signed_in(city.ed), HERE)
