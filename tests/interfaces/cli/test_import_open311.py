"""Importing service requests of other systems, with the dirt that real files have."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, ImportedRecord
from commonbeat.community.models import Area
from commonbeat.interfaces.cli.import_ import command
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.models import PublicCase
from tests import make
from tests.conftest import City

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
Run = Callable[..., Result]


def filed(key: str) -> Case:
    found = ImportedRecord.objects.get(key=key).case
    assert found is not None
    return found


def write(path: Path, *rows: dict[str, object]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def row(**values: object) -> dict[str, object]:
    return {
        "service_request_id": "A-1", "requested_datetime": "2024-05-01T10:00:00-05:00", "updated_datetime": "",
        "status": "open", "status_notes": "", "service_name": "Pot Hole in Street", "description": "Deep hole",
        "address": "100 N STATE ST", "lat": "41.88", "long": "-87.63",
    } | values  # fmt: skip


def test_a_city_file_with_all_its_dirt_becomes_cases(town: Area, run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    result = run(command, "open311", FIXTURES / "requests_small.csv", "--source", "chicago", "--report", report)
    assert result.exit_code == 0, result.output
    lines = list(csv.DictReader(report.open(encoding="utf-8")))
    source = list(csv.DictReader((FIXTURES / "requests_small.csv").open(encoding="utf-8")))
    assert len(lines) == len(source)
    said = {(line["service_request_id"], line["result"], line["reason"]) for line in lines}
    assert ("12-00700420", "skipped", "The source marks it as a duplicate of another request.") in said
    assert ("FAULT-6", "skipped", "We have no category for “Unicorn Sighting”.") in said
    assert ("FAULT-5", "skipped", "It does not say when it was reported, or in no form that we can read.") in said
    assert "We have no category for “Unicorn Sighting”." in result.output and "--map" in result.output
    assert Case.objects.count() == sum(line["result"] == "new" for line in lines) == PublicCase.objects.count()
    assert filed("12-01209013").closed_at == dt.datetime(2013, 11, 20, 6, tzinfo=dt.UTC), "the newer row counts"
    swapped = filed("FAULT-2")
    assert (swapped.lat, swapped.long, swapped.area) == (41.88, -87.63, town)
    assert filed("FAULT-3").lat is None, "0/0 is no place"
    assert filed("FAULT-4").opened_at == dt.datetime(2013, 3, 4, 15, 15, tzinfo=dt.UTC), "the agency's zone"
    assert "<b>" not in filed("FAULT-7").text and "second line, ü ñ ش" in filed("FAULT-7").text
    backwards = filed("FAULT-8")
    assert backwards.closed_at == backwards.opened_at
    assert list(verify()) == [] and not Delivery.objects.exists()


def test_rows_without_a_number_are_told_apart_and_found_again(town: Area, run: Run) -> None:
    run(command, "open311", FIXTURES / "requests_small.csv")
    equal = Case.objects.filter(address="4946 W MEDILL AVE")
    assert equal.count() == 2
    run(command, "open311", FIXTURES / "requests_small.csv")
    assert equal.count() == 2


def test_a_second_run_doubles_nothing_and_writes_nothing(town: Area, run: Run) -> None:
    run(command, "open311", FIXTURES / "requests_small.csv")
    before = Case.objects.count(), Entry.objects.count(), list(Case.objects.order_by("pk").values_list("version"))
    result = run(command, "open311", FIXTURES / "requests_small.csv")
    assert (
        Case.objects.count(),
        Entry.objects.count(),
        list(Case.objects.order_by("pk").values_list("version")),
    ) == before
    assert "known and unchanged" in result.output


def test_a_dry_run_says_the_same_and_writes_nothing(town: Area, run: Run) -> None:
    said = run(command, "open311", FIXTURES / "requests_small.csv", "--dry-run").output
    assert "nothing was written" in said and not Case.objects.exists() and not Entry.objects.exists()
    done = run(command, "open311", FIXTURES / "requests_small.csv").output
    filed_now = Case.objects.count()
    assert f"{filed_now} │ would be filed" in said and f"{filed_now} │ filed as new" in done


@pytest.mark.parametrize("name", ["requests_small.json", "requests_small.xml"])
def test_json_and_xml_are_read_as_well(town: Area, run: Run, name: str) -> None:
    result = run(command, "open311", FIXTURES / name)
    assert result.exit_code == 0 and Case.objects.exists(), result.output
    assert filed("12-01032678").area == town


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda rows: {"service_requests": rows}, lambda rows: {"requests": [{"request": rows}]},
        lambda rows: [[r] for r in rows], lambda rows: rows[0],
    ],
    ids=["wrapped", "wrapped twice", "lists in lists", "one object"],
)  # fmt: skip
def test_json_may_be_wrapped(town: Area, run: Run, tmp_path: Path, wrapped: Callable[[list[object]], object]) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(wrapped([row(lat=41.88, long=-87.63, status="Closed", service_request_id=17)])))
    assert run(command, "open311", path).exit_code == 0
    assert filed("17").state == "resolved"


def test_a_gzipped_file_with_semicolons_a_mark_and_other_column_names(town: Area, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    text = "\ufeffSR Number;Creation Date;Status;Type of Service Request;Street Address;Latitude;Longitude\r\n"
    text += "X-9;06/05/2012 03:30:00 PM;Completed;pot hole in street;1 E LAKE ST;41,88;-87,63\r\n"
    path.write_bytes(gzip.compress(text.encode()))
    run(command, "open311", path, "--naive-timezone", "America/New_York")
    case = filed("X-9")
    assert case.opened_at == dt.datetime(2012, 6, 5, 19, 30, tzinfo=dt.UTC) and case.lat == 41.88


def test_what_changed_at_the_source_changes_here(town: Area, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", row())
    run(command, "open311", path)
    case = filed("A-1")
    assert case.is_open and case.due_at is not None
    write(path, row(status="Closed", status_notes="Filled", updated_datetime="2024-05-03T10:00:00-05:00"))
    assert "changed since the last import" in run(command, "open311", path).output
    case.refresh_from_db()
    assert (case.state, case.outcome, case.due_at, case.version) == ("resolved", "elsewhere", None, 2)
    assert PublicCase.objects.get(pk=case.pk).closed
    write(path, row(status="open", updated_datetime="2024-05-09T10:00:00-05:00"))
    run(command, "open311", path)
    case.refresh_from_db()
    assert case.is_open and case.outcome == "" and case.due_at is not None
    assert [e.verb for e in Entry.objects.about("case", case.pk)] == ["case.imported", *["case.import_changed"] * 2]
    assert list(verify()) == []


def test_a_case_that_was_worked_here_keeps_its_state(city: City, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", row(service_name="Noise", lat="41.90", long="-87.70"))
    run(command, "open311", path)
    act(filed("A-1"), "acknowledge", data={}, actor=city.actor(city.sam), at=make.NOW)
    write(path, row(service_name="Noise", lat="41.90", long="-87.70", status="closed", updated_datetime="2024-06-01"))
    run(command, "open311", path)
    assert filed("A-1").state == "acknowledged"
    assert Entry.objects.get(verb="case.import_changed").data["closed_there"] is True


def test_an_archive_runs_no_clocks_and_bothers_nobody(town: Area, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", row(), row(service_request_id="A-2", status="closed"))
    run(command, "open311", path, "--archive")
    case = filed("A-1")
    assert (case.outcome, filed("A-2").outcome) == ("history", "elsewhere")
    assert not case.is_open and case.due_at is None and case.clocks == {} and case.assignee is None
    assert case.dispose_on is not None and case.dispose_on > dt.date.today()


def test_their_names_can_be_led_to_our_categories(town: Area, run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", row(service_name="Bache"))
    assert run(command, "open311", path, "--map", "bache=pothole").exit_code == 0
    known = filed("A-1").category
    assert known is not None and known.code == "pothole"
    refused = run(command, "open311", path, "--map", "bache=crater")
    assert refused.exit_code == 1 and "There is no category “crater”" in refused.output


def test_a_point_outside_is_left_out_and_one_on_the_border_is_not(town: Area, run: Run, tmp_path: Path) -> None:
    result = run(command, "open311", write(
        tmp_path / "x.csv", row(lat="42.15008"), row(service_request_id="A-2", lat="45.0", long="-93.0"),
        row(service_request_id="A-3", lat="", long="", address=""),
    ))  # fmt: skip
    assert filed("A-1").area == town
    assert "The point lies outside the area that we serve." in result.output
    assert "It has neither a point nor an address." in result.output
    assert Case.objects.count() == 1


def test_a_damaged_file_keeps_what_came_before_and_says_so(town: Area, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([row()])[:-1] + ', {"service_request_id": ')
    result = run(command, "open311", path)
    assert result.exit_code == 1 and "breaks off or is damaged" in result.output


def test_hostile_xml_opens_no_file(town: Area, run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    path = tmp_path / "x.xml"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file://{secret}">]><service_requests><request>'
        "<service_request_id>E</service_request_id><requested_datetime>2024-05-01</requested_datetime>"
        "<service_name>Pot Hole in Street</service_name><description>&x;</description><address>1 Main</address>"
        "</request></service_requests>"
    )
    run(command, "open311", path)
    assert not Case.objects.filter(text__contains="the secret").exists()


def test_a_missing_file_is_said_plainly(town: Area, run: Run) -> None:
    result = run(command, "open311", "nowhere.csv")
    assert result.exit_code == 1 and "There is no file nowhere.csv." in result.output


def test_the_timeline_says_where_a_case_came_from(city: City, run: Run, signed_in: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", row(service_name="Noise", lat="41.90", long="-87.70", status_notes="Crew sent"))
    run(command, "open311", path, "--source", "Old 311")
    page = signed_in(city.sam).get(f"/desk/{filed('A-1').reference}/").content.decode()
    assert "Taken over from another system (source: Old 311, its number there: A-1, it says: Crew sent)" in page
