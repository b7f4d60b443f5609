"""An analyst brings in a file, sees how it is read, looks at measures, takes pictures along, and takes a file back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from commonbeat.community.models import Area, User
from commonbeat.evidence.looks import repeats as looks_at_repeats
from commonbeat.evidence.models import CountedMeasure, IncidentImport, IncidentSource, Observation
from commonbeat.evidence.tasks import count_look, import_incidents, refresh_measures
from commonbeat.journal.models import AccessLog, Entry
from tests import make
from tests.conftest import City

HEAD = "Case Number,Date,Block,Primary Type,Latitude,Longitude\n"


@pytest.fixture
def devi(city: City) -> User:
    """An analyst."""
    return make.user("Devi Analyst", "analyst")


def _file(*, name: str = "crimes.csv", years: int = 4, bad: bool = True) -> SimpleUploadedFile:
    """Burglaries of some years: twice as many in the north as in the south, at night, and a few rows that are wrong."""
    lines, number = [], 0
    for month in range(12 * years):
        for day in range(1, 28, 3):
            for place, many in ((make.NORTH, 2), (make.SOUTH, 1)):
                for hour in range(many):
                    number += 1
                    stamp = f"{month % 12 + 1:02}/{day:02}/{2010 + month // 12} {1 + hour:02}:30:00 AM"
                    lines.append(f"HX{number},{stamp},{place[0]} DEMO ST,BURGLARY,{place[0]},{place[1]}")
    if bad:
        lines += ["HY1,,1 DEMO ST,BURGLARY,41.9,-87.7", "HY2,01/02/2010,1 DEMO ST,ROBBERY,,",
                  "HY3,01/02/2010,1 DEMO ST,BURGLARY,10,10"]  # fmt: skip
    return SimpleUploadedFile(name, (HEAD + "\n".join(lines) + "\n").encode())


def _bring(client: Client, file: SimpleUploadedFile, **more: Any) -> IncidentImport:
    answer = client.post("/desk/evidence/bring/", {"name": "Burglaries", "noun": "burglaries", "file": file} | more)
    assert answer.status_code == 302, answer.content.decode()
    return IncidentImport.objects.latest("pk")


def _import(client: Client, brought: IncidentImport, **changes: str) -> Any:
    return client.post(f"/desk/evidence/imports/{brought.pk}/do/", brought.mapping | {"deed": "import"} | changes)


def _work(brought: IncidentImport) -> None:
    """What the worker does."""
    import_incidents(brought.pk)
    refresh_measures(brought.source_id)


@pytest.fixture
def town(city: City, devi: User, signed_in: Any) -> Client:
    """Devi's browser, and a town whose burglaries are imported and counted."""
    client = signed_in(devi)
    brought = _bring(client, _file())
    _import(client, brought)
    _work(brought)
    return client  # type: ignore[no-any-return]


