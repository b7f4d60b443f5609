"""Open311 for writers: reports with answers and photos, replays, danger, updates of partners, hostile input."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree
from PIL import Image

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, CaseFile
from commonbeat.community.access import make_key
from commonbeat.community.models import ApiKey
from commonbeat.community.reference import touch
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.models import PublicCase
from tests import make
from tests.conftest import City
from tests.interfaces.api.test_open311_reads import QUESTIONS, V2, get

PLACE = {"lat": "41.9", "long": "-87.7"}


@pytest.fixture
def secret(new_key: Any) -> str:
    return new_key("open311")


def post(path: str, data: dict[str, Any], **more: Any) -> Any:
    body = urlencode(data, doseq=True)
    return Client(enforce_csrf_checks=True).post(
        f"{V2}/{path}", body, content_type="application/x-www-form-urlencoded; charset=utf-8", **more
    )


def report(secret: str, **data: Any) -> Any:
    return post("requests.json", {"api_key": secret, "service_code": "noise", "description": "Loud", **PLACE, **data})


def said(response: Any) -> str:
    return " ".join(error["description"] for error in response.json())


def photo() -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(data, "JPEG")
    data.seek(0)
    data.name = "street.jpg"
    return data


def test_a_report_becomes_a_case_and_its_id_comes_back_with_200(city: City, secret: str) -> None:
    response = report(secret, email="rosa@example.org", first_name="Rosa", last_name="Resident", account_id="abc")
    assert response.status_code == 200
    [answer] = response.json()
    case = Case.objects.get()
    assert answer["service_request_id"] == case.reference and answer["account_id"] == "abc" and "token" not in answer
    assert (case.channel, case.area, case.text) == ("open311", city.north, "Loud")
    assert case.participants.get().person.name == "Rosa Resident" and case.participants.get().told_by == "email"
    assert Delivery.objects.filter(recipient="rosa@example.org", template="received").count() == 1
    entry = Entry.objects.get(verb="case.opened")
    assert (entry.actor_sort, entry.actor_name) == ("key", "A program")
    assert get(f"requests/{case.reference}.json").status_code == 200


def test_xml_answers_xml(city: City, secret: str) -> None:
    response = post("requests.xml", {"api_key": secret, "service_code": "noise", **PLACE})
    tree = etree.fromstring(response.content)
    assert (
        tree.tag == "service_requests" and tree.findtext("request/service_request_id") == Case.objects.get().reference
    )


@pytest.mark.parametrize("scopes", [None, [], ["cases:read"]])
def test_without_a_key_for_reports_it_is_403(city: City, scopes: list[str] | None) -> None:
    secret = "" if scopes is None else make_key("k", scopes=scopes, at=timezone.now())[1]
    for fmt in ("json", "xml"):
        response = post(f"requests.{fmt}", {"api_key": secret, "service_code": "noise", **PLACE})
        assert response.status_code == 403 and b"403" in response.content
    assert Case.objects.count() == 0


def test_expired_and_revoked_keys_are_403_and_a_key_in_the_address_counts(city: City, secret: str) -> None:
    response = post(f"requests.json?api_key={secret}", {"service_code": "noise", **PLACE})
    assert response.status_code == 200
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(hours=1))
    assert report(secret).status_code == 403
    ApiKey.objects.update(expires_at=None, revoked_at=timezone.now())
    assert report(secret).status_code == 403


def test_answers_come_as_attributes_in_every_spelling(city: City, secret: str) -> None:
    city.noise.questions = QUESTIONS
    city.noise.save()
    touch("categories")
    assert report(secret, **{"attribute[when]": "night", "attribute[seen][]": ["a", "b"]}).status_code == 200
    assert (
        report(secret, **{"attribute[when]": "day", "attribute[seen]": ["b", "a"], "attribute[else]": "x"}).status_code
        == 200
    )
    first, second = Case.objects.order_by("id")
    assert first.details["answers"] == {"when": "night", "seen": ["a", "b"]}
    assert second.details["answers"] == {"when": "day", "seen": ["b", "a"]}
    assert second.details["open311"] == {"ignored_attributes": ["else"]}


def test_a_missing_answer_is_named_by_its_code(city: City, secret: str) -> None:
    city.noise.questions = QUESTIONS
    city.noise.save()
    touch("categories")
    assert "when required" in said(report(secret))
    wrong = report(secret, **{"attribute[when]": "never"})
    assert wrong.status_code == 400 and said(wrong).startswith("when:")


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        ({"service_code": ""}, 400, "service_code required"),
        ({"service_code": "pothole"}, 404, "pothole"),
        ({"lat": "", "long": ""}, 400, "Location required"),
        ({"long": ""}, 400, "lat alone"),
        ({"lat": "north"}, 400, "lat is a number"),
        ({"lat": "inf"}, 400, "lat is a number"),
        ({"lat": "95"}, 400, "lat is a number"),
        ({"lat": "45", "long": "-93"}, 400, "outside the area"),
        ({"description": "x" * 4001}, 400, "4000"),
        ({"description": "a\x00b"}, 400, "null"),
        ({"email": "a@b.c\r\nBcc: everybody@example.org"}, 400, "e-mail"),
        ({"email": "not an address"}, 400, "e-mail"),
        ({"phone": "5" * 41}, 400, "phone"),
        ({"jurisdiction_id": "elsewhere"}, 404, "elsewhere"),
    ],
)
def test_wrong_reports_are_refused_with_what_to_do(
    city: City, secret: str, data: dict[str, str], status: int, words: str
) -> None:
    response = report(secret, **data)
    assert response.status_code == status and words in said(response)
    assert all(error["code"] == status for error in response.json())
    assert Case.objects.count() == 0


def test_everything_that_is_wrong_is_said_at_once(city: City, secret: str) -> None:
    city.noise.questions = QUESTIONS
    city.noise.save()
    touch("categories")
    response = report(secret, lat="", long="", email="nobody", **{"attribute[when]": "noon", "attribute[seen][]": "z"})
    told = [error["description"] for error in response.json()]
    assert response.status_code == 400 and len(told) == 4, told
    assert "Location required" in told[0] and "email" in told[1]
    assert told[2].startswith("when:") and told[3].startswith("seen:")
    far = report(secret, lat="45", long="-93")
    assert [error["description"][:13] for error in far.json()] == ["when required", "This place is"]
    nothing = report(secret, service_code="", lat="north", description="x" * 4001)
    assert [error["code"] for error in nothing.json()] == [400, 400, 400] and Case.objects.count() == 0


def test_every_problem_is_told_at_once(city: City, secret: str) -> None:
    response = report(secret, lat="north", email="x", description="x" * 5000)
    assert len(response.json()) == 3


def test_a_retired_service_takes_no_reports(city: City, secret: str) -> None:
    city.noise.retired_at = timezone.now()
    city.noise.save()
    touch("categories")
    assert "no reports any more" in said(report(secret))
    assert get("services/noise.json").status_code == 404


def test_an_address_without_a_point_is_enough(city: City, secret: str) -> None:
    assert report(secret, lat="", long="", address_string="100 N State St\nFloor 2").status_code == 200
    assert Case.objects.get().address == "100 N State St Floor 2"


def test_the_same_report_again_gets_the_same_id(city: City, secret: str) -> None:
    first, again = report(secret, device_id="phone"), report(secret, device_id="phone")
    assert first.json() == again.json() and Case.objects.count() == 1
    assert report(secret, device_id="another").json() != first.json()
    assert report(make_key("k", scopes=["open311"], at=timezone.now())[1], device_id="phone").json() != first.json()
    Case.objects.update(opened_at=timezone.now() - dt.timedelta(minutes=11))
    assert Case.objects.count() == 3


def test_photos_are_cleaned_and_kept(city: City, secret: str) -> None:
    data = {"api_key": secret, "service_code": "noise", **PLACE, "media": photo()}
    response = Client().post(f"{V2}/requests.json", data)
    assert response.status_code == 200
    kept = CaseFile.objects.get()
    assert kept.by_reporter and kept.public is False
    again = Client().post(f"{V2}/requests.json", data | {"media": photo()})
    assert again.json() == response.json() and CaseFile.objects.count() == 1


def test_something_that_is_no_photo_is_refused(city: City, secret: str) -> None:
    bad = io.BytesIO(b"<svg onload=alert(1)>")
    bad.name = "../../etc/passwd.jpg"
    response = Client().post(f"{V2}/requests.json", {"api_key": secret, "service_code": "noise", **PLACE, "media": bad})
    assert response.status_code == 400 and "not a photo" in said(response) and Case.objects.count() == 0


def test_a_link_to_a_photo_is_kept_and_never_fetched(city: City, secret: str) -> None:
    assert report(secret, media_url="http://127.0.0.1:1/secret").status_code == 200
    assert Case.objects.get().details["open311"]["media_url"] == ["http://127.0.0.1:1/secret"]


def test_a_released_photo_has_a_public_address_and_others_have_none(city: City, secret: str) -> None:
    Client().post(f"{V2}/requests.json", {"api_key": secret, "service_code": "noise", **PLACE, "media": photo()})
    case, kept = Case.objects.get(), CaseFile.objects.get()
    address = f"/open311/media/{case.reference}/{kept.pk}"
    assert Client().get(address).status_code == 404
    CaseFile.objects.update(public=True)
    PublicCase.objects.filter(pk=case.pk).update(media=[kept.pk])
    assert get("requests.json").json()[0]["media_url"].endswith(address)
    shown = Client().get(address)
    assert shown.status_code == 200 and shown["Content-Type"] == "image/jpeg" and b"".join(shown.streaming_content)


def test_danger_shows_the_emergency_number_and_is_recorded(city: City, secret: str) -> None:
    response = report(secret, description="A man with a gun is breaking in right now")
    assert "911" in response.json()[0]["service_notice"]
    danger = Entry.objects.get(verb="case.opened").data["danger"]
    assert danger["level"] == "now" and danger["told"] == "911" and "gun" not in str(danger)


def test_a_request_in_a_crisis_names_the_crisis_line(city: City, secret: str) -> None:
    notice = report(secret, description="My brother says he wants to kill himself").json()[0]["service_notice"]
    assert "988" in notice and "911" in notice


def test_a_key_has_its_own_limit(city: City, new_key: Any) -> None:
    few = new_key("open311", per_minute=2)
    codes = [report(few, device_id=str(n)).status_code for n in range(3)]
    assert codes == [200, 200, 429]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xfe=1&%%%", "application/x-www-form-urlencoded", 403),
        (b"x", "multipart/form-data; boundary=", 400),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "text/xml", 403),
        (b"&".join(b"a%d=1" % n for n in range(600)), "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_broken_bodies_get_a_clean_error(city: City, body: bytes, kind: str, status: int) -> None:
    for fmt in ("json", "xml"):
        response = Client().generic("POST", f"{V2}/requests.{fmt}", body, content_type=kind)
        assert response.status_code == status, response.content
        assert str(status).encode() in response.content and b"root:" not in response.content


def update(secret: str, case: Case, **data: Any) -> Any:
    form = {
        "api_key": secret, "service_request_id": case.reference, "update_id": "u1", "status": "IN_PROGRESS",
        "updated_datetime": "2026-03-14T09:30:00-05:00", "description": "A crew is on its way.",
    }  # fmt: skip
    return post("servicerequestupdates.json", form | data)


def test_a_partner_moves_a_case_and_the_journal_names_it(city: City, new_key: Any) -> None:
    case, secret = make.concern(city.noise, at=timezone.now()).case, new_key("open311:updates")
    response = update(secret, case)
    assert response.status_code == 200 and response.json() == [{"update_id": "u1"}]
    case.refresh_from_db()
    assert case.state == "acknowledged"
    entry = Entry.objects.get(verb="case.acknowledge")
    assert (entry.actor_name, entry.data["sent_as"], entry.data["status"]) == ("A program", "u1", "in_progress")
    assert update(secret, case).status_code == 400
    assert update(secret, case, update_id="u2", status="FIXED").status_code == 200
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("resolved", "fixed")
    assert update(secret, case, update_id="u3", status="REOPEN").status_code == 200
    case.refresh_from_db()
    assert case.state == "resolved" and Entry.objects.filter(verb="case.note").count() == 1


def test_a_step_that_is_not_possible_becomes_a_note(city: City, new_key: Any) -> None:
    case = make.concern(city.noise, at=timezone.now()).case
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    assert update(new_key("open311:updates"), case).status_code == 200
    assert Entry.objects.get(verb="case.note").personal["text"] == "A crew is on its way."


def test_words_of_danger_in_an_update_are_answered_with_the_number_and_told_to_whoever_works_the_case(
    city: City, new_key: Any
) -> None:
    case = make.concern(city.noise, at=timezone.now()).case
    secret, said_now = new_key("open311:updates"), "Somebody wrote us: a man with a gun is shooting right now."
    [taken] = update(secret, case, status="OPEN", description=said_now).json()
    assert taken["update_id"] == "u1" and "911" in taken["service_notice"]
    entry = Entry.objects.get(verb="case.note")
    assert entry.data["danger"]["told"] == "911" and entry.personal["text"] == said_now
    assert Delivery.objects.get(template="staff_danger").recipient == city.sam.email
    [quiet] = update(secret, case, update_id="u2", status="OPEN", description="Last year there was a shooting.").json()
    assert "service_notice" in quiet and Delivery.objects.filter(template="staff_danger").count() == 1, "it is over"


def test_updates_need_their_own_scope_their_area_and_every_field(city: City, new_key: Any) -> None:
    case = make.concern(city.noise, at=timezone.now()).case
    assert update(new_key("open311"), case).status_code == 403
    assert update(new_key("open311:updates", areas=(city.south,)), case).status_code == 404
    secret = new_key("open311:updates", areas=(city.north,))
    assert said(update(secret, case, description="")) == "description required."
    assert update(secret, case, status="BURNT").status_code == 400
    assert update(secret, case, updated_datetime="soon").status_code == 400
    assert update(secret, case).status_code == 200
