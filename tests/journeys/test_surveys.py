"""An analyst brings in a survey, weights it, looks at it; a second person releases it; residents read it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from commonbeat.community.models import Area, User
from commonbeat.evidence.surveys.models import PopulationTable, SurveySeries, SurveyWave, WaveImport
from commonbeat.journal.models import AccessLog, Entry
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.evidence.surveying import as_csv, rows

ABOUT = {"name": "Trust in the neighborhood", "every_months": "6", "wave": "Spring", "first_on": "2025-03-01",
         "last_on": "2025-03-28", "sampling": "probability", "mode": "mixed", "invited": "800",
         "areas": surveying.AREAS}  # fmt: skip


@pytest.fixture
def devi(city: City) -> User:
    """An analyst."""
    Area.objects.update(revision="2010")
    return make.user("Devi Analyst", "analyst")


def _file(content: bytes | str, name: str = "answers.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def _bring(client: Client, content: bytes, **more: str) -> WaveImport:
    answer = client.post("/desk/surveys/bring/", ABOUT | {"file": _file(content)} | more)
    assert answer.status_code == 302, re.findall(r'class="errors.*?</div>', answer.content.decode(), re.S)
    return WaveImport.objects.latest("pk")


def _said(brought: WaveImport, **changes: str) -> dict[str, str]:
    """The columns as the wizard shows them."""
    said = {f"c{n}-{part}": use[part] for n, use in enumerate(brought.uses) for part in ("role", "label", "scale")}
    return said | changes


def _import(client: Client, brought: WaveImport, **changes: str) -> Any:
    return client.post(f"/desk/surveys/imports/{brought.pk}/do/", _said(brought, **changes) | {"deed": "import"})


@pytest.fixture
def town(devi: User, signed_in: Any) -> Client:
    """Devi's browser, and a wave of 400 answers."""
    client, lines = signed_in(devi), rows(400)
    for number, line in enumerate(lines):
        line[6] = "Polish" if number < 6 else line[6]
    assert _import(client, _bring(client, as_csv(lines))).status_code == 302
    return client  # type: ignore[no-any-return]


def test_the_wizard_guesses_shows_leaves_persons_out_and_accounts_for_every_row(devi: User, signed_in: Any) -> None:
    client = signed_in(devi)
    assert "No survey yet" in _read(client, "/desk/surveys/")
    wrong = client.post(
        "/desk/surveys/bring/", ABOUT | {"name": "", "last_on": "2025-02-01", "file": _file("a,b\n1,2")}
    )
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "give the new one a name" in page and "Turn them round" in page
    assert "Spring" in page  # nothing typed is lost
    lines = rows(120)
    lines[4][7] = "Very much so"
    brought = _bring(client, as_csv(lines, tail=surveying.BROKEN))
    page = _read(client, f"/desk/surveys/imports/{brought.pk}/")
    assert "Read so, 120 of 121 rows count" in page and "not among those of its question" in page
    assert "E-mail: It holds names, addresses or numbers" in page and "person7@example.org" not in page
    look = client.post(
        f"/desk/surveys/imports/{brought.pk}/do/", _said(brought, **{"c7-scale": "?"}) | {"deed": "look"}
    )
    assert look.status_code == 422 and "Write the scale from worst to best" in look.content.decode()

    assert _import(client, brought).status_code == 302
    page = _read(client, f"/desk/surveys/imports/{brought.pk}/")
    assert "It has more or fewer columns than the heading." in page and "Take this import back" in page
    report = client.get(f"/desk/surveys/imports/{brought.pk}/rejected.csv")
    told = list(csv.DictReader(io.StringIO(b"".join(report.streaming_content).decode())))
    assert {(row["row"], row["reason"], row["column"]) for row in told} == {
        ("5", "bad-answer", "Respect"), ("121", "broken", ""),
    }  # fmt: skip
    assert AccessLog.objects.filter(subject_kind="wave").count() == 1
    doubled = {"series": "trust-in-the-neighborhood", "wave": "Again"}
    again = client.post("/desk/surveys/bring/", ABOUT | doubled | {"file": _file(as_csv(lines, tail=surveying.BROKEN))})
    assert again.status_code == 422 and "in the wave “Spring” already" in again.content.decode()
    assert SurveyWave.objects.count() == 1
    client.post(f"/desk/surveys/imports/{brought.pk}/do/", {"deed": "undo"})
    assert SurveyWave.objects.get().content == "" and "Taken back" in _read(
        client, f"/desk/surveys/imports/{brought.pk}/"
    )