def test_the_wizard_guesses_shows_and_imports_and_the_report_accounts_for_every_row(
    city: City, devi: User, signed_in: Any
) -> None:
    client = signed_in(devi)
    assert "Nothing was brought in yet" in client.get("/desk/evidence/sources/").content.decode()
    brought = _bring(client, _file())
    page = client.get(f"/desk/evidence/imports/{brought.pk}/").content.decode()
    assert "This is a guess" in page and re.search(r'value="Primary Type" selected', page)
    assert "2010-01-01 01:30" in page and "BURGLARY" in page
    assert not IncidentSource.objects.get().content  # nothing counts yet

    other = client.post(f"/desk/evidence/imports/{brought.pk}/do/", brought.mapping | {"deed": "look", "order": "dmy"})
    assert "The date cannot be read" in other.content.decode()
    wrong = _import(client, brought, date="")
    assert wrong.status_code == 422 and "Say which column holds the date" in wrong.content.decode()

    assert _import(client, brought).status_code == 302
    page = client.get(f"/desk/evidence/imports/{brought.pk}/").content.decode()
    assert "In the queue" in page and 'http-equiv="refresh"' in page
    _work(brought)
    page = client.get(f"/desk/evidence/imports/{brought.pk}/").content.decode()
    assert "Imported" in page and "It has no date." in page and 'http-equiv="refresh"' not in page
    report = client.get(f"/desk/evidence/imports/{brought.pk}/rejected.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(report.streaming_content).decode())))
    assert {(row["number"], row["reason"]) for row in rows} == {("HY1", "no-date"), ("HY2", "no-place")}
    source = client.get("/desk/evidence/sources/burglaries/").content.decode()
    assert "220 Burglary" in source and "1,298" in source
    assert "1,298" in client.get("/desk/evidence/sources/").content.decode()


def test_the_next_file_is_read_like_the_last_and_can_be_taken_back(town: Client) -> None:
    before = IncidentSource.objects.get()
    second = _bring(town, _file(name="again.csv", years=5, bad=False), source="burglaries")
    assert "Read as the last file" in town.get(f"/desk/evidence/imports/{second.pk}/").content.decode()
    _import(town, second)
    _work(second)
    second.refresh_from_db()
    assert second.counts["same"] == 1296 and second.counts["added"] == 324
    page = town.get(f"/desk/evidence/imports/{second.pk}/").content.decode()
    assert "Take this import back" in page
    town.post(f"/desk/evidence/imports/{second.pk}/do/", {"deed": "undo"})
    refresh_measures(before.pk)
    after = IncidentSource.objects.get()
    assert (after.content, after.rows) == (before.content, before.rows)
    assert Observation.objects.filter(on__gte=dt.date(2014, 1, 1)).count() == 0
    assert [e.verb for e in Entry.objects.filter(subject_kind="source").order_by("number")] == [
        "source.added", "source.imported", "source.imported", "source.import_undone",
    ]  # fmt: skip
    again = town.post(f"/desk/evidence/imports/{second.pk}/do/", {"deed": "undo"}, follow=True)
    assert "Only the last import" in again.content.decode()


def test_a_file_can_be_given_up_and_a_broken_one_is_refused_with_what_was_typed(
    city: City, devi: User, signed_in: Any
) -> None:
    client = signed_in(devi)
    refused = client.post("/desk/evidence/bring/", {"name": "Lamps", "noun": "lamps",
                                                    "file": SimpleUploadedFile("x.csv", b"\x00\x01")})  # fmt: skip
    page = refused.content.decode()
    assert refused.status_code == 422 and "not a table" in page and 'value="Lamps"' in page
    missing = client.post("/desk/evidence/bring/", {"file": _file()})
    assert "Choose a source above" in missing.content.decode()
    brought = _bring(client, _file(), name="Other burglaries")
    client.post(f"/desk/evidence/imports/{brought.pk}/do/", {"deed": "give_up"})
    assert not IncidentImport.objects.filter(pk=brought.pk).exists()


def _count_what_waits() -> list[str]:
    """What the worker does with looks that take long; returns their queueing locks."""
    waiting = list(ProcrastinateJob.objects.filter(task_name__endswith="count_look", status="todo"))
    for job in waiting:
        count_look(**job.args)
    return [job.queueing_lock or "" for job in waiting]


def test_what_takes_long_is_counted_once_in_the_background_and_kept(town: Client) -> None:
    address = "/desk/evidence/look/burglaries/near-repeats/"
    for _ in range(2):
        page = town.get(address).content.decode()
        assert "is being counted: 0 percent" in page and 'http-equiv="refresh"' in page and f'href="{address}"' in page
    assert not AccessLog.objects.filter(subject_kind="source", what__contains="near-repeats").exists()
    early = town.get("/desk/evidence/look/burglaries/near-repeats.csv")
    assert early.status_code == 503 and early["Retry-After"]
    assert len(_count_what_waits()) == 1
    page = town.get(address).content.decode()
    assert "at the same place within 7 days" in page and 'http-equiv="refresh"' not in page
    assert town.get("/desk/evidence/look/burglaries/near-repeats.csv").status_code == 200
    other = town.get(address + "?first=2012-01").content.decode()
    assert "being counted" in other  # another stretch is another result
    second = _bring(town, _file(name="more.csv", years=5, bad=False), source="burglaries")
    _import(town, second)
    _work(second)
    assert "being counted" in town.get(address).content.decode()


def test_places_of_a_large_source_are_counted_in_the_background(town: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks_at_repeats, "_MOST_ROWS_AT_ONCE", 100)
    address = "/desk/evidence/look/burglaries/repeats/"
    assert "being counted" in town.get(address).content.decode()
    assert len(_count_what_waits()) == 1
    page = town.get(address).content.decode()
    assert "the busiest, 41.9 DEMO ST" in page and "being counted" not in page


def test_measures_are_looked_at_in_every_way_and_taken_along(town: Client) -> None:
    town.get("/desk/evidence/look/burglaries/near-repeats/")
    assert _count_what_waits()
    home = town.get("/desk/evidence/").content.decode()
    assert "Burglaries" in home and "1,296" in home and "Concerns reported" in home
    for look, words in (
        ("trend", "burglaries, within the expected"), ("map", "North had the highest number"),
        ("compare", "per 1,000 residents and year in all"), ("clock", "between 1 and 2 o"),
        ("repeats", "the busiest, 41.9 DEMO ST"), ("near-repeats", "at the same place within 7 days"),
    ):  # fmt: skip
        page = town.get(f"/desk/evidence/look/burglaries/{look}/").content.decode()
        assert words in page, look
        assert "January 2010 to December 2013" in page
        for sort, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"\xef\xbb\xbf"), ("txt", b"")):
            file = town.get(f"/desk/evidence/look/burglaries/{look}.{sort}")
            assert file.status_code == 200 and file.content.startswith(start), (look, sort)
            if sort == "svg":
                assert b"January 2010 to December 2013" in file.content
    assert AccessLog.objects.filter(subject_kind="source", what__contains="near-repeats").exists()
    assert "lies outside every area" in town.get("/desk/evidence/look/burglaries/map.txt").content.decode()


