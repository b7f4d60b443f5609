"""Judging neighborhood watch: a plan that begins with what is known, a drop that comparison takes apart, the caveat."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from commonbeat.community.models import User
from commonbeat.evidence.studies.models import Dataset, PlanVersion, Run, Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.programmes import PROGRAMMES, caveat_of
from commonbeat.evidence.studies.running import carry_out
from tests import make
from tests.conftest import City
from tests.evidence.incidents import source as records

UNITS = tuple(f"Area {number:02}" for number in range(30))
MONTHS = tuple(f"{2022 + number // 12}-{number % 12 + 1:02}" for number in range(48))
START = 36
CAVEAT = "A drop in the watch areas alone, however large, shows nothing"


@pytest.fixture
def ana(city: City) -> User:
    return make.user("Ana Analyst", "analyst")


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def _counts() -> Any:
    """Property crime that no programme touches: each area at its own level, with bad and good months.

    Over 2,000 such draws the watched areas fall by 35 % in the middle; this one falls by 40 %.
    """
    rng = np.random.default_rng(17)
    level = np.exp(rng.normal(2.2, 0.4, len(UNITS)))[:, None] * np.ones(len(MONTHS))
    return rng.negative_binomial(3, 3 / (3 + level))


def _watched(counts: Any) -> list[str]:
    """Where neighbors began a watch: after the worst three months."""
    worst = np.argsort(-counts[:, START - 3 : START].sum(axis=1) / counts[:, :START].mean(axis=1))
    return [UNITS[number] for number in worst[:6]]


def _table(counts: Any) -> SimpleUploadedFile:
    lines = ["area,period,count"]
    lines += [f"{unit},{month},{counts[u, m]}" for u, unit in enumerate(UNITS) for m, month in enumerate(MONTHS)]
    return SimpleUploadedFile("property.csv", "\n".join(lines).encode(), content_type="text/csv")


def test_a_watch_that_follows_a_bad_time_is_no_success_and_the_report_says_why(
    city: City, ana: User, signed_in: Any
) -> None:
    client, counts = signed_in(ana), _counts()
    named = {"name": "Property crime", "outcome_name": "property crimes", "unit_name": "areas",
             "period_name": "months", "file": _table(counts)}  # fmt: skip
    assert client.post("/desk/studies/data/new/", named).status_code == 302
    assert "Neighborhood watch" in _read(client, "/desk/studies/new/")
    table = Study._meta.get_field("dataset").related_model.objects.get()  # type: ignore[union-attr]
    client.post("/desk/studies/new/", {"title": "Does the watch help?", "sort": "watch", "dataset": str(table.pk)})
    study = Study.objects.get()
    page = _read(client, f"/desk/studies/{study.pk}/plan/")
    assert "Neighbors of a block look out" in page and "watch meetings" in page and CAVEAT in page
    watched = _watched(counts)
    plan = {
        "version": study.version, "programme": "Six blocks began a watch.", "treated": watched, "start": MONTHS[START],
        "length": "3", "expected": "-30", "rule": "all", "looked_back": "3", "dose": "watch meetings",
        "dose_planned": "6", "sort": "watch",
    }  # fmt: skip
    assert client.post(f"/desk/studies/{study.pk}/plan/", plan).status_code == 302
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    assert "Neighborhood watch" in _read(client, f"/desk/studies/{study.pk}/versions/1/")
    client.post(f"/desk/studies/{study.pk}/run/")
    run = carry_out(Run.objects.get().pk)
    assert run.state == Run.State.DONE and run.result is not None, run.problem
    inside = [UNITS.index(unit) for unit in watched]
    before, after = (counts[inside, a:b].sum() for a, b in ((START - 3, START), (START, START + 3)))
    assert after < 0.7 * before, "the number that would be told without a comparison"
    assert run.result["verdict"] not in {"clear", "doubtful"}
    report = _read(client, f"/desk/studies/{study.pk}/runs/{run.pk}/")
    assert "What misleads about such programmes?" in report and CAVEAT in report
    words = {"version": "0", "title-en": "Does the watch help?", "tried-en": "Six blocks.", "next-en": "Go on."}
    client.post(f"/desk/studies/{study.pk}/page/words/", words)
    signed_in(city.sam).post(f"/desk/studies/{study.pk}/page/publish/", {"version": "1"})
    assert CAVEAT in _read(Client(), f"/studies/{study.slug}/")


def test_the_sort_of_a_draft_can_be_changed_and_words_of_ones_own_stay(city: City, ana: User, signed_in: Any) -> None:
    client, counts = signed_in(ana), _counts()
    named = {"name": "Property crime", "outcome_name": "property crimes", "unit_name": "areas",
             "period_name": "months", "file": _table(counts)}  # fmt: skip
    client.post("/desk/studies/data/new/", named)
    client.post(
        "/desk/studies/new/", {"title": "Does it help?", "sort": "watch", "dataset": str(Dataset.objects.get().pk)}
    )
    study = Study.objects.get()
    watch, patrol = PROGRAMMES["watch"], PROGRAMMES["patrol"]
    plan = {
        "programme": watch.done, "dose": watch.dose, "treated": _watched(counts), "start": MONTHS[START], "length": "3",
        "expected": "-20", "rule": "all", "looked_back": "3",
    }  # fmt: skip

    def save(**changes: str) -> Plan:
        study.refresh_from_db()
        sent = plan | {"version": study.version} | changes
        assert client.post(f"/desk/studies/{study.pk}/plan/", sent).status_code == 302
        study.refresh_from_db()
        return Plan.from_dict(study.draft)

    moved = save(sort="patrol")
    assert (moved.sort, moved.programme, moved.dose) == ("patrol", patrol.done, patrol.dose)
    page = _read(client, f"/desk/studies/{study.pk}/plan/")
    assert "Hot spots are chosen after a bad time" in page and CAVEAT not in page
    own = save(sort="places", programme="Lamps on ten corners.", dose=patrol.dose)
    assert (own.programme, own.dose) == ("Lamps on ten corners.", PROGRAMMES["places"].dose)
    none = save(sort="", programme="Lamps on ten corners.", dose="lamps")
    assert (none.sort, none.dose) == ("", "lamps") and "sort" not in study.draft
    assert "What misleads about such programmes" not in _read(client, f"/desk/studies/{study.pk}/plan/")
    refused = client.post(f"/desk/studies/{study.pk}/plan/", plan | {"version": study.version, "sort": "made-up"})
    assert refused.status_code == 422


def test_what_such_programmes_mean_to_reduce_is_counted_unless_categories_are_named(
    city: City, ana: User, signed_in: Any
) -> None:
    days = [dt.datetime(2023 + month // 12, month % 12 + 1, 5, 12) for month in range(24)]
    kinds = ("BURGLARY", "MOTOR VEHICLE THEFT", "HOMICIDE")
    records([(day, place, kind) for day in days for place in (make.NORTH, make.SOUTH) for kind in kinds])
    records([(day, make.NORTH, "HOMICIDE") for day in days], slug="homicide")
    client = signed_in(ana)
    sent = {"title": "Watch", "sort": "watch", "source": "burglary", "areas": "community_area@1", "period": "month",
            "start": "2023-01-01"}  # fmt: skip
    refused = client.post("/desk/studies/new/records/", sent | {"source": "homicide"})
    assert refused.status_code == 422 and "Name the categories that count" in refused.content.decode()
    for changes, counted in (
        ({}, ["BURGLARY", "MOTOR VEHICLE THEFT"]), ({"outcome": "BURGLARY"}, ["BURGLARY"]), ({"sort": "patrol"}, []),
    ):  # fmt: skip
        assert client.post("/desk/studies/new/records/", sent | changes).status_code == 302
        assert Study.objects.latest("pk").request["outcome"] == counted
    assert not PlanVersion.objects.exists(), "nothing is frozen by beginning"


def test_plans_without_a_sort_keep_their_stamp_and_unknown_sorts_say_nothing() -> None:
    assert "sort" not in Plan(programme="Lights").as_dict() and caveat_of("something-else") == caveat_of("") == ""
    for one in PROGRAMMES:
        assert one.name and one.done and one.dose and one.caveat == caveat_of(one.slug)
