"""Danger that is told only later, in what a reporter or somebody who was asked adds: the number first, nothing lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.cases.returning import visit_by_code
from commonbeat.cases.telling import STAFF_MAILS
from commonbeat.community.models import Cover
from commonbeat.journal.models import Delivery, Entry
from tests import make
from tests.conftest import City
from tests.journeys.test_concern_resident import hidden, newest_link, photo

pytestmark = pytest.mark.django_db

SHOTS = {"en": "A man with a gun is shooting right now.", "es": "Hay un hombre con una pistola, está disparando."}
FIRST = {"en": "Is this happening now?", "es": "¿Está pasando ahora?"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "es"])


def opened(city: City, **fields: Any) -> tuple[Case, str]:
    """A concern of a moment ago, worked by Omar, and the address of its reporter's page."""
    made = make.concern(city.noise, at=timezone.now(), **fields)
    act(made.case, "assign", data={"user": city.omar.pk}, actor=city.actor(city.sam), at=timezone.now())
    token = visit_by_code(made.code or "", at=timezone.now())
    return made.case, f"/my/{token}/{made.case.reference}/"


def resident(language: str) -> Client:
    return Client(headers={"accept-language": language})


def go_on(client: Client, page: Any) -> Any:
    """Press the button under the emergency number: no script, no cookie, only what the page holds."""
    text = page.content.decode()
    action = re.search(r'<form method="post" id="report-form" action="([^"]*)"', text)
    assert action, "there is a way on"
    return client.post(action[1], {**hidden(text), "go": "next"})


def shows_number_first(page: Any, language: str) -> None:
    text = page.content.decode()
    assert page.status_code == 200 and FIRST[language] in text and 'href="tel:911"' in text
    assert "no-store" in page["Cache-Control"]


def told() -> list[str]:
    return list(Delivery.objects.filter(template="staff_danger").order_by("id").values_list("recipient", flat=True))


@LANGUAGES
def test_words_of_danger_that_a_reporter_adds_show_the_number_first_and_go_on_with_all_that_was_sent(
    city: City, language: str
) -> None:
    case, mine = opened(city)
    version, client = Case.objects.get().version, resident(language)
    page = client.post(mine + "add/", {"text": SHOTS[language], "version": version, "photos": [photo()]})
    shows_number_first(page, language)
    assert not Entry.objects.filter(verb="case.add").exists() and not told()
    assert go_on(client, page)["Location"].endswith("?done=add")
    entry = Entry.objects.get(verb="case.add")
    kept = entry.data["danger"]
    assert entry.personal and entry.personal["text"] == SHOTS[language] and case.files.count() == 1
    assert (kept["number"], kept["level"], kept["continued"]) == ("911", "now", True) and kept["shown_at"]
    assert told() == [city.omar.email], "told once, and not of an addition besides"
    assert not Delivery.objects.filter(template="staff_added").exists()


@LANGUAGES
def test_an_answer_with_words_of_danger_shows_the_number_first(city: City, language: str) -> None:
    case, mine = opened(city, name="Rosa", email="rosa@example.org", told_by="email")
    act(case, "ask", data={"whom": "reporter", "question": "When?"}, actor=city.actor(city.omar), at=timezone.now())
    client = resident(language)
    page = client.post(mine + "answer/", {"text": SHOTS[language]})
    shows_number_first(page, language)
    assert go_on(client, page).status_code == 302
    assert Entry.objects.get(verb="case.answer").data["danger"]["number"] == "911" and told() == [city.omar.email]


@LANGUAGES
def test_a_report_that_is_not_fixed_because_of_danger_opens_again_after_the_number(city: City, language: str) -> None:
    case, mine = opened(city)
    done = {"outcome": "advice", "message": "We spoke with them."}
    act(case, "resolve", data=done, actor=city.actor(city.omar), at=timezone.now())
    client = resident(language)
    page = client.post(mine + "rate/", {"fixed": "no", "text": SHOTS[language]})
    shows_number_first(page, language)
    assert Case.objects.get().state == "resolved"
    go_on(client, page)
    assert Case.objects.get().state == "reopened" and told() == [city.omar.email]
    assert Entry.objects.get(verb="case.rate").data["danger"]["kind"]


def test_happy_words_and_reasons_for_withdrawing_are_read_for_danger_too(city: City) -> None:
    _case, mine = opened(city)
    client = resident("en")
    page = client.post(mine + "withdraw/", {"reason": "He says he will kill me if I do not take it back."})
    shows_number_first(page, "en")
    go_on(client, page)
    assert Case.objects.get().outcome == "withdrawn" and told() == [city.omar.email]