def test_months_and_areas_are_chosen_and_wrong_ones_named(town: Client) -> None:
    spring = town.get("/desk/evidence/look/burglaries/map/?first=2011-03&last=2011-05").content.decode()
    assert "March 2011 to May 2011" in spring and "81 events" in spring
    wrong = town.get("/desk/evidence/look/burglaries/map/?first=May")
    assert (
        wrong.status_code == 422
        and "such as 2012-04" in wrong.content.decode()
        and 'value="May"' in wrong.content.decode()
    )
    turned = town.get("/desk/evidence/look/burglaries/map/?first=2012-03&last=2011-05")
    assert "Turn them round" in turned.content.decode()
    empty = town.get("/desk/evidence/look/burglaries/map/?first=2031-03")
    assert "Nothing is counted" in empty.content.decode()
    few = town.get("/desk/evidence/look/burglaries/hot-spots/").content.decode()
    assert "at least 20 areas" in few
    assert town.get("/desk/evidence/look/burglaries/hot-spots.svg").status_code == 404
    assert town.get("/desk/evidence/look/burglaries/map/?areas=moon@1").status_code == 404
    assert town.get("/desk/evidence/look/height/map/").status_code == 404
    assert town.get("/desk/evidence/look/burglaries/map.exe").status_code == 404


