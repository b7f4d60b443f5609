"""Entering a report for somebody: one page, a slip with the code, nothing doubled, nothing lost."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.community.reference import touch
from commonbeat.journal.models import Entry
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


def test_plain_words_find_the_category_and_without_scripts_a_select_remains(city: City, signed_in: Any) -> None:
    browser = signed_in(city.cleo)
    found = browser.get("/desk/new/categories/", {"q": "noise everywhere"}).json()["found"]
    assert found[0] == str(city.noise.pk)
    assert browser.get("/desk/new/categories/", {"q": " "}).json() == {"found": []}
    page = browser.get("/desk/new/").content.decode()
    assert '<select class="usa-select" name="category"' in page and 'data-find="/desk/new/categories/"' in page
    assert signed_in(city.pat).get("/desk/new/categories/?q=a").status_code == 404


def test_a_report_for_another_area_leads_to_no_page_that_is_not_there(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    own = browser.post("/desk/new/", typed(city)).content.decode()
    assert f'href="/desk/{Case.objects.get().reference}/"' in own
    other = browser.post("/desk/new/", typed(city, area=city.south.pk)).content.decode()
    case = Case.objects.get(area=city.south)
    assert case.reference in other and f'href="/desk/{case.reference}/"' not in other
    assert "outside the areas that you look after" in other


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
    assert 'name="h-number" value="911"' in page and Case.objects.count() == 0
    assert 'name="h-number" value="911"' in browser.get("/desk/new/").content.decode()
    handed = {"h-handed": "dispatch", "h-number": "911", "h-incident": "26-0311", "h-told": "on"}
    wrong = browser.post("/desk/new/", {**sent, **handed, "h-at": "half past"})
    assert wrong.status_code == 422 and "such as 14:05" in wrong.content.decode() and Case.objects.count() == 0
    before = timezone.now()
    assert browser.post("/desk/new/", {**sent, **handed, "h-at": ""}).status_code == 201
    case = Case.objects.get()
    kept = case.details["danger"]
    assert (kept["passed_on"], kept["number"], kept["incident"], kept["caller_told"]) == (True, "911", "26-0311", True)
    assert before <= dt.datetime.fromisoformat(kept["passed_on_at"]) <= timezone.now()
    assert Entry.objects.get(verb="case.opened").data["danger"] == kept
    page = browser.get(f"/desk/{case.reference}/").content.decode()
    assert "Passed to dispatch on 911 at" in page and "26-0311" in page and "The caller was told." in page


def test_the_time_of_the_hand_off_is_the_last_such_time_and_what_was_not_done_is_not_claimed(
    city: City, signed_in: Any
) -> None:
    browser = signed_in(city.omar)
    sent = typed(city, text="Someone is breaking in right now, he has a gun", language="en")
    later = f"{timezone.localtime() + dt.timedelta(minutes=2):%H:%M}"
    assert browser.post("/desk/new/", {**sent, "h-handed": "dispatch", "h-at": later}).status_code == 201
    case = Case.objects.get()
    kept = case.details["danger"]
    passed_on = dt.datetime.fromisoformat(kept["passed_on_at"])
    assert dt.timedelta(hours=23) < timezone.now() - passed_on < dt.timedelta(hours=24)
    assert kept["number"] == "911" and kept["caller_told"] is False
    assert "The caller was not told." in browser.get(f"/desk/{case.reference}/").content.decode()


def test_danger_that_is_over_or_was_only_spoken_of_is_noted_as_that(city: City, signed_in: Any) -> None:
    browser = signed_in(city.omar)
    sent = typed(city, text="Someone is breaking in right now, he has a gun", language="en")
    browser.post("/desk/new/", {**sent, "h-handed": "past"})
    over = Case.objects.get()
    assert over.details["danger"]["passed_on"] is False and "number" not in over.details["danger"]
    assert "found that it was over" in browser.get(f"/desk/{over.reference}/").content.decode()
    browser.post("/desk/new/", typed(city, text="Last night somebody had a gun in the park.", language="en"))
    spoken = Case.objects.exclude(pk=over.pk).get()
    assert spoken.details["danger"]["level"] == "possible" and "passed_on" not in spoken.details["danger"]


def test_a_dangerous_category_or_answer_is_passed_on_and_so_is_what_only_the_clerk_heard(
    city: City, signed_in: Any
) -> None:
    browser, handed = signed_in(city.omar), {"h-handed": "dispatch", "h-number": "555-0199"}
    likely = make.category("wires", name="Wires down", danger="likely")
    assert browser.post("/desk/new/", typed(city, category=likely.pk, language="en")).status_code == 422
    assert browser.post("/desk/new/", typed(city, category=likely.pk, language="en", **handed)).status_code == 201
    assert Case.objects.get().details["danger"]["number"] == "555-0199"
    choices = [{"key": "yes", "label": {"en": "Yes"}, "danger": True}, {"key": "no", "label": {"en": "No"}}]
    asked = make.category(
        "fight",
        questions=[{"code": "now", "datatype": "singlevaluelist", "label": {"en": "Now?"}, "choices": choices}],
    )
    sent = typed(city, category=asked.pk, language="en", **{"a-now": "yes"})
    assert browser.post("/desk/new/", sent).status_code == 422
    assert browser.post("/desk/new/", sent | {"a-now": "no"}).status_code == 201
    assert (
        browser.post("/desk/new/", typed(city, text="He sounded afraid.", language="en", **handed)).status_code == 201
    )
    heard = Case.objects.order_by("-id").first()
    assert heard and heard.details["danger"]["kind"] == "caller" and heard.details["danger"]["passed_on"] is True


def test_partners_and_analysts_enter_no_reports(city: City, signed_in: Any) -> None:
    for role in ("partner", "analyst"):
        user = make.user(f"Some {role}", role, team=city.team)
        assert signed_in(user).get("/desk/new/").status_code == 404