def test_a_file_can_be_given_up_and_a_broken_one_is_refused(devi: User, signed_in: Any) -> None:
    client = signed_in(devi)
    brought = _bring(client, as_csv(rows(30)))
    client.post(f"/desk/surveys/imports/{brought.pk}/do/", {"deed": "give_up"})
    assert not WaveImport.objects.exists() and not SurveyWave.objects.exists()
    broken = client.post("/desk/surveys/bring/", ABOUT | {"name": "Other", "file": _file("no table")})
    assert broken.status_code == 422 and "only one column" in broken.content.decode()
    assert not SurveySeries.objects.filter(name="Other").exists()


def test_every_look_says_n_days_and_what_was_left_out_and_can_be_taken_along(town: Client) -> None:
    wave = SurveyWave.objects.get()
    for look in ("overview", "groups", "areas", "trend"):
        page = _read(town, f"/desk/surveys/waves/{wave.pk}/look/{look}/?question=respect")
        assert "95% interval" in page and "400 people asked" not in page and "400 of 800 people asked" in page
        for sort, sign in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"\xef\xbb\xbf"), ("txt", b"interval")):
            answer = town.get(f"/desk/surveys/waves/{wave.pk}/look/{look}.{sort}?question=respect")
            assert answer.status_code == 200 and sign in answer.content, (look, sort)
    page = _read(town, f"/desk/surveys/waves/{wave.pk}/look/groups/?question=respect&by=age")
    assert "below everybody else" in page and "One gap in twenty".lower() in page.lower()
    assert "did not ask that question" in _read(town, f"/desk/surveys/waves/{wave.pk}/look/groups/?question=nothing")
    assert town.get(f"/desk/surveys/waves/{wave.pk}/look/nothing/").status_code == 404
    assert "Answer" in _read(town, f"/desk/surveys/waves/{wave.pk}/look/groups/?question=worry&answer=answer-1")


def test_answers_are_weighted_to_a_population_from_a_file_and_the_cost_is_said(town: Client) -> None:
    wave = SurveyWave.objects.get()
    about = {"name": "Residents by age", "counts": "residents", "year": "2020", "credit": "An invented census",
             "areas": "", "group": "Age"}  # fmt: skip
    nothing = town.post("/desk/surveys/populations/bring/", about | {"group": "", "file": _file("a,b\n1,2\n")})
    assert nothing.status_code == 422 and "say what the groups are" in nothing.content.decode()
    town.post(
        "/desk/surveys/populations/bring/", about | {"file": _file("age,people\n18–29,700\n30–59,200\n60+,100\n")}
    )
    table = PopulationTable.objects.get()
    assert "Which column is what?" in _read(town, f"/desk/surveys/populations/{table.pk}/")
    wrong = town.post(f"/desk/surveys/populations/{table.pk}/do/", {"deed": "import", "number": "", "group": "age"})
    assert wrong.status_code == 422 and "Choose the column" in wrong.content.decode()
    town.post(f"/desk/surveys/populations/{table.pk}/do/", {"deed": "import", "number": "people", "group": "age"})
    assert "700" in _read(town, f"/desk/surveys/populations/{table.pk}/")
    assert "Residents by age" in _read(town, "/desk/surveys/populations/")
    assert "Residents by age (2020)" in _read(town, f"/desk/surveys/waves/{wave.pk}/weights/")

    address = f"/desk/surveys/waves/{wave.pk}/weights/"
    refused = town.post(address, {"m-age": str(table.pk), "joins": "60+ = old", "most": "0"})
    assert refused.status_code == 302  # joined on both sides
    town.post(address, {"m-age": str(table.pk), "joins": "", "most": "3", "only_there": "on"})
    page = _read(town, f"/desk/surveys/waves/{wave.pk}/")
    assert "The design effect is large" in page and "weights were cut to 3 times the mean" in page
    look = _read(town, f"/desk/surveys/waves/{wave.pk}/look/overview/")
    assert "Weighted to Residents by age (2020), An invented census" in look
    broken = town.post(address, {"m-age": str(table.pk), "joins": "nonsense", "most": "3"})
    assert broken.status_code == 422 and "Line 1 cannot be read" in broken.content.decode()
    town.post(f"/desk/surveys/waves/{wave.pk}/unweight/")
    assert "not weighted" in _read(town, f"/desk/surveys/waves/{wave.pk}/look/overview/")
    town.post(f"/desk/surveys/populations/{table.pk}/do/", {"deed": "undo"})
    assert "Taken back" in _read(town, f"/desk/surveys/populations/{table.pk}/")
    town.post("/desk/surveys/populations/bring/", about | {"name": "B", "file": _file("age,people\n18–29,5\n60+,3\n")})
    town.post(f"/desk/surveys/populations/{PopulationTable.objects.latest('pk').pk}/do/", {"deed": "give_up"})
    assert PopulationTable.objects.count() == 1


