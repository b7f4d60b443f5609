"""A study that looks at several things: another count, what people say, two groups, and one more named too late."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from django.test import Client

from commonbeat.community.models import User
from commonbeat.evidence.stats import Refusal
from commonbeat.evidence.studies import adding, more, outcomes
from commonbeat.evidence.studies.data import panel_of
from commonbeat.evidence.studies.models import PlanVersion, Run, Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.surveys import release
from commonbeat.evidence.surveys.models import SurveyWave
from commonbeat.interfaces.cli.study import command
from commonbeat.interfaces.web.kinds.problem.words import study_words
from commonbeat.journal.models import Entry
from tests import make
from tests.conftest import City
from tests.evidence import surveying
from tests.reading_pdf import text_of

UNITS = ("North", *(f"Area {n:02}" for n in range(1, 16)), "South")
TREATED = UNITS[:8]
MONTHS = tuple(f"{2022 + n // 12}-{n % 12 + 1:02}" for n in range(48))
START = "2025-04"


def _table() -> str:
    """Burglaries by night and day and robberies; where the programme runs the nights get calmer from April 2025 on."""
    rng, lines = np.random.default_rng(4), ["area,period,count,Robberies,night"]
    for unit in UNITS:
        for month in MONTHS:
            calm = 0.4 if unit in TREATED and month >= START else 1.0
            night, day = rng.poisson(24 * calm), rng.poisson(20)
            lines.append(f"{unit},{month},{night + day},{rng.poisson(12)},{night}")
    return "\n".join(lines)


@pytest.fixture
def ana(city: City) -> User:
    return make.user("Ana Analyst", "analyst")


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def _add(client: Client, sort: str, /, **given: Any) -> Any:
    study = Study.objects.get()
    sent = {f"{sort}-{name}": value for name, value in given.items() if name != "where"}
    sent |= {"version": study.version} | ({"where": given["where"]} if "where" in given else {})
    return client.post(f"/desk/studies/{study.pk}/outcomes/{sort}/", sent)


def _refused(client: Client, sort: str, said: str, /, **given: Any) -> None:
    answer = _add(client, sort, **given)
    page = answer.content.decode()
    assert answer.status_code == 422 and said in page, page
    if given.get("name"):
        assert f'value="{given["name"]}"' in page, "what was typed is still there"


def _planned(client: Client) -> Study:
    sent = {"name": "Burglaries", "outcome_name": "burglaries", "unit_name": "areas", "period_name": "months",
            "file": io.BytesIO(_table().encode())}  # fmt: skip
    sent["file"].name = "burglaries.csv"  # type: ignore[attr-defined]
    bring = client.post("/desk/studies/data/new/", sent)
    assert bring.status_code == 302, bring.content.decode()
    client.post("/desk/studies/new/", {"title": "Do night walks help?", "dataset": bring["Location"].split("=")[1]})
    study = Study.objects.get()
    assert "Write the plan first" in _read(client, f"/desk/studies/{study.pk}/outcomes/")
    plan = {
        "version": study.version, "programme": "Neighbours walk at night.", "treated": list(TREATED), "start": START,
        "length": "9", "expected": "-20", "rule": "all", "looked_back": "12", "design": "poisson-did", "second": "wdd",
    }  # fmt: skip
    assert client.post(f"/desk/studies/{study.pk}/plan/", plan).status_code == 302
    return study


def test_every_outcome_is_named_beforehand_told_whatever_it_says_and_released_like_its_survey(
    city: City, ana: User, signed_in: Any, tmp_path: Path
) -> None:
    client = signed_in(ana)
    study = _planned(client)
    spring = surveying.wave(ana, surveying.as_csv(surveying.rows(300)), areas="community_area@1")
    form = surveying.wave(ana, surveying.as_csv(surveying.rows(60, seed=9)), name="Open house", series=spring.series,
                          month=2, sampling="form", areas="community_area@1")  # fmt: skip
    assert "Robberies" in _read(client, f"/desk/studies/{study.pk}/outcomes/")

    assert _add(client, "count", name="robberies", what="Robberies").status_code == 302
    _refused(client, "count", "This is in the plan already", name="robberies", what="Robberies")
    assert _add(client, "count", name="nights", what="night").status_code == 302
    study.refresh_from_db()
    key = study.draft["further"][1]["key"]
    client.post(f"/desk/studies/{study.pk}/outcomes/drop/", {"version": study.version, "key": key})
    gone = client.post(f"/desk/studies/{study.pk}/outcomes/drop/", {"version": study.version, "key": key})
    assert gone.status_code == 409 and "not there any more" in gone.content.decode()
    respect = f"{spring.pk}:respect:good"
    _refused(client, "question", "is a feedback form", asked=f"{form.pk}:respect:good", again_from="2025-09-01")
    _refused(client, "question", "has to begin after the last day", asked=respect, again_from="2025-03-15")
    assert _add(client, "question", asked=respect, again_from="2025-09-01").status_code == 302
    _refused(client, "split", "Say which areas, or which part", name="Where", first="Old town", second="Elsewhere")
    _refused(client, "split", "All areas with the programme would be", name="Where", first="a", second="b",
             areas=list(UNITS))  # fmt: skip
    assert _add(client, "split", name="When", first="by night", second="by day", what="night").status_code == 302
    assert _add(client, "split", name="Where", first="Old town", second="Elsewhere", areas=list(UNITS[:4]),
                where="plan").status_code == 302  # fmt: skip

    page = _read(client, f"/desk/studies/{study.pk}/plan/")
    assert "robberies in the chosen places, this study finds" in page and "percentage points or more" in page
    study.refresh_from_db()
    client.post(f"/desk/studies/{study.pk}/freeze/", {"version": study.version})
    frozen = PlanVersion.objects.get()
    assert frozen.plan["outcome"] == "burglaries" and frozen.plan["further"][0]["name"] == "robberies"
    assert len(frozen.plan["splits"]) == 2 and set(frozen.ahead["histories"]) == {"o1", "o2"}
    assert "asked again from 2025-09-01 on" in _read(client, f"/desk/studies/{study.pk}/versions/1/")
    study.refresh_from_db()
    late = {"name": "Again", "first": "Walks of two", "second": "Others", "areas": list(UNITS[2:6]), "where": "later"}
    assert _add(client, "split", **late).status_code == 302
    assert "Named afterwards" in _read(client, f"/desk/studies/{study.pk}/outcomes/")

    plan = Plan.from_dict(frozen.plan)
    early = outcomes.gather(study, plan)
    files = SurveyWave.objects.filter(pk=spring.pk)
    files.update(content="f" * 64)  # as if the answers had had their time
    kept = outcomes.gather(study, plan, ahead=frozen.ahead)["asked"]["o2"]["before"]
    files.update(content=spring.content)
    assert kept == json.loads(json.dumps(early["asked"]["o2"]["before"])) and kept["gap"], "sums are frozen as well"
    waiting = more._asked(plan, plan.asked[0], early)
    assert isinstance(waiting, Refusal) and waiting.preconditions == ("follow-up",)
    autumn = surveying.wave(ana, surveying.as_csv(surveying.rows(300, seed=2)), name="Autumn", series=spring.series,
                            month=9, areas="community_area@1")  # fmt: skip
    ran = CliRunner().invoke(command, ["run", study.slug])
    assert ran.exit_code == 0 and "Robberies: no clear difference" in ran.output, ran.output
    run = Run.objects.get()
    _tell(client, run)
    sent = client.get(f"/desk/studies/{study.pk}/runs/{run.pk}/report.json").content
    (tmp_path / "report.json").write_bytes(sent)
    again = CliRunner().invoke(command, ["recompute", str(tmp_path / "report.json")])
    assert again.exit_code == 0 and "Every number is the same" in again.output, again.output
    assert "Not at all" not in json.dumps(json.loads(sent)["job"]["asked"]), "no answer of anybody leaves"

    robberies, respected = study_words(study, surveying.actor(ana))["others"]  # as the page of a problem shows them
    assert "no clear difference" in robberies["finding"] and "were not released yet" in respected["finding"]
    words = {"version": "0", "title-en": "Do night walks help?", "tried-en": "We walked.", "next-en": "We go on."}
    client.post(f"/desk/studies/{study.pk}/page/words/", words)
    sam = signed_in(city.sam)
    assert sam.post(f"/desk/studies/{study.pk}/page/publish/", {"version": "1"}).status_code == 302
    public = _read(Client(), f"/studies/{study.slug}/")
    assert "no clear difference" in public and "were not released yet" in public and "Named afterwards" in public
    told = json.loads(_read(Client(), f"/studies/{study.slug}/study.json"))
    assert [row["name"] for row in told["result"]["outcomes"]] == ["robberies"] and len(
        told["foretold"]["further"]
    ) == 1
    for wave in (spring, autumn):
        release.propose(wave, actor=surveying.actor(ana), at=make.NOW)
        release.release(wave, actor=surveying.actor(city.sam), at=make.NOW)
    assert "were not released yet" not in _read(Client(), f"/studies/{study.slug}/")
    assert len(json.loads(_read(Client(), f"/studies/{study.slug}/study.json"))["result"]["outcomes"]) == 2
    verbs = list(Entry.objects.about("study", study.pk).order_by("number").values_list("verb", flat=True))
    assert verbs.count("study.planned") == 7 and verbs.count("study.explored") == 1


def _tell(client: Client, run: Run) -> None:
    """What the report says of all of it, as a page and as a PDF."""
    assert run.result is not None
    first, asked = run.result["outcomes"]
    assert run.result["adjustment"]["method"] == "false-discovery", "a survey is no count of the same places"
    assert first["adjusted"] >= first["result"]["p"] and asked["result"]["design"] == "survey-did"
    slugs = {check["slug"] for check in run.result["checks"]}
    required = {
        "registered", "unchanged", "complete", "regression", "detectable", "agreement", "naive", "dose", "reporting",
        "several-outcomes", "explored", "trend-before", "breakdown", "placebo-start", "unusual", "displacement",
        "small-counts", "few-units", "dropped", "denominator",
    }  # fmt: skip
    assert required <= slugs and "one-outcome" not in slugs
    when, where, late = run.result["splits"]
    assert (when["planned"], where["planned"], late["planned"]) == (True, True, False)
    assert when["gap"]["interval"][1] < 1 and where["gap"]["interval"][0] < 1 < where["gap"]["interval"][1]
    page = _read(client, f"/desk/studies/{run.plan.study_id}/runs/{run.pk}/")
    for said in (
        "Every outcome",
        "The first one counts",
        "Benjamini and Hochberg",
        "Does it differ between groups?",
        "They differ by more than chance does",
        "That they differ can be chance",
        "Named afterwards: only a hint",
        "Checks of this outcome",
        "Where the programme runs",
    ):
        assert said in page, said
    pdf = client.get(f"/desk/studies/{run.plan.study_id}/runs/{run.pk}/report.pdf").content
    said = " ".join(text_of(pdf).text.split())  # without words that typesetting joins letters of
    for part in ("Every outcome", "Robberies: no clear", "percentage points"):
        assert part in said, said


def test_parts_of_what_is_counted_must_be_parts_and_plans_of_one_outcome_keep_their_stamp(
    city: City, ana: User, signed_in: Any
) -> None:
    client = signed_in(ana)
    study = _planned(client)
    text = study.dataset.text.replace(",44,", ",4,", 1) if study.dataset else ""
    assert text
    _refused(client, "split", "Choose areas or a part of the incidents, not both", name="x", first="a", second="b",
             what="night", areas=[UNITS[0]])  # fmt: skip
    _refused(client, "count", "Choose one of the answers listed", name="x", what="witchcraft")
    stale = client.post(
        f"/desk/studies/{study.pk}/outcomes/count/", {"version": "1", "count-name": "x", "count-what": "night"}
    )
    assert stale.status_code == 409 and "Somebody else changed this study" in stale.content.decode()
    assert client.post(f"/desk/studies/{study.pk}/outcomes/witch/", {"version": "2"}).status_code == 404
    study.refresh_from_db()
    late = _add(client, "split", name="x", first="a", second="b", what="night", where="later")
    assert late.status_code == 422 and "Nothing is frozen yet" in late.content.decode()
    table = surveying.population(
        ana, "area,age,people\nnorth,65+,30\nnorth,younger,70\nsouth,65+,10\nsouth,younger,90\n",
        areas="community_area@1", group="Age",
    )  # fmt: skip
    _refused(client, "split", "does not know all areas of the plan", name="Age", first="Older", second="Younger",
             share=f"{table.pk}:65+")  # fmt: skip
    two = replace(Plan.from_dict(study.draft), treated=("North", "South"))
    known = Study(dataset=study.dataset, draft=two.as_dict())
    assert adding.areas_by_share(known, table, "65+") == ("North",)
    assert adding.areas_by_share(known, table, "younger") == ("South",)
    stored = {name: value for name, value in study.draft.items() if name not in ("outcome", "further", "splits")}
    old = Plan.from_dict(stored)
    assert old.as_dict() == stored and old.further == () and old.splits == ()
    assert panel_of(study).outcome_name == "burglaries"
