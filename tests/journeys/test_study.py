"""A study on real history, from the plan to the public page: fake programmes must not look like success."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commonbeat.community.models import User
from commonbeat.evidence.studies.models import Dataset, PlanVersion, Run, Study, StudyPage
from commonbeat.evidence.studies.running import carry_out
from commonbeat.evidence.studies.tables import write_table
from commonbeat.interfaces.cli.study import command
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence.chicago import assaults
from tests.evidence.incidents import source as records

HISTORY = 96
"""Months before 2018."""


@pytest.fixture
def ana(city: City) -> User:
    return make.user("Ana Analyst", "analyst")


def _table(until: int) -> SimpleUploadedFile:
    panel = assaults()
    text = write_table(panel.take(periods=range(until)))
    return SimpleUploadedFile("assaults.csv", text.encode(), content_type="text/csv")


def _hot() -> list[str]:
    panel = assaults()
    order = np.argsort(-panel.outcome[:, HISTORY - 6 : HISTORY].sum(axis=1))
    return [panel.units[n] for n in order[:6]]


def _bring(client: Client, until: int) -> Dataset:
    sent = {"name": f"Assaults until {until}", "outcome_name": "assaults", "unit_name": "areas",
            "period_name": "months", "file": _table(until)}  # fmt: skip
    answer = client.post("/desk/studies/data/new/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return Dataset.objects.latest("id")


def _plan(study: Study, **changes: Any) -> dict[str, Any]:
    return {
        "version": study.version, "programme": "More officers on foot in the six busiest areas.", "treated": _hot(),
        "start": "2018-01", "length": "12", "expected": "-20", "rule": "alike", "each": "3", "looked_back": "6",
        "dose": "hours of foot patrol", "dose_planned": "400", **changes,
    }  # fmt: skip


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_from_the_plan_to_the_public_page(city: City, ana: User, signed_in: Any) -> None:
    client = signed_in(ana)
    early = _bring(client, HISTORY)
    answer = client.post("/desk/studies/new/", {"title": "Does foot patrol help?", "dataset": str(early.pk)})
    study = Study.objects.get()
    assert answer["Location"] == f"/desk/studies/{study.pk}/plan/"
    assert "Save the plan" in _read(client, answer["Location"])

    assert client.post(f"/desk/studies/{study.pk}/plan/", _plan(study)).status_code == 302
    study.refresh_from_db()
    assert len(study.draft["comparison"]) == 18 and not set(study.draft["comparison"]) & set(_hot())
    page = _read(client, f"/desk/studies/{study.pk}/plan/")
    assert "this study finds a reduction of" in page and "changed by" in page and "Poisson difference" in page

    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    frozen = PlanVersion.objects.get()
    assert frozen.registered and len(frozen.stamp) == 64
    assert frozen.stamp in _read(client, f"/desk/studies/{study.pk}/versions/1/")

    late = _bring(client, 120)
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/data/", {"version": study.version, "dataset": str(late.pk)})
    study.refresh_from_db()
    amounts = "\n".join(f"2018-{month:02}, 380" for month in range(1, 13))
    client.post(f"/desk/studies/{study.pk}/dose/", {"version": study.version, "amounts": amounts})
    answer = client.post(f"/desk/studies/{study.pk}/run/")
    run = Run.objects.get()
    assert answer["Location"] == f"/desk/studies/{study.pk}/runs/{run.pk}/"
    assert 'http-equiv="refresh"' in _read(client, answer["Location"])

    carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.problem
    assert run.result is not None and run.result["verdict"] == "nothing-large"
    states = {check["slug"]: check["state"] for check in run.result["checks"]}
    assert states["registered"] == states["unchanged"] == states["complete"] == states["dose"] == "pass"
    report = _read(client, answer["Location"])
    assert "No change as large as expected" in report and "Would such places have calmed down by themselves?" in report
    assert client.get(f"{answer['Location']}course.svg")["Content-Type"].startswith("image/svg+xml")

    words = {"version": "0", "title-en": "Does foot patrol help?", "tried-en": "More officers walked in six areas.",
             "next-en": "We stop and try street lights."}  # fmt: skip
    assert client.post(f"/desk/studies/{study.pk}/page/words/", words).status_code == 302
    stranger = Client()
    assert stranger.get(f"/studies/{study.slug}/").status_code == 404
    refused = client.post(f"/desk/studies/{study.pk}/page/publish/", {"version": "1"})
    assert refused.status_code == 404  # an analyst is no publisher
    sam = signed_in(city.sam)
    assert "Exactly what the public will see" in _read(sam, f"/desk/studies/{study.pk}/page/")
    assert sam.post(f"/desk/studies/{study.pk}/page/publish/", {"version": "1"}).status_code == 302
    public = _read(stranger, f"/studies/{study.slug}/")
    for said in (
        "No change as large as expected",
        "What we expected",
        "How sure we are",
        "We stop and try street lights",
    ):
        assert said in public
    assert "Does foot patrol help?" in _read(stranger, "/studies/")
    told = json.loads(_read(stranger, f"/studies/{study.slug}/study.json"))
    assert told["stamp"] == frozen.stamp and "job" not in told and "series" not in told["result"]["first"]
    assert stranger.get(f"/studies/{study.slug}/estimates.svg").status_code == 200
    assert stranger.get(f"/studies/{study.slug}/second.svg").status_code == 404
    late = client.post(f"/desk/studies/{study.pk}/page/words/", words | {"version": "2"})
    assert late.status_code == 409 and "A publisher withdraws it first" in late.content.decode()
    assert stranger.get(f"/studies/{study.slug}/").status_code == 200
    sam.post(f"/desk/studies/{study.pk}/page/withdraw/", {"reason": "A mistake in the table."})
    assert stranger.get(f"/studies/{study.slug}/").status_code == 404
    assert StudyPage.objects.get().state == "withdrawn"
    verbs = list(Entry.objects.about("study", study.pk).order_by("number").values_list("verb", flat=True))
    assert verbs == [
        "study.started", "study.planned", "study.frozen", "study.data", "study.dose", "study.run_asked",
        "study.run_done", "study.page_written", "study.published", "study.withdrawn",
    ]  # fmt: skip


def test_a_frozen_plan_is_never_changed_but_a_new_version_stands_beside_it(
    city: City, ana: User, signed_in: Any
) -> None:
    client = signed_in(ana)
    table = _bring(client, 120)
    client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(table.pk)})
    study = Study.objects.get()
    client.post(f"/desk/studies/{study.pk}/plan/", _plan(study))
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    study.refresh_from_db()
    again = client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    assert again.status_code == 409 and "frozen already" in again.content.decode()
    client.post(f"/desk/studies/{study.pk}/plan/", _plan(study, length="6"))
    study.refresh_from_db()
    without = client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    assert without.status_code == 409 and "Say why the frozen plan is changed" in without.content.decode()
    reason = "The budget ends after six months."
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version, "reason": reason})
    first, second = PlanVersion.objects.order_by("number")
    assert first.stamp != second.stamp and not first.registered  # the table holds 2018 and 2019 already
    page = _read(client, f"/desk/studies/{study.pk}/")
    assert "Version 1" in page and "Version 2" in page and reason in page
    assert "Version 2 counts now" in _read(client, f"/desk/studies/{study.pk}/versions/1/")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.filter(pk=first.pk).update(stamp="0" * 64)


def test_a_table_that_cannot_be_read_is_refused_with_its_line_and_nothing_typed_is_lost(
    city: City, ana: User, signed_in: Any
) -> None:
    client = signed_in(ana)
    sent = {"name": "Burglaries", "outcome_name": "burglaries", "unit_name": "beats", "period_name": "weeks"}
    cases = {
        "area,period,count\n0111,2026-01,many\n": "Line 2: “many” is no count",
        "area,month\n0111,2026-01\n": "no column “count”",
        "area,period,count\n0111,2026-01,3\n0112,2026-02,4\n": "0111",
        "": "Choose a file or paste the table",
    }
    for pasted, problem in cases.items():
        answer = client.post("/desk/studies/data/new/", sent | {"pasted": pasted})
        page = answer.content.decode()
        assert answer.status_code == 422 and problem in page, (pasted, page[-3000:])
        assert 'value="burglaries"' in page
    assert not Dataset.objects.exists()
    answer = client.get("/desk/studies/new/")
    assert answer["Location"] == "/desk/studies/data/new/"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"treated": []}, "Answer this question"),
        ({"start": "2009-12"}, "The data begin in 2010-01"),
        ({"start": "January"}, "Write the period like those of the data"),
        ({"starts": "08 2018-03"}, "Line 1: write an area, a comma and a period"),
        ({"rule": "named", "comparison": "Atlantis"}, "“Atlantis” is not among the areas"),
    ],
)
def test_a_plan_that_the_data_cannot_mean_says_where_to_mend_it(
    city: City, ana: User, signed_in: Any, changes: dict[str, Any], problem: str
) -> None:
    client = signed_in(ana)
    client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(_bring(client, HISTORY).pk)})
    study = Study.objects.get()
    answer = client.post(f"/desk/studies/{study.pk}/plan/", _plan(study, **changes))
    page = answer.content.decode()
    assert answer.status_code == 422 and problem in page, page
    assert "More officers on foot" in page
    study.refresh_from_db()
    assert study.draft["treated"] == []


def test_a_run_that_waits_is_cancelled_and_its_job_does_nothing(city: City, ana: User, signed_in: Any) -> None:
    client = signed_in(ana)
    client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(_bring(client, 120).pk)})
    study = Study.objects.get()
    client.post(f"/desk/studies/{study.pk}/plan/", _plan(study))
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    client.post(f"/desk/studies/{study.pk}/run/")
    run = Run.objects.get()
    client.post(f"/desk/studies/{study.pk}/runs/{run.pk}/cancel/")
    carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED and run.result is None
    assert "cancelled" in _read(client, f"/desk/studies/{study.pk}/runs/{run.pk}/")
    assert client.get(f"/desk/studies/{study.pk}/runs/{run.pk}/report.json").status_code == 404


def test_a_run_that_works_stops_when_somebody_asks(city: City, ana: User, signed_in: Any) -> None:
    client = signed_in(ana)
    client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(_bring(client, 120).pk)})
    study = Study.objects.get()
    client.post(f"/desk/studies/{study.pk}/plan/", _plan(study))
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    asked = Run.objects.create(plan=PlanVersion.objects.get(), dataset=study.dataset, asked_at=make.NOW)
    stages: list[str] = []

    def ask_to_stop(_percent: int, stage: str) -> None:
        stages.append(stage)
        Run.objects.filter(pk=asked.pk).update(cancel_asked=True)

    run = carry_out(asked.pk, ask_to_stop)
    assert run.state == Run.State.CANCELLED and run.result is None and stages[0] == "Reading the data"
    assert client.post(f"/desk/studies/{study.pk}/runs/{run.pk}/cancel/").status_code == 302  # it is over already
    Run.objects.filter(pk=asked.pk).update(state=Run.State.RUNNING)  # as if the worker had died over it
    again = client.post(f"/desk/studies/{study.pk}/run/")["Location"]
    assert again != f"/desk/studies/{study.pk}/runs/{run.pk}/"
    assert client.post(f"/desk/studies/{study.pk}/run/")["Location"] == again  # asking twice gives the same one


def test_lists_ask_the_same_number_of_questions_however_many_studies_there_are(
    city: City, ana: User, signed_in: Any
) -> None:
    client = signed_in(ana)
    table = _bring(client, HISTORY)

    def counted() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/desk/studies/").status_code == 200
        return len(asked)

    def freeze_another() -> None:
        client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(table.pk)})
        study = Study.objects.latest("id")
        client.post(f"/desk/studies/{study.pk}/plan/", _plan(study))
        study.refresh_from_db()
        client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})

    freeze_another()
    counted()
    few = counted()
    freeze_another()
    freeze_another()
    assert counted() == few
    assert PlanVersion.objects.count() == 3


def test_the_report_is_a_tagged_pdf_and_a_file_that_recomputes_to_the_same_numbers(
    city: City, ana: User, signed_in: Any, tmp_path: Path
) -> None:
    client = signed_in(ana)
    client.post("/desk/studies/new/", {"title": "Patrol", "dataset": str(_bring(client, 120).pk)})
    study = Study.objects.get()
    client.post(f"/desk/studies/{study.pk}/plan/", _plan(study))
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    ran = CliRunner().invoke(command, ["run", study.slug])
    assert ran.exit_code == 0 and "No change as large as expected" in ran.output, ran.output
    run = Run.objects.get()
    pdf = client.get(f"/desk/studies/{study.pk}/runs/{run.pk}/report.pdf").content
    assert pdf.startswith(b"%PDF") and b"/StructTreeRoot" in pdf and b"/Lang" in pdf
    sent = client.get(f"/desk/studies/{study.pk}/runs/{run.pk}/report.json").content
    file = tmp_path / "report.json"
    file.write_bytes(sent)
    again = CliRunner().invoke(command, ["recompute", str(file)])
    assert again.exit_code == 0 and "Every number is the same" in again.output, again.output
    told = json.loads(sent)
    told["result"]["first"]["estimate"] += 1e-6
    file.write_text(json.dumps(told))
    assert "/first/estimate" in CliRunner().invoke(command, ["recompute", str(file)]).output
    assert study.slug in CliRunner().invoke(command, ["list"]).output
    table = client.get(f"/desk/studies/data/{study.dataset_id}.csv")
    assert table.content.decode().startswith("area,period,count")


def test_a_study_counts_the_departments_own_records_up_to_the_last_whole_month(
    city: City, ana: User, signed_in: Any
) -> None:
    rows: list[Any] = []
    for month in range(36):
        day = dt.datetime(2012 + month // 12, month % 12 + 1, 5, 12, 0)
        rows += [(day, make.NORTH, "FORCED")] * (8 + month % 3) + [(day, make.SOUTH, "FORCED")] * (9 + month % 2)
    records([*rows, (dt.datetime(2015, 1, 3), make.NORTH, "FORCED")])
    client = signed_in(ana)
    assert client.get("/desk/studies/new/")["Location"] == "/desk/studies/new/records/"
    sent = {"title": "Door locks", "source": "burglary", "areas": "community_area@1", "period": "month",
            "start": "2012-01-02", "population": "on"}  # fmt: skip
    refused = client.post("/desk/studies/new/records/", sent)
    assert refused.status_code == 422 and "first of a month" in refused.content.decode()
    answer = client.post("/desk/studies/new/records/", sent | {"start": "2012-01-01"})
    study = Study.objects.get()
    assert answer["Location"] == f"/desk/studies/{study.pk}/plan/"
    plan = _plan(study, treated=["north"], start="2014-01", rule="all", looked_back="3", design="poisson-did",
                 second="synthetic-did")  # fmt: skip
    assert client.post(f"/desk/studies/{study.pk}/plan/", plan).status_code == 302
    page = _read(client, f"/desk/studies/{study.pk}/plan/")
    assert "North" in page and "There is nothing" not in page
    study.refresh_from_db()
    forced = {"version": study.version, "count-name": "forced entries", "count-what": ["FORCED"]}
    assert client.post(f"/desk/studies/{study.pk}/outcomes/count/", forced).status_code == 302
    study.refresh_from_db()
    assert study.draft["further"][0]["sorts"] == ["FORCED"]
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    frozen = PlanVersion.objects.get()
    assert frozen.known_after == 12 and frozen.ahead["labels"] == {"north": "North"}
    client.post(f"/desk/studies/{study.pk}/run/")
    run = carry_out(Run.objects.get().pk)
    assert run.state == Run.State.DONE, run.problem
    assert run.result is not None and run.result["verdict"] == "no-answer"  # one area against one
    (other,) = run.result["outcomes"]
    assert other["result"]["sort"] == "refusal" and run.result["adjustment"] == {"method": "", "p": {}}
    job = json.loads(run.job)
    assert sum(map(sum, job["counts"][other["key"]])) == len(rows)
    page = _read(client, f"/desk/studies/{study.pk}/runs/{run.pk}/")
    assert "These data cannot answer the question" in page and "Needed:" in page