def test_a_second_person_releases_a_wave_and_residents_read_it_without_small_cells(
    town: Client, city: City, devi: User, signed_in: Any
) -> None:
    wave, everybody = SurveyWave.objects.get(), Client()
    assert "No survey is published yet" in _read(everybody, "/surveys/")
    assert everybody.get("/surveys/trust-in-the-neighborhood/").status_code == 404
    deed = f"/desk/surveys/waves/{wave.pk}/"
    assert town.post(f"{deed}release/").status_code == 404  # an analyst does not release
    town.post(f"{deed}propose/")
    ed = signed_in(city.ed)
    assert "Devi Analyst proposes" in _read(ed, deed)
    assert ed.post(f"{deed}delete/", {"reason": "x"}).status_code == 404
    ed.post(f"{deed}release/")
    page = _read(everybody, "/surveys/trust-in-the-neighborhood/")
    assert "95% interval" in page and "Trust barometer by area" in page and "North" in page
    assert "Trust in the neighborhood" in _read(everybody, "/surveys/")
    table = everybody.get("/surveys/trust-in-the-neighborhood/areas.csv?question=respect").content.decode()
    assert "North" in table and "South" in table
    small = everybody.get("/surveys/trust-in-the-neighborhood/groups.csv?question=called&by=language").content.decode()
    assert re.search(r"Polish,\*,,,\*", small) and small.count("*") > 2  # and so is what gives them away
    assert everybody.get("/surveys/trust-in-the-neighborhood/areas.svg?question=respect").status_code == 200
    assert everybody.get("/surveys/trust-in-the-neighborhood/nothing.csv").status_code == 404

    refused = town.post(f"{deed}delete/", {"reason": "A mistake"}, follow=True).content.decode()
    assert "Withdraw it first" in refused and SurveyWave.objects.exists()
    ed.post(f"{deed}withdraw/", {"reason": ""})
    assert SurveyWave.objects.get().released_at
    ed.post(f"{deed}withdraw/", {"reason": "The institute corrects it."})
    assert everybody.get("/surveys/trust-in-the-neighborhood/").status_code == 404
    assert "The institute corrects it." in _read(town, deed)
    verbs = list(Entry.objects.filter(subject_kind="wave").order_by("number").values_list("verb", flat=True))
    assert verbs == ["wave.imported", "wave.proposed", "wave.released", "wave.withdrawn"]


def test_nobody_releases_what_they_proposed_and_a_change_needs_a_new_proposal(
    town: Client, city: City, signed_in: Any
) -> None:
    wave = SurveyWave.objects.get()
    ada = signed_in(city.ada)
    ada.post(f"/desk/surveys/waves/{wave.pk}/propose/")
    own = ada.post(f"/desk/surveys/waves/{wave.pk}/release/", follow=True).content.decode()
    assert "You proposed it" in own and not SurveyWave.objects.get().released_at
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyWave.objects.update(released_by=city.ada, released_at=make.NOW)
    second = _bring(town, as_csv(rows(90, seed=8)), series="trust-in-the-neighborhood")
    answer = _import(town, second)
    assert answer.status_code == 302, re.findall(r'class="errors.*?</div>', answer.content.decode(), re.S)
    assert SurveyWave.objects.get().proposed_by is None  # what was proposed is no longer there
    late = signed_in(city.ed).post(f"/desk/surveys/waves/{wave.pk}/release/", follow=True).content.decode()
    assert "Propose it first" in late


def test_how_people_were_asked_is_corrected_and_a_form_loses_its_weights(town: Client, devi: User) -> None:
    wave = SurveyWave.objects.get()
    table = surveying.population(devi, "age,people\n18–29,70\n30–59,20\n60+,10\n", group="Age")
    town.post(f"/desk/surveys/waves/{wave.pk}/weights/", {"m-age": str(table.pk), "joins": "", "most": "5"})
    assert SurveyWave.objects.get().weights
    address, said = f"/desk/surveys/waves/{wave.pk}/facts/", ABOUT | {"sampling": "form"}
    assert 'value="Spring"' in _read(town, address)
    wrong = town.post(address, said | {"last_on": "2025-01-01"})
    assert wrong.status_code == 422 and "Turn them round" in wrong.content.decode()
    town.post(address, said)
    assert "is not a sample" in _read(town, f"/desk/surveys/waves/{wave.pk}/look/overview/")
    assert not SurveyWave.objects.get().weights
    assert Entry.objects.get(verb="wave.corrected").data["before"]["sampling"] == "probability"
    other = town.post("/desk/surveys/bring/", ABOUT | {"series": "trust-in-the-neighborhood", "invited": "5",
                                                       "file": _file(as_csv(rows(20, seed=4)))})  # fmt: skip
    assert other.status_code == 422 and "asked otherwise" in other.content.decode()


