"""Entering a report for somebody: one page, a slip with the code, nothing doubled, nothing lost."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.community.reference import touch
from tests import make
from tests.conftest import City


def typed(city: City, **more: Any) -> dict[str, Any]:
    return {
        "client_id": str(uuid.uuid4()), "channel": "phone", "category": city.noise.pk, "text": "Drums at night",
        "address": "100 N State St", "area": city.north.pk, "told_by": "none", "language": "es", **more,
    }  # fmt: skip


def photo() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "JPEG")
    return SimpleUploadedFile("a.jpg", data.getvalue())


def test_a_report_by_telephone_becomes_a_case_with_a_slip(city: City, signed_in: Any) -> None:
    browser = signed_in(city.cleo)
    assert 'name="category"' in browser.get("/desk/new/").content.decode()
    sent = typed(city, name="Rosa Resident", phone="555-0100", told_by="call")
    answer = browser.post("/desk/new/", {**sent, "photo": photo()})
    case = Case.objects.get()
    page = answer.content.decode()
    assert answer.status_code == 201 and case.reference in page
    assert (case.channel, case.language, case.area) == ("phone", "es", city.north)
    assert answer.context["code"] in page and Participant.objects.get().told_by == "call"
    assert CaseFile.objects.get().by_reporter is False
    again = browser.post("/desk/new/", sent)
    assert Case.objects.count() == 1 and again.context["code"] is None


def test_what_is_wrong_stands_beside_its_question_and_the_rest_stays(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    answer = browser.post("/desk/new/", typed(city, category="", text="Kept words"))
    assert answer.status_code == 422 and "Kept words" in answer.content.decode()
    for wrong, words in (
        ({"area": "", "address": ""}, "Tell us where"),
        ({"lat": "north", "long": "1"}, "two numbers of degrees"),
        ({"lat": "45", "long": "-93"}, "outside the area"),
        ({"told_by": "email"}, "Enter the e-mail address"),
        ({"told_by": "call"}, "Enter the telephone number"),
    ):
        answer = browser.post("/desk/new/", typed(city, **wrong))
        assert answer.status_code == 422 and words in answer.content.decode(), wrong
    assert Case.objects.count() == 0


def test_photos_survive_an_error_elsewhere(city: City, signed_in: Any) -> None:
    browser, sent = signed_in(city.omar), typed(city, text="")
    answer = browser.post("/desk/new/", {**sent, "photo": photo()})
    assert answer.status_code == 422 and "1 photo is here already" in answer.content.decode()
    token = answer.context["uploads"]
    assert browser.post("/desk/new/", {**sent, "text": "Drums", "upload": token}).status_code == 201
    assert CaseFile.objects.count() == 1
    broken = SimpleUploadedFile("x.jpg", b"nothing")
    answer = browser.post("/desk/new/", {**typed(city), "photo": broken})
    assert answer.status_code == 422 and "x.jpg" in answer.content.decode()


def test_the_categorys_own_questions_are_asked(city: City, signed_in: Any) -> None:
    city.vehicle.questions = [
        {"code": "plate", "datatype": "string", "required": True, "label": {"en": "Plate?"}, "personal": True}
    ]
    city.vehicle.save()
    touch("categories")
    browser = signed_in(city.omar)
    assert "Plate?" in browser.get(f"/desk/new/questions/?category={city.vehicle.pk}").content.decode()
    sent = typed(city, category=city.vehicle.pk)
    page = browser.post("/desk/new/", {**sent, "ask": "1"}).content.decode()
    assert "Plate?" in page and "Drums at night" in page and Case.objects.count() == 0
    assert browser.post("/desk/new/", sent).status_code == 422
    assert browser.post("/desk/new/", {**sent, "a-plate": "ABC 123"}).status_code == 201
    assert Case.objects.get().details["answers"] == {"plate": "ABC 123"}


def test_danger_now_is_passed_on_before_the_case_is_opened(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    sent = typed(city, text="Someone is breaking in right now, he has a gun", language="en")
    answer = browser.post("/desk/new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Pass it to dispatch (911)" in page and "he has a gun" in page
    assert browser.post("/desk/new/", {**sent, "passed_on": "on"}).status_code == 201
    assert Case.objects.get().details["danger"]["passed_on"] is True


def test_partners_and_analysts_enter_no_reports(city: City, signed_in: Any) -> None:
    for role in ("partner", "analyst"):
        user = make.user(f"Some {role}", role, team=city.team)
        assert signed_in(user).get("/desk/new/").status_code == 404
