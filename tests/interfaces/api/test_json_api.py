"""The JSON API: keys with scopes, cases within the key's reach, paging, replays, problems that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.reference import touch
from commonbeat.journal.models import AccessLog, Entry
from tests import make
from tests.conftest import City
from tests.interfaces.api.test_open311_reads import QUESTIONS

V1 = "/api/v1"
REPORT = {"category": "noise", "text": "Loud", "lat": 41.9, "long": -87.7}


def get(secret: str, path: str, **data: Any) -> Any:
    return Client().get(f"{V1}/{path}", data, headers={"Authorization": f"Bearer {secret}"})


def post(secret: str, path: str, data: Any, once: str = "") -> Any:
    headers = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": once} if once else {})
    body = data if isinstance(data, bytes) else json.dumps(data)
    return Client(enforce_csrf_checks=True).post(f"{V1}/{path}", body, content_type="application/json", headers=headers)


def concern(city: City, **fields: Any) -> Case:
    return make.concern(fields.pop("category", city.noise), **({"at": timezone.now()} | fields)).case


def is_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and len(body["detail"]) > 10 and body["title"]
    return body


@pytest.mark.parametrize("path", ["cases", "categories", "areas", "cards", "cases/CB-0000-000/contacts"])
def test_without_a_key_or_its_scope_nothing_is_told(city: City, new_key: Any, path: str) -> None:
    assert is_problem(Client().get(f"{V1}/{path}"), 401)
    assert is_problem(get("cb_wrong", path), 401)
    is_problem(get(new_key("open311"), path), 403)


def test_cases_tell_the_work_but_not_the_person(city: City, new_key: Any) -> None:
    case = concern(city, email="rosa@example.org", name="Rosa Resident")
    response = get(new_key("cases:read"), "cases")
    [found] = response.json()["cases"]
    assert found["reference"] == case.reference and found["text"] == case.text and found["category"] == "noise"
    assert found["steps"] == []
    assert "rosa" not in response.content.decode().lower()


def test_a_key_reaches_the_cases_of_its_areas_only(city: City, new_key: Any) -> None:
    north, south = concern(city), concern(city, place=make.SOUTH)
    secret = new_key("cases:read", "cases:write", areas=(city.north,))
    assert [c["reference"] for c in get(secret, "cases").json()["cases"]] == [north.reference]
    assert get(secret, f"cases/{north.reference}").status_code == 200
    is_problem(get(secret, f"cases/{south.reference}"), 404)
    is_problem(get(secret, f"cases/{south.reference}/timeline"), 404)
    is_problem(post(secret, f"cases/{south.reference}/steps/note", {"data": {"text": "x"}}), 404)


def test_personal_answers_stay_here(city: City, new_key: Any) -> None:
    city.noise.questions = [
        {**QUESTIONS[0], "required": False},
        {"code": "plate", "datatype": "string", "label": {"en": "Plate"}, "personal": True},
    ]
    city.noise.save()
    touch("categories")
    case = concern(city, answers={"when": "day", "plate": "AB 123"})
    assert get(new_key("cases:read"), f"cases/{case.reference}").json()["answers"] == {"when": "day"}


def test_filters_combine(city: City, new_key: Any) -> None:
    secret = new_key("cases:read")
    one, two = concern(city), concern(city, category=city.vehicle, place=make.SOUTH)
    act(two, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())

    def refs(**data: Any) -> set[str]:
        return {c["reference"] for c in get(secret, "cases", **data).json()["cases"]}

    assert refs(category="noise") == {one.reference} and refs(category="unknown") == set()
    assert refs(state="acknowledged") == {two.reference} and refs(area=city.south.pk) == {two.reference}
    assert refs(open="true") == {one.reference, two.reference} and refs(open="false") == set()
    assert refs(opened_since="2199-01-01T00:00:00Z") == set()


def test_pages_follow_each_other_without_gap_or_repeat(city: City, new_key: Any) -> None:
    same = timezone.now()
    made = {make.concern(city.noise, at=same).case.reference for _ in range(5)}
    for path, scope in (("cases", "cases:read"), ("cards", "cards:read")):
        secret, seen, cursor = new_key(scope), [], ""
        while True:
            body = get(secret, path, limit=2, cursor=cursor).json()
            seen += [row["reference"] for row in body[path]]
            make.concern(city.vehicle, at=timezone.now())  # what comes in meanwhile does not shift pages
            cursor = body["next"]
            if not cursor:
                break
        assert made <= set(seen) and len(seen) == len(set(seen))
        Case.objects.filter(category=city.vehicle).delete()


def test_contact_details_need_their_scope_and_each_look_is_logged(city: City, new_key: Any) -> None:
    case = concern(city, email="rosa@example.org", name="Rosa Resident")
    is_problem(get(new_key("cases:read"), f"cases/{case.reference}/contacts"), 403)
    [contact] = get(new_key("contacts:read"), f"cases/{case.reference}/contacts").json()["contacts"]
    assert contact["email"] == "rosa@example.org"
    log = AccessLog.objects.get()
    assert (log.user_name, log.subject_id) == ("A program", case.pk)


def test_a_hidden_reporter_stays_hidden(city: City, new_key: Any) -> None:
    case = concern(city, email="rosa@example.org", hidden=True)
    [contact] = get(new_key("contacts:read"), f"cases/{case.reference}/contacts").json()["contacts"]
    assert contact["hidden"] is True and contact["email"] == contact["name"] == ""


def test_a_report_opens_a_case_once_per_idempotency_key(city: City, new_key: Any) -> None:
    secret = new_key("cases:write")
    first, again = (post(secret, "cases", REPORT, once="abc") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (
        first.json()["reference"] == again.json()["reference"] and first.json()["code"] and again.json()["code"] is None
    )
    assert post(new_key("cases:write"), "cases", REPORT, once="abc").status_code == 201
    assert post(secret, "cases", REPORT).status_code == 201
    assert Case.objects.count() == 3 and set(Case.objects.values_list("channel", flat=True)) == {"api"}


def test_danger_is_told_before_anything_else(city: City, new_key: Any) -> None:
    body = post(new_key("cases:write"), "cases", REPORT | {"text": "He has a gun and is breaking in right now"}).json()
    assert "911" in body["notice"] and Entry.objects.get().data["danger"]["told"] == "911"


def test_danger_in_the_words_of_a_step_is_told_and_recorded(city: City, new_key: Any) -> None:
    case, secret = concern(city), new_key("cases:write")
    path = f"cases/{case.reference}/steps/note"
    said_now = {"data": {"text": "She says that he has a gun and is breaking in right now"}}
    body, again = (post(secret, path, said_now, once="note-1").json() for _ in range(2))
    assert "911" in body["notice"] and again["notice"] == body["notice"] and body["reference"] == case.reference
    assert Entry.objects.get(verb="case.note").data["danger"]["told"] == "911"
    assert post(secret, path, {"data": {"text": "Nobody was home"}}).json()["notice"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "nothing"}, "category"), ({"lat": None}, "lat"), ({"lat": None, "long": None}, "where"),
        ({"lat": 45.0, "long": -93.0}, "where"), ({"lat": 1e400}, "lat"), ({"text": "x" * 4001}, "text"),
        ({"text": "a\u0000b"}, "text"), ({"email": "no address"}, "email"), ({"area": 999_999}, "area"),
        ({"language": "../en"}, "language"), ({"answers": {"when": "never"}}, "when"), ({"answers": []}, "answers"),
    ],
)  # fmt: skip
def test_wrong_reports_name_the_field(city: City, new_key: Any, change: dict[str, Any], field: str) -> None:
    city.noise.questions = [{**QUESTIONS[0], "required": False}]
    city.noise.save()
    touch("categories")
    body = is_problem(post(new_key("cases:write"), "cases", REPORT | change), 422)
    assert any(field in error["field"] for error in body["errors"]), body
    assert Case.objects.count() == 0


def test_steps_are_taken_once_and_need_what_was_read(city: City, new_key: Any) -> None:
    case, secret = concern(city), new_key("cases:read", "cases:write")
    listed = get(secret, f"cases/{case.reference}").json()
    assert listed["steps"] == ["acknowledge", "note", "tag", "resolve"]
    path = f"cases/{case.reference}/steps"
    for _ in range(2):
        done = post(secret, f"{path}/acknowledge", {"version": listed["version"]}, once="step-1")
        assert done.status_code == 200 and done.json()["state"] == "acknowledged"
    assert Entry.objects.filter(verb="case.acknowledge").count() == 1
    stale = is_problem(post(secret, f"{path}/note", {"data": {"text": "x"}, "version": listed["version"]}), 409)
    assert stale["version"] == 2
    body = is_problem(post(secret, f"{path}/resolve", {"data": {"outcome": "fixed"}}), 422)
    assert body["errors"][0]["field"] == "message"
    is_problem(post(secret, f"{path}/assign", {"data": {}}), 409)
    is_problem(post(secret, f"{path}/nothing", {"data": {}}), 409)


def test_the_timeline_has_no_words_of_anybody(city: City, new_key: Any) -> None:
    case = concern(city)
    act(case, "note", data={"text": "Rosa told me"}, actor=city.actor(city.sam), at=timezone.now())
    response = get(new_key("cases:read"), f"cases/{case.reference}/timeline")
    assert [e["verb"] for e in response.json()["events"]] == ["case.opened", "case.note"]
    assert b"Rosa" not in response.content and b"Sam" not in response.content


def test_categories_areas_and_cards(city: City, new_key: Any) -> None:
    secret = new_key("categories:read", "areas:read", "cards:read")
    names = {c["code"]: c["name"] for c in get(secret, "categories", language="es").json()["categories"]}
    assert names == {"noise": "Noise (es)", "abandoned-vehicle": "Abandoned vehicle (es)"}
    areas = get(secret, "areas").json()
    assert areas["type"] == "FeatureCollection" and areas["features"][0]["geometry"]["type"] == "Polygon"
    assert get(secret, "areas", geometry="false").json()["features"][0]["geometry"] is None
    concern(city)
    [card] = get(secret, "cards", category="noise").json()["cards"]
    assert (card["lat"], card["long"]) != make.NORTH and card["text"] == ""
    assert get(secret, "cards", category="unknown").json()["cards"] == []


def test_a_key_has_its_own_limit(city: City, new_key: Any) -> None:
    secret = new_key("areas:read", per_minute=2)
    responses = [get(secret, "areas") for _ in range(3)]
    assert [r.status_code for r in responses] == [200, 200, 429]
    assert is_problem(responses[-1], 429) and responses[-1]["Retry-After"] == "60"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"category": 1}', b"[" * 100_000])
def test_broken_bodies_get_a_clean_problem(city: City, new_key: Any, body: bytes) -> None:
    response = post(new_key("cases:write"), "cases", body)
    assert response.status_code in {400, 422}
    is_problem(response, response.status_code)


def test_a_body_of_ten_megabytes_is_413(city: City, new_key: Any) -> None:
    is_problem(post(new_key("cases:write"), "cases", b'{"text": "' + b"x" * 10_000_000 + b'"}'), 413)


@pytest.mark.parametrize("cursor", ["x", "%00", "a" * 5000, "MjAyNi0wMS0wMXxDQi0wMDAwLTAwMA", "é", "\x00"])
def test_a_cursor_that_is_none_is_refused(city: City, new_key: Any, cursor: str) -> None:
    is_problem(get(new_key("cases:read"), "cases", cursor=cursor), 422)


def test_unknown_addresses_and_methods_are_problems_too(city: City, new_key: Any) -> None:
    secret = new_key("cases:read")
    for path in (f"{V1}/nothing", f"{V1}/cases/", "/api/", "/api/v9/cases"):
        is_problem(Client().get(path), 404)
    wrong = Client().delete(f"{V1}/cases", headers={"Authorization": f"Bearer {secret}"})
    is_problem(wrong, 405)
    assert "GET" in wrong["Allow"]


def test_the_document_describes_every_operation_and_its_errors(city: City) -> None:
    document = Client().get(f"{V1}/openapi.json").json()
    assert f"{V1}/cases/{{reference}}/steps/{{step}}" in document["paths"]
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["security"] and "422" in operation["responses"] and operation["description"]
    assert Client().get(f"{V1}/").json()["openapi"].endswith("/openapi.json")


def test_our_mishaps_tell_nothing_of_the_inside(city: City, new_key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr("commonbeat.interfaces.api.v1.open_data.places", broken)
    response = get(new_key("areas:read"), "areas")
    is_problem(response, 500)
    assert b"secret" not in response.content


def test_a_list_reads_the_cases_once(city: City, new_key: Any) -> None:
    secret = new_key("cases:read")
    for _ in range(8):
        concern(city)
    with CaptureQueriesContext(connection) as asked:
        assert len(get(secret, "cases").json()["cases"]) == 8
    assert len([query for query in asked if "cases_case" in query["sql"]]) == 1