def test_a_survey_says_when_its_next_wave_is_due_and_is_deleted_with_a_reason(town: Client) -> None:
    assert "was due on" in _read(town, "/desk/surveys/")  # the wave of March 2025, every six months
    evidence = _read(town, "/desk/evidence/")
    assert "Trust in the neighborhood: was due on" in evidence and 'href="/desk/surveys/">Surveys</a></p>' in evidence
    page = _read(town, "/desk/surveys/series/trust-in-the-neighborhood/")
    assert "Asked every 6 months" in page and "Not at all | A little" in page
    town.post("/desk/surveys/series/trust-in-the-neighborhood/delete/", {"reason": ""})
    assert SurveySeries.objects.exists()
    town.post("/desk/surveys/series/trust-in-the-neighborhood/delete/", {"reason": "The contract ended."})
    assert not SurveySeries.objects.exists()
    assert Entry.objects.get(verb="survey.deleted").data["reason"] == "The contract ended."


def test_surveys_are_read_by_oversight_and_brought_in_by_analysts_alone(
    town: Client, city: City, signed_in: Any
) -> None:
    wave = SurveyWave.objects.get()
    olive = signed_in(make.user("Olive Oversight", "oversight"))
    assert "See the results" in _read(olive, f"/desk/surveys/waves/{wave.pk}/")
    assert "95% interval" in _read(olive, f"/desk/surveys/waves/{wave.pk}/look/areas/")
    for who in (city.omar, city.pat, city.sam):
        assert signed_in(who).get("/desk/surveys/bring/").status_code == 404
    assert signed_in(city.omar).get(f"/desk/surveys/waves/{wave.pk}/look/areas/").status_code == 404


def test_whom_we_heard_from_stands_beside_who_lives_here(city: City, devi: User, signed_in: Any) -> None:
    Area.objects.filter(code="north").update(population={"2020": 1000})
    Area.objects.filter(code="south").update(population={"2020": 3000})
    for number in range(30):
        make.concern(city.noise, place=make.SOUTH if number < 3 else make.NORTH,
                     language="es" if number < 8 else "en")  # fmt: skip
    client = signed_in(devi)
    days = f"?first={make.NOW:%Y-%m-%d}&last={make.NOW:%Y-%m-%d}"
    page = _read(client, f"/desk/surveys/heard-from/area/{days}")
    assert "30 reports" in page and "*" in page  # three of the south are hidden, and so is what gives them away
    for number in range(6):
        make.concern(city.noise, place=make.SOUTH, text=f"Noise {number}")
    page = _read(client, f"/desk/surveys/heard-from/area/{days}")
    assert "heard less" in page and "“South” least" in page
    surveying.population(devi, "language,people\nEnglish,3000\nSpanish,900\nPolish,100\n", group="Language")
    page = _read(client, f"/desk/surveys/heard-from/language/{days}")
    assert "An invented census" in page and "Polish" in page
    assert "Percent of reports" in _read(client, f"/desk/surveys/heard-from/channel/{days}")
    for sort in ("csv", "svg", "png", "txt"):
        assert client.get(f"/desk/surveys/heard-from/area.{sort}{days}").status_code == 200
    wrong = client.get("/desk/surveys/heard-from/area/?first=soon")
    assert wrong.status_code == 422 and "soon" in wrong.content.decode()
    assert "No report of a resident" in _read(client, "/desk/surveys/heard-from/area/?first=1999-01-01&last=1999-01-02")
    assert client.get("/desk/surveys/heard-from/shoe-size/").status_code == 404
    assert client.get("/desk/surveys/heard-from/", follow=True).status_code == 200


def test_a_survey_is_retired_and_put_back_in_the_office(town: Client) -> None:
    series = SurveySeries.objects.get()
    assert series.name in _read(town, "/office/survey/")
    retire = f"/office/survey/{series.pk}/retire/"
    town.post(retire)
    series.refresh_from_db()
    assert series.retired_at is not None
    town.post(retire)
    series.refresh_from_db()
    assert series.retired_at is None