def test_hot_spots_of_beats_are_found(town: Client) -> None:
    for row in range(5):
        for column in range(5):
            place = (41.86 + 0.02 * row, -87.74 + 0.02 * column)
            Area.objects.create(code=f"{row}{column}", level="beat", name=f"Beat {row}{column}", revision="1",
                                geometry=make.square(*place, side=0.02))  # fmt: skip
    refresh_measures(IncidentSource.objects.get().pk)
    page = town.get("/desk/evidence/look/burglaries/hot-spots/?areas=beat@1").content.decode()
    assert "of 25 areas" in page or "no area stood out" in page
    assert "never a person" in page
    rate = town.get("/desk/evidence/look/burglaries/hot-spots/?areas=beat@1&rate=1").content.decode()
    assert "Residents of these areas are not known" in rate


def test_a_measure_of_some_sorts_is_defined_counted_and_changed(town: Client) -> None:
    source = IncidentSource.objects.get()
    data = {"name": "Robberies", "noun": "robberies", "says": "Recorded robberies.", "source": source.pk}
    wrong = town.post("/office/measure/new/", data | {"categories": "ARSON"})
    assert wrong.status_code == 422 and "no sort “ARSON”" in wrong.content.decode()
    assert town.post("/office/measure/new/", data | {"categories": "ROBBERY"}).status_code == 302
    made = CountedMeasure.objects.get(slug="robberies")
    assert made.categories == ["ROBBERY"]
    refresh_measures(source.pk)
    assert "robberies" in town.get("/desk/evidence/look/robberies/trend/").content.decode()
    assert "There is a measure with this name" in town.post("/office/measure/new/", data).content.decode()
    assert town.get(f"/office/measure/{made.pk}/history/").status_code == 200
    assert town.get(f"/office/source/{source.pk}/").status_code == 200
    assert town.get("/office/source/").status_code == 200


def test_incidents_are_for_those_who_plan_by_them(town: Client, city: City, signed_in: Any) -> None:
    officer = signed_in(city.omar)
    for path in ("", "sources/", "look/burglaries/repeats/", "look/burglaries/repeats.csv", "bring/"):
        assert officer.get(f"/desk/evidence/{path}").status_code == 404
    assert "Evidence</a>" not in officer.get("/desk/").content.decode()
    assert "Evidence</a>" in signed_in(city.sam).get("/desk/").content.decode()


def test_residents_see_whole_years_of_what_was_released_with_small_numbers_hidden(town: Client, client: Client) -> None:
    assert "No numbers are published yet" in client.get("/numbers/").content.decode()
    assert client.get("/numbers/burglaries/").status_code == 404
    source, main = IncidentSource.objects.get(), CountedMeasure.objects.get(slug="burglaries")
    data = {"name": "Burglaries", "noun": "burglaries", "says": "Recorded burglaries.", "source": source.pk,
            "categories": "", "public": "on"}  # fmt: skip
    version = re.search(r'name="version" value="(\d+)"', town.get(f"/office/measure/{main.pk}/").content.decode())
    assert (
        town.post(f"/office/measure/{main.pk}/", data | {"version": version[1] if version else ""}).status_code == 302
    )
    other = town.post("/office/measure/new/", data | {"name": "Robberies", "categories": "ROBBERY"})
    assert other.status_code == 422 and "would give small numbers away" in other.content.decode()
    assert "Burglaries" in client.get("/numbers/").content.decode()
    page = client.get("/numbers/burglaries/").content.decode()
    assert "Recorded burglaries." in page and "216" in page and "108" in page and "2012" in page and "2013" not in page
    Observation.objects.filter(area__code="south", on__year=2011).exclude(on=dt.date(2011, 1, 1)).delete()
    Observation.objects.filter(area__code="south", on=dt.date(2011, 1, 1)).update(n=3, value=3)
    file = client.get("/numbers/burglaries.csv").content.decode()
    rows = {row["area"]: row for row in csv.DictReader(io.StringIO(file))}
    assert rows["South"]["2011"] == "*" and rows["North"]["2011"] == "*"  # the second protects the first
    assert rows["South"]["2010"] in {"108", "*"} and not re.search(r",3\b", file)
    CountedMeasure.objects.update(retired_at=make.NOW)
    assert client.get("/numbers/burglaries/").status_code == 404
