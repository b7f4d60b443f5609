"""A resident's concern from the first page to the answer, through the front door, without scripts."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, CaseFile, Participant, Upload
from commonbeat.community.models import OneTimeLink
from commonbeat.journal.channels.mail import render as render_mail
from commonbeat.journal.models import Delivery, Entry
from commonbeat.publishing.models import Follow, PublicCase
from tests import make
from tests.conftest import City

pytestmark = pytest.mark.django_db


def hidden(page: str) -> dict[str, Any]:
    """What a browser would send back from the hidden fields of a page."""
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input type=\"hidden\"[^>]*>", page):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value and "disabled" not in tag and name[1] != "csrfmiddlewaretoken":
            found.setdefault(name[1], []).append(value[1])
    return found


def go_on(client: Client, page: Any, **typed: Any) -> Any:
    """Press "Next" on a page of the report with these things typed."""
    return client.post("/report/", {**hidden(page.content.decode()), "go": "next", **typed})


def report_up_to_summary(client: Client, city: City, **contact: Any) -> Any:
    page = client.get("/report/")
    page = go_on(client, page, category=city.vehicle.code)
    assert "Where is it?" in page.content.decode()
    page = go_on(client, page, address="5100 S Ellis Ave", area=city.south.pk)
    assert "Tell us more" in page.content.decode()
    page = go_on(client, page, text="A green van has not moved for weeks.")
    assert "May we contact you?" in page.content.decode()
    return go_on(client, page, **(contact or {"who": "anonymous"}))


def send(client: Client, summary: Any) -> Any:
    return client.post("/report/concern/", hidden(summary.content.decode()))


def code_on(receipt: Any) -> str:
    found = re.search(r'id="return-code">([0-9A-Z-]+)<', receipt.content.decode())
    assert found
    return found[1]


def newest_link(template: str, what: str) -> str:
    """The one-time address in the newest mail made with this template."""
    delivery = Delivery.objects.filter(template=template).latest("id")
    _subject, body = render_mail(delivery, at=timezone.now())
    found = re.search(rf"http://[^/]+({what}[^\s]+)", body)
    assert found, body
    return found[1]


def test_four_pages_and_a_summary_make_a_case_without_a_session_or_an_account(city: City, client: Client) -> None:
    summary = report_up_to_summary(client, city)
    text = summary.content.decode()
    assert "Check and send" in text and "5100 S Ellis Ave" in text and "A green van" in text and "South" in text
    assert Case.objects.count() == 0
    receipt = send(client, summary)
    assert receipt.status_code == 201 and "no-store" in receipt["Cache-Control"]
    case = Case.objects.get()
    assert case.category == city.vehicle and case.area == city.south and case.text.startswith("A green van")
    body = receipt.content.decode()
    assert case.reference in body and "<svg" in body and "data-draft-clear" in body and "Somebody reads it by" in body
    assert set(client.cookies) <= {"csrftoken", "language"}


def test_the_same_report_sent_twice_is_stored_once_and_shows_no_second_code(city: City, client: Client) -> None:
    summary = report_up_to_summary(client, city)
    code = code_on(send(client, summary))
    again = send(client, summary)
    assert again.status_code == 200 and "We have this report already" in again.content.decode()
    assert code not in again.content.decode() and "return-code" not in again.content.decode()
    assert Case.objects.count() == 1


def test_another_report_under_the_same_id_is_not_swallowed(city: City, client: Client) -> None:
    fields = {"client_id": str(uuid.uuid4()), "category": city.vehicle.code, "address": "State St", "area": "unknown"}
    first = client.post("/report/concern/", {**fields, "text": "A van.", "who": "anonymous"})
    other = client.post("/report/concern/", {**fields, "text": "A bus.", "who": "anonymous"})
    again = client.post("/report/concern/", {**fields, "text": "A bus.", "who": "anonymous"})
    assert (first.status_code, other.status_code, again.status_code) == (201, 201, 200)
    assert sorted(Case.objects.values_list("text", flat=True)) == ["A bus.", "A van."]


def test_what_is_sensitive_is_not_kept_on_the_device(city: City, client: Client) -> None:
    secret = make.category("worry", name="Worry", sensitive=True, public_point=False)
    assert 'data-draft="report"' in client.get("/report/", {"category": city.vehicle.code}).content.decode()
    assert 'data-draft="report"' not in client.get("/report/", {"category": secret.code}).content.decode()


def test_going_back_and_changing_language_keeps_everything(city: City, client: Client, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Español")]
    summary = report_up_to_summary(client, city, who="email", email="rosa@example.org", name="Rosa")
    page = client.post("/report/", {**hidden(summary.content.decode()), "go": "to:where"})
    assert 'value="5100 S Ellis Ave"' in page.content.decode()
    fields = {**hidden(page.content.decode()), "address": "5200 S Ellis Ave", "area": city.south.pk}
    page = client.post("/report/", {**fields, "go": "language:es"})
    assert 'lang="es"' in page.content.decode() and "5200 S Ellis Ave" in page.content.decode()
    assert client.cookies["language"].value == "es"
    summary_fields = hidden(page.content.decode())
    assert summary_fields["text"] == ["A green van has not moved for weeks."]
    assert summary_fields["email"] == ["rosa@example.org"]


def test_a_category_is_found_by_plain_words_with_typos_plurals_and_in_spanish(city: City, client: Client) -> None:
    for words in ("loud partys", "LUOD", "música o ruídos", "parties"):
        page = client.post("/report/", {"page": "what", "go": "search", "q": words}).content.decode()
        assert "What fits your words" in page, words
        live = client.get("/report/categories/", {"q": words}).content.decode()
        assert 'value="noise"' in live, words
    nothing = client.post("/report/", {"page": "what", "go": "search", "q": "xylophone"}).content.decode()
    assert "Nothing fits" in nothing and "&quot;xylophone" not in nothing


def test_a_qr_code_on_a_sign_begins_with_the_place(city: City, client: Client) -> None:
    page = client.get("/report/", {"category": city.vehicle.code}).content.decode()
    assert "Where is it?" in page and f'value="{city.vehicle.code}"' in page
    assert "What is it about?" in client.get("/report/", {"category": "no-such"}).content.decode()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Tell us where"),
        ({"address": "5100 S Ellis Ave"}, "Choose the area that this address is in"),
        ({"lat": "45.0", "long": "-93.0"}, "outside the area that we serve"),
        ({"lat": "nan", "long": "1e999"}, "cannot be read"),
        ({"area": "99999"}, "Choose an area from the list"),
        ({"address": "x" * 301, "area": "unknown"}, "Shorten this"),
        ({"address": "a\x00b", "area": "unknown"}, "control characters"),
    ],
)
def test_a_wrong_place_says_what_to_do_and_keeps_what_was_typed(
    city: City, client: Client, typed: dict[str, str], says: str
) -> None:
    page = go_on(client, client.get("/report/", {"category": city.vehicle.code}), **typed)
    assert page.status_code == 422 and says in page.content.decode()


def test_somebody_who_does_not_know_the_area_goes_on_with_the_address(city: City, client: Client) -> None:
    page = go_on(
        client, client.get("/report/", {"category": city.vehicle.code}), address="By the old mill", area="unknown"
    )
    page = go_on(client, page, text="A van.")
    receipt = send(client, go_on(client, page, who="anonymous"))
    assert receipt.status_code == 201 and Case.objects.get().area is None


def test_danger_in_the_words_shows_the_emergency_number_first_and_records_the_hand_off(
    city: City, client: Client
) -> None:
    page = client.get("/report/", {"category": city.vehicle.code})
    page = go_on(client, page, lat=make.SOUTH[0], long=make.SOUTH[1])
    page = go_on(client, page, text="A man in the van has a gun and he is shooting.")
    text = page.content.decode()
    assert "Is this happening now?" in text and 'href="tel:911"' in text and "988" in text
    assert Case.objects.count() == 0 and Entry.objects.count() == 0
    page = go_on(client, page)
    assert "May we contact you?" in page.content.decode()
    receipt = send(client, go_on(client, page, who="anonymous"))
    assert receipt.status_code == 201
    noted = Case.objects.get().details["danger"]
    assert noted["number"] == "911" and noted["continued"] is True and noted["level"] == "now" and noted["shown_at"]
    assert Entry.objects.get().data["danger"]["kind"] == noted["kind"]


def test_danger_is_recognised_even_when_a_report_is_sent_in_one_go(city: City, client: Client) -> None:
    fields = {"client_id": str(uuid.uuid4()), "category": city.vehicle.code, "address": "State St", "area": "unknown"}
    page = client.post(
        "/report/concern/", {**fields, "text": "Hay un hombre con una pistola, está disparando", "who": "anonymous"}
    )
    assert page.status_code == 200 and "Is this happening now?" in page.content.decode() and Case.objects.count() == 0
    sent = client.post("/report/concern/", hidden(page.content.decode()))
    assert sent.status_code == 201 and Case.objects.get().details["danger"]["number"] == "911"


def test_a_dangerous_sort_of_matter_and_a_dangerous_answer_show_the_number_first(city: City, client: Client) -> None:
    worry = make.category("welfare", name="Welfare check", danger="likely")
    assert "Is this happening now?" in go_on(client, client.get("/report/"), category=worry.code).content.decode()
    labels = {"en": "Is it attacking somebody?"}
    choices = [{"key": "yes", "label": {"en": "Yes"}, "danger": True}, {"key": "no", "label": {"en": "No"}}]
    dog = make.category("dog", name="Dog", questions=[
        {"code": "attacking", "datatype": "singlevaluelist", "label": labels, "required": True, "choices": choices}
    ])  # fmt: skip
    page = go_on(client, client.get("/report/", {"category": dog.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    assert "Is this happening now?" in go_on(client, page, **{"a-attacking": "yes"}).content.decode()
    assert "May we contact you?" in go_on(client, page, **{"a-attacking": "no"}).content.decode()


def test_a_question_that_an_answer_makes_relevant_is_asked_without_scripts(city: City, client: Client) -> None:
    yes_no = [{"key": "yes", "label": {"en": "Yes"}}, {"key": "no", "label": {"en": "No"}}]
    wires = make.category("wires", name="Wires", questions=[
        {"code": "hanging", "datatype": "singlevaluelist", "label": {"en": "Are wires hanging?"}, "required": True,
         "choices": yes_no},
        {"code": "how_low", "datatype": "string", "label": {"en": "How low?"},
         "show_when": {"question": "hanging", "in": ["yes"]}},
    ])  # fmt: skip
    page = go_on(client, client.get("/report/", {"category": wires.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    first = page.content.decode()
    assert re.search(r'data-show-when="hanging=yes" hidden', first)
    page = go_on(client, page, **{"a-hanging": "yes"})
    assert "one more question" in page.content.decode() and not re.search(
        r'data-show-when="hanging=yes" hidden', page.content.decode()
    )
    page = go_on(client, page, **{"a-hanging": "yes", "a-how_low": "One metre"})
    summary = go_on(client, page, who="anonymous")
    assert "How low?" in summary.content.decode() and "One metre" in summary.content.decode()
    receipt = send(client, summary)
    assert receipt.status_code == 201
    assert Case.objects.get().details["answers"] == {"hanging": "yes", "how_low": "One metre"}
    mine = client.get(come_back(client, code_on(receipt))).content.decode()
    assert re.search(r"Are wires hanging\?</dt>\s*<dd[^>]*><bdi>Yes</bdi>", mine) and "One metre" in mine


def test_a_missing_answer_is_asked_for_and_nothing_is_lost(city: City, client: Client) -> None:
    made = make.category("lamp", name="Lamp", questions=[
        {"code": "pole", "datatype": "string", "label": {"en": "Number on the pole"}, "required": True}
    ])  # fmt: skip
    fields = {
        "category": made.code,
        "address": "State St",
        "area": "unknown",
        "text": "Dark <b>here</b>",
        "who": "anonymous",
    }
    page = client.post("/report/concern/", fields)
    assert page.status_code == 422
    assert "Answer this question." in page.content.decode() and "Dark &lt;b&gt;here&lt;/b&gt;" in page.content.decode()


def test_personal_data_is_pointed_out_and_may_stay(city: City, client: Client) -> None:
    page = go_on(client, client.get("/report/", {"category": city.vehicle.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    text = "Write to karl@example.org, he owns the van."
    warned = go_on(client, page, text=text)
    assert (
        "This may tell who somebody is" in warned.content.decode()
        and "<mark>karl@example.org</mark>" in warned.content.decode()
    )
    left = client.post("/report/", {**hidden(warned.content.decode()), "text": text, "go": "leave"})
    assert "May we contact you?" in left.content.decode()
    back = client.post("/report/", {**hidden(left.content.decode()), "go": "back"})
    assert "<mark>" not in back.content.decode() and text in back.content.decode()
    assert "May we contact you?" in go_on(client, back, text=text).content.decode(), (
        "what was decided is not asked again"
    )
    again = go_on(client, warned, text=text + " Or call 312-555-0142.")
    assert "312-555-0142" in re.findall("<mark>(.*?)</mark>", again.content.decode())


def test_leaving_the_words_is_said_once_even_when_something_else_is_missing(city: City, client: Client) -> None:
    made = make.category("lamp", name="Lamp", questions=[
        {"code": "pole", "datatype": "string", "label": {"en": "Number on the pole"}, "required": True}
    ])  # fmt: skip
    page = go_on(client, client.get("/report/", {"category": made.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    text = "Write to karl@example.org, he owns it."
    warned = go_on(client, page, text=text)
    assert "<mark>karl@example.org</mark>" in warned.content.decode()
    missing = client.post("/report/", {**hidden(warned.content.decode()), "text": text, "go": "leave"})
    assert "Answer this question." in missing.content.decode() and "<mark>" not in missing.content.decode()
    assert "May we contact you?" in go_on(client, missing, text=text, **{"a-pole": "17"}).content.decode()


def photo(colour: str = "red") -> io.BytesIO:
    data = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(data, "JPEG")
    data.seek(0)
    data.name = f"{colour}.jpg"
    return data


def test_photos_travel_with_the_report_and_belong_to_it_at_the_end(city: City, client: Client) -> None:
    page = go_on(client, client.get("/report/", {"category": city.vehicle.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    fields = {**hidden(page.content.decode()), "text": "See the picture."}
    shown = client.post("/report/", {**fields, "go": "next", "photos": [photo("red"), photo("blue")]})
    back = client.post("/report/", {**hidden(shown.content.decode()), "go": "to:details"}).content.decode()
    assert back.count("data:image/jpeg;base64,") == 2 and Upload.objects.count() == 2
    dropped = client.post("/report/", {**hidden(back), "text": "See the picture.", "go": "drop:0"})
    assert dropped.content.decode().count("data:image/jpeg;base64,") == 1
    summary = go_on(client, go_on(client, dropped, text="See the picture."), who="anonymous")
    assert send(client, summary).status_code == 201
    assert CaseFile.objects.get().by_reporter


def test_a_file_that_is_no_photo_is_refused_by_name_and_the_text_stays(city: City, client: Client) -> None:
    page = go_on(client, client.get("/report/", {"category": city.vehicle.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    bad = io.BytesIO(b"<html>not a photo</html>")
    bad.name = "note.jpg"
    refused = go_on(client, page, text="My words", photos=bad)
    assert refused.status_code == 422
    assert "note.jpg" in refused.content.decode() and "My words" in refused.content.decode()


def test_a_report_nearby_can_be_followed_instead(city: City, client: Client) -> None:
    first = make.concern(city.vehicle, at=timezone.now(), place=make.SOUTH).case
    make.concern(city.vehicle, at=timezone.now(), place=make.NORTH)
    make.concern(city.noise, at=timezone.now(), place=make.SOUTH)
    page = go_on(client, client.get("/report/", {"category": city.vehicle.code}), lat=make.SOUTH[0], long=make.SOUTH[1])
    body = page.content.decode()
    assert "Is it one of these?" in body and body.count("Follow this instead") == 1 and first.reference in body
    wrong = client.post(
        "/report/", {**hidden(body), "go": f"follow:{first.reference}", "follow_email": "nobody", "text": "kept"}
    )
    assert wrong.status_code == 422 and "kept" in wrong.content.decode()
    asked = client.post(
        "/report/", {**hidden(body), "go": f"follow:{first.reference}", "follow_email": "rosa@example.org"}
    )
    assert "Look into your mailbox" in asked.content.decode()
    assert Follow.objects.get().case == first and Case.objects.count() == 3
    link = newest_link("follow_confirm", "/follow/confirm/")
    assert client.get(link).status_code == 200 and Follow.objects.get().confirmed_at is None
    assert client.post(link).status_code == 200 and Follow.objects.get().confirmed_at


def test_contact_details_are_checked_and_only_the_chosen_way_is_kept(city: City, client: Client) -> None:
    wrong = report_up_to_summary(client, city, who="email", email="not an address")
    assert wrong.status_code == 422 and "Enter an e-mail address" in wrong.content.decode()
    summary = go_on(client, wrong, who="phone", phone="312-555-0142", email="rosa@example.org", hidden="on")
    assert send(client, summary).status_code == 201
    participant = Participant.objects.select_related("person").get()
    assert participant.person and (participant.person.phone, participant.person.email) == ("312-555-0142", "")
    assert participant.told_by == "call" and participant.hidden


def test_an_anonymous_report_stores_no_person(city: City, client: Client) -> None:
    summary = report_up_to_summary(client, city, who="anonymous", email="rosa@example.org", name="Rosa", hidden="on")
    assert send(client, summary).status_code == 201
    assert Participant.objects.get().person is None and not Participant.objects.get().hidden


# --- coming back ----------------------------------------------------------------------------------


def come_back(client: Client, code: str) -> str:
    answer = client.post("/return/", {"code": code})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_the_code_opens_the_report_however_it_is_typed_and_a_wrong_one_does_not(city: City, client: Client) -> None:
    code = code_on(send(client, report_up_to_summary(client, city)))
    page = client.get(come_back(client, code.lower().replace("-", " ")))
    text = page.content.decode()
    assert "A green van has not moved" in text and "You told us." in text
    assert "no-store" in page["Cache-Control"] and page["Referrer-Policy"] == "same-origin"
    assert client.post("/return/", {"code": "0000-0000-0000"}).status_code == 422


def test_a_visit_ends_after_two_hours_and_says_what_to_do(city: City, client: Client) -> None:
    address = come_back(client, code_on(send(client, report_up_to_summary(client, city))))
    OneTimeLink.objects.update(expires_at=make.NOW.replace(year=2020))
    closed = client.get(address)
    assert closed.status_code == 410 and "Follow up on a report" in closed.content.decode()


def test_a_mailed_link_works_once_and_looking_at_it_does_not_use_it_up(city: City, client: Client) -> None:
    send(client, report_up_to_summary(client, city, who="email", email="rosa@example.org"))
    link = newest_link("received", "/return/link/")
    assert client.get(link).status_code == 200 and client.get(link).status_code == 200
    opened = client.post(link)
    assert opened.status_code == 302 and "A green van" in client.get(opened["Location"]).content.decode()
    assert client.post(link).status_code == 410


def test_asking_for_a_link_says_the_same_whether_or_not_the_address_is_known(city: City, client: Client) -> None:
    for _ in range(2):
        send(client, report_up_to_summary(client, city, who="email", email="rosa@example.org"))
    known = client.post("/return/mail/", {"email": "rosa@example.org"}).content.decode()
    unknown = client.post("/return/mail/", {"email": "nora@example.org"}).content.decode()
    strip = re.compile(r"(rosa|nora)@example\.org|value=\"\w{64}\"")
    assert strip.sub("", known) == strip.sub("", unknown)
    assert Delivery.objects.filter(template="my_reports").count() == 1
    opened = client.post(newest_link("my_reports", "/return/link/"))
    listed = client.get(opened["Location"]).content.decode()
    for case in Case.objects.all():
        assert case.reference in listed
        assert "A green van" in client.get(f"{opened['Location']}{case.reference}/").content.decode()
    stranger = make.concern(city.noise).case
    assert client.get(f"{opened['Location']}{stranger.reference}/").status_code == 404


def test_the_reporter_reads_the_story_answers_adds_and_says_it_is_not_fixed(city: City, client: Client) -> None:
    code = code_on(send(client, report_up_to_summary(client, city, who="email", email="rosa@example.org")))
    case, sam, now = Case.objects.get(), city.actor(city.sam), timezone.now()
    act(case, "note", data={"text": "Secret note for colleagues"}, actor=sam, at=now)
    act(case, "message", data={"message": "We come on Monday."}, actor=sam, at=now)
    act(case, "ask", data={"whom": "reporter", "question": "Which colour is the van?"}, actor=sam, at=now)
    address = come_back(client, code)
    text = client.get(address).content.decode()
    assert "We come on Monday." in text and "Which colour is the van?" in text and "Secret note" not in text
    base = f"{address}{case.reference}/"
    assert client.post(f"{base}answer/", {"text": ""}).status_code == 422
    assert client.post(f"{base}answer/", {"text": "Green.", "version": case.version}).status_code == 302
    more = client.post(f"{base}add/", {"text": "It leaks oil.", "photos": photo()})
    assert more.status_code == 302 and CaseFile.objects.count() == 1
    page = client.get(base).content.decode()
    assert "Green." in page and "It leaks oil." in page
    picture = re.search(r'src="(/my/[^"]+/small/)"', page)
    assert picture and client.get(picture[1])["Content-Type"] == "image/jpeg"
    case.refresh_from_db()
    act(
        case,
        "resolve",
        data={"outcome": "towed", "message": "We towed it.", "reason": "Ordinance 9"},
        actor=sam,
        at=timezone.now(),
    )
    page = client.get(base).content.decode()
    assert "What we decided" in page and "The vehicle was removed." in page and "We towed it." in page
    assert "Ordinance 9" not in page and "Is it fixed?" in page
    case.refresh_from_db()
    rated = client.post(f"{base}rate/", {"fixed": "no", "text": "It is back.", "version": case.version})
    assert rated.status_code == 302
    case.refresh_from_db()
    assert case.state == "reopened" and Entry.objects.get(verb="case.rate").personal["text"] == "It is back."


def test_a_reporter_who_saw_an_older_state_is_told_and_loses_nothing(city: City, client: Client) -> None:
    address = come_back(client, code_on(send(client, report_up_to_summary(client, city))))
    case = Case.objects.get()
    seen = case.version
    act(case, "acknowledge", data={}, actor=city.actor(city.sam), at=timezone.now())
    late = client.post(f"{address}{case.reference}/add/", {"text": "Words that must stay", "version": seen})
    assert late.status_code == 409 and "Words that must stay" in late.content.decode()
    assert f'name="version" value="{case.version}"' in late.content.decode()


def test_a_reporter_withdraws_and_nobody_else_can_act_through_the_page(city: City, client: Client) -> None:
    address = come_back(client, code_on(send(client, report_up_to_summary(client, city))))
    case = Case.objects.get()
    assert client.post(f"{address}{case.reference}/resolve/", {"outcome": "fixed"}).status_code == 404
    assert client.post(f"{address}{case.reference}/withdraw/", {"reason": "Moved"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "withdrawn"
    assert client.post(f"{address}{case.reference}/add/", {"text": "Late"}).status_code == 409


def test_words_to_the_reporter_with_any_step_are_on_their_page(city: City, client: Client) -> None:
    address = come_back(client, code_on(send(client, report_up_to_summary(client, city))))
    case, sam = Case.objects.get(), city.actor(city.sam)
    act(case, "acknowledge", data={"message": "We look at it on Monday."}, actor=sam, at=timezone.now())
    handed = {"agency": "Streets", "reason": "Their lamp", "message": "The city repairs lamps."}
    act(case, "hand_over", data=handed, actor=sam, at=timezone.now())
    page = client.get(address).content.decode()
    assert "We look at it on Monday." in page and "The city repairs lamps." in page and "Their lamp" not in page


def test_a_deed_that_was_taken_back_is_not_on_the_reporters_page(city: City, client: Client) -> None:
    from commonbeat.cases.undoing import undo

    address = come_back(client, code_on(send(client, report_up_to_summary(client, city))))
    case, sam, now = Case.objects.get(), city.actor(city.sam), timezone.now()
    entry = act(case, "resolve", data={"outcome": "towed", "message": "Oops."}, actor=sam, at=now)
    undo(case, entry, actor=sam, at=now)
    page = client.get(address).content.decode()
    assert "Oops." not in page and "The vehicle was removed." not in page


def test_somebody_else_answers_by_link_and_sees_only_the_question(city: City, client: Client) -> None:
    code = code_on(send(client, report_up_to_summary(client, city)))
    case, sam = Case.objects.get(), city.actor(city.sam)
    asked = {"whom": "other", "email": "karl@example.org", "question": "Is the van yours?"}
    act(case, "ask", data=asked, actor=sam, at=timezone.now())
    link = newest_link("question", "/answer/")
    page = client.get(link).content.decode()
    assert "Is the van yours?" in page and "A green van" not in page and "5100 S Ellis" not in page
    assert client.post(link, {"text": " "}).status_code == 422
    assert "Your answer is with the people" in client.post(link, {"text": "No, my brother's."}).content.decode()
    assert client.post(link, {"text": "Again"}).status_code == 410
    reporters = client.get(come_back(client, code)).content.decode()
    assert "my brother" not in reporters and "Is the van yours?" not in reporters
    case.refresh_from_db()
    assert case.state == "assigned"


def test_the_card_is_what_the_public_sees_and_hidden_or_delayed_ones_are_not_there(city: City, client: Client) -> None:
    case = make.concern(city.vehicle, at=timezone.now(), text="Very private words", address="1 Secret St").case
    page = client.get(f"/cases/{case.reference}/").content.decode()
    assert "Abandoned vehicle" in page and "Very private words" not in page and "Secret St" not in page
    PublicCase.objects.update(hidden=True)
    assert client.get(f"/cases/{case.reference}/").status_code == 404
    late = make.category("late", name="Late", public_delay_hours=24)
    hidden_case = make.concern(late, at=timezone.now()).case
    assert client.get(f"/cases/{hidden_case.reference}/").status_code == 404