@LANGUAGES
def test_somebody_else_who_is_asked_sees_the_number_first_and_their_link_stays_good(city: City, language: str) -> None:
    case, _mine = opened(city)
    asked = {"whom": "other", "name": "Nadia", "email": "nadia@example.org", "question": "What did you hear?"}
    act(case, "ask", data=asked, actor=city.actor(city.omar), at=timezone.now())
    link = newest_link("question", "/answer/")
    client = resident(language)
    page = client.post(link, {"text": SHOTS[language]})
    shows_number_first(page, language)
    assert "Rosa" not in page.content.decode()
    assert go_on(client, page).status_code == 200
    entry = Entry.objects.get(verb="case.answer")
    assert entry.data["danger"]["number"] == "911" and entry.personal and entry.personal["text"] == SHOTS[language]
    assert told() == [city.omar.email]


def test_new_words_of_danger_show_the_number_again_and_old_ones_do_not(city: City) -> None:
    _case, mine = opened(city)
    client = resident("en")
    fire = "The house is on fire right now!"
    first = client.post(mine + "add/", {"text": fire})
    more = hidden(first.content.decode()) | {"text": f"{fire} {SHOTS['en']}"}
    again = client.post(mine + "add/", more)
    shows_number_first(again, "en")
    assert go_on(client, again).status_code == 302
    forged = client.post(mine + "add/", {"text": SHOTS["en"], "danger": "forged"})
    shows_number_first(forged, "en")


def test_harmless_words_go_straight_on(city: City) -> None:
    _case, mine = opened(city)
    assert resident("en").post(mine + "add/", {"text": "The music is louder now."}).status_code == 302
    assert "danger" not in Entry.objects.get(verb="case.add").data and not told()


def test_a_photo_that_cannot_be_taken_does_not_delay_the_number_and_good_ones_are_kept_after_an_error(
    city: City,
) -> None:
    case, mine = opened(city)
    client, broken = resident("en"), photo()
    broken.truncate(20)
    page = client.post(mine + "add/", {"text": SHOTS["en"], "photos": [photo(), broken]})
    shows_number_first(page, "en")
    assert "alert--warning" in page.content.decode(), "says which photo is missing"
    fields = hidden(page.content.decode()) | {"version": "1", "go": "next"}
    late = client.post(mine + "add/", fields)
    assert late.status_code == 409 and SHOTS["en"] in late.content.decode()
    assert "need not choose it again" in late.content.decode()
    sent = hidden(late.content.decode()) | {"text": SHOTS["en"], "version": str(Case.objects.get().version)}
    assert client.post(mine + "add/", sent).status_code == 302, "the number was shown for these words"
    assert case.files.count() == 1


def test_danger_goes_to_whoever_stands_in_and_without_an_owner_to_a_supervisor_and_cannot_be_muted(
    city: City, signed_in: Any
) -> None:
    city.omar.muted = sorted(STAFF_MAILS)
    city.omar.save()
    today = timezone.localdate()
    Cover.objects.create(user=city.omar, by=city.olga, since=today, until=today)
    _case, mine = opened(city)
    go_on(resident("en"), resident("en").post(mine + "add/", {"text": SHOTS["en"]}))
    assert sorted(told()) == [city.olga.email, city.omar.email]
    assert set(Delivery.objects.filter(template="staff_danger").values_list("channel", flat=True)) == {"email"}
    Delivery.objects.all().delete()
    nobody = make.concern(city.vehicle, at=timezone.now())
    token = visit_by_code(nobody.code or "", at=timezone.now())
    page = resident("en").post(f"/my/{token}/{nobody.case.reference}/add/", {"text": SHOTS["en"]})
    go_on(resident("en"), page)
    assert told() == [city.sam.email]


def test_the_page_of_the_case_tells_of_danger_that_was_added(city: City, signed_in: Any) -> None:
    case, mine = opened(city)
    go_on(resident("en"), resident("en").post(mine + "add/", {"text": SHOTS["en"]}))
    page = signed_in(city.omar).get(f"/desk/{case.reference}/").content.decode()
    assert "Possible danger was recognised in what was added" in page
    assert "The emergency number 911 was shown" in page and "whoever wrote went on" in page
    assert "sounds like danger" in page
