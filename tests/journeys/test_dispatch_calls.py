"""Calls from dispatch: handed over once by their number, taken by who may take them, worked as field reports."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from commonbeat.cases.models import Case, CaseLink
from commonbeat.community.access import make_key
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Delivery, Entry
from commonbeat.kinds.field_report.call_deeds import WAITS, remind_of_calls
from commonbeat.kinds.field_report.models import DispatchCall, FieldReport, Party
from commonbeat.kinds.field_report.vocabulary import BY_LAW
from tests import make
from tests.conftest import City
from tests.journeys.test_field_report import TEXT, Desk

URL = "/api/v1/calls"
QUEUE = "/desk/calls/"
CALL = {
    "number": "2026-0311-0042", "sort": "found", "text": "A wallet was handed to the shop at the corner.",
    "happened_at": "2026-03-10T08:30:00-05:00", "lat": 41.9, "long": -87.7, "address": "100 N State St",
}  # fmt: skip


@pytest.fixture
def send(city: City) -> Any:
    """A function that hands a call over as dispatch does, and gives the answer."""
    _key, secret = make_key("Dispatch", scopes=["calls:write"], at=timezone.now())

    def post(*, status: int = 201, key: str = secret, **changes: Any) -> Any:
        head = {"Authorization": f"Bearer {key}"}
        answer = Client().post(URL, json.dumps(CALL | changes), content_type="application/json", headers=head)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    post.secret = secret  # type: ignore[attr-defined]
    return post


def ask(secret: str, **data: str) -> list[dict[str, Any]]:
    answer = Client().get(URL, data, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["calls"]
    return found


def desk_of(client: Client, number: str = CALL["number"]) -> Desk:  # type: ignore[assignment]
    return Desk(client, DispatchCall.objects.get(number=number).case)


def taken(client: Client, number: str = CALL["number"]) -> Desk:  # type: ignore[assignment]
    """The report that taking a call begins."""
    call = desk_of(client, number)
    answer = client.post(f"{call.url}dispatched/", {"version": call.case.version})
    report = DispatchCall.objects.get(number=number).report
    assert report and answer.status_code == 302 and answer["Location"] == f"/desk/{report.case.reference}/"
    return Desk(client, report.case)


def test_a_call_is_taken_worked_as_a_report_and_ends_with_it(city: City, signed_in: Any, send: Any) -> None:
    told = send(caller="Carla Caller", phone="312-555-0177")
    assert told["state"] == "queued" and told["why"] == ""
    cleo = signed_in(city.cleo)
    page = cleo.get(QUEUE).content.decode()
    assert CALL["number"] in page.partition("You may take these")[2].partition("For sworn officers")[0]

    report = taken(cleo)
    row = FieldReport.objects.get(pk=report.case.pk)
    assert (row.sort, row.told) == ("found", CALL["text"]) and report.case.assignee == city.cleo
    assert row.happened_at == dt.datetime(2026, 3, 10, 13, 30, tzinfo=dt.UTC)
    party = Party.objects.get(report=row)
    assert party.role == "called" and party.participant and party.participant.person
    assert party.participant.person.name == "Carla Caller" and "Carla" not in report.page()
    assert f"call {CALL['number']}" in report.page() and CaseLink.objects.count() == 1
    assert ask(send.secret, number=CALL["number"])[0]["state"] == "taken"

    report.done("write", **TEXT | {"told": row.told})
    report.done("add_item", role="found", what="Brown wallet")
    report.done("submit")
    Desk(signed_in(city.sam), report.case).done("approve")
    call = desk_of(cleo)
    assert (call.case.state, call.case.outcome) == ("reported", "reported")
    assert ask(send.secret)[0]["state"] == "reported" and list(verify()) == []


def test_the_same_number_again_changes_nothing(city: City, signed_in: Any, send: Any) -> None:
    first = send()
    entries = Entry.objects.count()
    again = send(status=200, text="Something else.", sort="weapon")
    assert again == first and Case.objects.count() == 1 and Entry.objects.count() == entries
    taken(signed_in(city.cleo))
    assert send(status=200)["state"] == "taken" and FieldReport.objects.count() == 1


@pytest.mark.parametrize("sort", sorted(BY_LAW))
def test_rule_12_what_only_sworn_officers_take_goes_back_with_the_reason(
    city: City, signed_in: Any, send: Any, sort: str
) -> None:
    told = send(sort=sort)
    assert told["state"] == "returned" and told["why"]
    assert CALL["number"] not in signed_in(city.cleo).get(QUEUE).content.decode().partition("Ended lately")[0]


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"in_progress": True}, "is here"), ({"text": "He has a knife in his hand."}, "“knife”")],
)
def test_rule_12_danger_in_a_call_is_found_whatever_its_sort(
    city: City, send: Any, changes: dict[str, Any], why: str
) -> None:
    assert why in send(**changes)["why"] and DispatchCall.objects.get().case.state == "returned"


def test_rule_12_an_unfit_call_goes_to_sworn_officers_where_dispatch_says_so(
    city: City, signed_in: Any, send: Any
) -> None:
    assert send(sort="weapon", unfit="sworn")["state"] == "sworn"
    told = set(Delivery.objects.filter(template="staff_sworn_needed").values_list("recipient", flat=True))
    assert told == {city.omar.email, city.sam.email}
    cleo = signed_in(city.cleo)
    call = desk_of(cleo)
    assert "This waits for a sworn officer" in call.page()
    refused = cleo.post(f"{call.url}dispatched/", {"version": call.case.version})
    assert refused.status_code == 409 and "This waits for a sworn officer" in refused.content.decode()
    call.refused("claim", "This waits for a sworn officer")
    Desk(signed_in(city.sam), call.case).refused("assign", "This waits for a sworn officer", user=city.cleo.pk)
    report = taken(signed_in(city.omar))
    assert report.case.assignee == city.omar


def test_who_may_take_it_may_also_hand_it_on_put_it_back_or_return_it(city: City, signed_in: Any, send: Any) -> None:
    send()
    cleo, omar = signed_in(city.cleo), signed_in(city.omar)
    report, call = taken(cleo), desk_of(cleo)
    Desk(omar, call.case).refused("put_back", "Somebody else has taken this call", reason="No time.")
    call.done("put_back", reason="My shift ends.")
    report.case.refresh_from_db()
    assert report.case.state == "void" and call.case.state == "queued" and call.case.assignee is None
    assert "My shift ends." in cleo.get(QUEUE).content.decode()

    second = taken(omar)
    second.done("void", reason="Wrong button.")
    call.case.refresh_from_db()
    assert call.case.state == "queued"
    call.refused("to_sworn", "Tell dispatch first", signs=["hurt"], dispatch="calm")
    call.done("to_sworn", signs=["hurt"], dispatch="told", note="She fell.")
    assert call.case.state == "sworn"
    call.done("hand_back", reason="An ambulance has it.")
    assert ask(send.secret)[0] | {"state": "returned", "why": "An ambulance has it."} == ask(send.secret)[0]


def test_a_report_that_was_sent_in_keeps_its_call(city: City, signed_in: Any, send: Any) -> None:
    send()
    report = taken(signed_in(city.cleo))
    report.done("write", **TEXT)
    report.done("add_item", role="found", what="Brown wallet")
    report.done("submit")
    desk_of(report.client).refused("hand_back", "The report was sent in already", reason="Late.")


def test_two_people_cannot_take_the_same_call(city: City, signed_in: Any, send: Any) -> None:
    send()
    cleo, omar = signed_in(city.cleo), signed_in(city.omar)
    call = desk_of(omar)
    taken(cleo)
    late = omar.post(f"{call.url}dispatched/", {"version": call.case.version})
    assert late.status_code == 409 and FieldReport.objects.count() == 1


def test_supervisors_hear_of_calls_that_nobody_takes(city: City, send: Any) -> None:
    send()
    send(number="2", sort="weapon", unfit="sworn")
    at = timezone.now()
    assert remind_of_calls(at=at) == 0
    assert remind_of_calls(at=at + WAITS["sworn"] + dt.timedelta(minutes=1)) == 1
    assert remind_of_calls(at=at + WAITS["queued"] + dt.timedelta(minutes=1)) == 2
    assert Delivery.objects.get(template="staff_field_report").recipient == city.sam.email


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sort": "ghosts"}, "sort"), ({"number": " "}, "number"), ({"text": ""}, "text"), ({"lat": None}, "lat"),
        ({"happened_at": "2999-01-01T00:00:00Z"}, "happened_at"), ({"unfit": "drop"}, "unfit"),
        ({"lat": 10.0, "long": 10.0}, "where"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(city: City, send: Any, changes: dict[str, Any], field: str) -> None:
    wrong = send(status=422, **changes)
    assert field in {error["field"].rpartition(".")[2] for error in wrong["errors"]} and not Case.objects.exists()


def test_only_a_key_for_calls_hands_them_over_and_only_in_its_areas(city: City, send: Any) -> None:
    _key, other = make_key("Map", scopes=["cases:read"], at=timezone.now())
    send(status=403, key=other)
    south, secret = make_key("Dispatch of the south", scopes=["calls:write"], at=timezone.now())
    south.areas.set([city.south])
    wrong = send(status=422, key=secret)
    assert "does not reach" in json.dumps(wrong) and not Case.objects.exists()
    send()
    assert ask(secret) == []
    sorts = Client().get(f"{URL}/sorts", headers={"Authorization": f"Bearer {secret}"}).json()["sorts"]
    assert {one["code"] for one in sorts if one["sworn_only"]} == BY_LAW


def test_a_file_is_taken_line_by_line_and_again_without_doubling(city: City, signed_in: Any, send: Any) -> None:
    send()
    lines = [
        "number,sort,text,happened_at,area,unfit",
        f"{CALL['number']},found,Known already,2026-03-10 08:30,North,",
        "A-1,parking,A car blocks the ramp.,2026-03-10 09:00,North,",
        "A-2,ghosts,Something odd.,2026-03-10 09:00,North,",
        "A-3,parking,No such place.,2026-03-10 09:00,Atlantis,",
        "A-4,weapon,Somebody shows a pistol.,2026-03-10 09:05,North,sworn",
    ]
    sam = signed_in(city.sam)

    def bring() -> Any:
        file = SimpleUploadedFile("calls.csv", "\n".join(lines).encode("utf-8-sig"), "text/csv")
        return sam.post(f"{QUEUE}bring/", {"file": file})

    page = bring().content.decode()
    assert "2 lines could not be taken" in page and "Atlantis" in page and "Known already" in page
    assert sorted(DispatchCall.objects.values_list("number", flat=True)) == [CALL["number"], "A-1", "A-4"]
    bring()
    assert DispatchCall.objects.count() == 3
    assert DispatchCall.objects.get(number="A-4").case.state == "sworn"
    empty = sam.post(f"{QUEUE}bring/", {})
    assert empty.status_code == 422 and "Choose a file." in empty.content.decode()
    wrong = SimpleUploadedFile("calls.csv", b"a,b\n1,2", "text/csv")
    assert "These columns are missing" in sam.post(f"{QUEUE}bring/", {"file": wrong}).content.decode()
    assert sam.get(f"{QUEUE}bring/").status_code == 200
    assert signed_in(city.cleo).get(f"{QUEUE}bring/").status_code == 404


def test_calls_of_another_area_are_not_seen(city: City, signed_in: Any, send: Any) -> None:
    send()
    call = desk_of(signed_in(city.olga))
    assert call.client.get(call.url).status_code == 404
    assert CALL["number"] not in call.client.get(QUEUE).content.decode()
    assert signed_in(make.user("Rita Records", "records")).get(QUEUE).status_code == 200
