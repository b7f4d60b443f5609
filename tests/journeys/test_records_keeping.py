"""Who asked for records is told what is held, can have it erased, and is forgotten when the time is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from commonbeat.cases.disposal import schedule
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor, Role
from commonbeat.journal.chain import verify
from commonbeat.journal.models import Entry
from commonbeat.publishing.person_requests import erase, export, find
from commonbeat.publishing.records.actions import open_request, withdraw
from commonbeat.publishing.records.keeping import forget_requests
from commonbeat.publishing.records.models import RecordsRequest
from tests import make
from tests.conftest import City


@pytest.fixture
def rita(city: City) -> Actor:
    return city.actor(make.user("Rita Records", Role.RECORDS))


@pytest.fixture
def asked(rita: Actor) -> RecordsRequest:
    given = {
        "requester": "Nora News", "contact": "Nora News <nora@example.org>, 312-555-0190", "asked_on": "2026-03-02",
        "text": "Noise reports of last year",
    }  # fmt: skip
    return open_request(given, actor=rita, at=make.NOW)


def test_who_asked_is_forgotten_when_the_time_is_over_and_the_fact_stays(rita: Actor, asked: RecordsRequest) -> None:
    days = int(setting("records_request_days"))
    late = make.NOW + dt.timedelta(days=days + 1)
    assert forget_requests(at=late) == 0, "an open request is kept"
    withdraw(asked, actor=rita, at=make.NOW)
    assert forget_requests(at=make.NOW + dt.timedelta(days=days - 1)) == 0
    assert forget_requests(at=late) == 1 and forget_requests(at=late) == 0
    asked.refresh_from_db()
    assert (asked.requester, asked.contact, asked.text, asked.state) == ("", "", "", "withdrawn")
    about = Entry.objects.about("records_request", asked.pk)
    assert [entry.verb for entry in about][-1] == "records_request.forgotten" and "Nora" not in str(about.values())
    assert list(verify()) == []


@pytest.mark.parametrize("how", [{"email": "nora@example.org"}, {"phone": "+1 (312) 555 0190"}])
def test_rule_21_who_asked_is_told_and_erased_as_far_as_the_law_allows(
    rita: Actor, asked: RecordsRequest, how: dict[str, str]
) -> None:
    at = timezone.now()
    held = find(**how, reason="Letter", actor=rita, at=at)
    told = export(held, actor=rita, at=at)["records_requests"]
    assert [(row["number"], row["text"]) for row in told] == [(asked.number, "Noise reports of last year")]
    erase(held, words=True, reason="Asked", actor=rita, at=at)
    asked.refresh_from_db()
    assert asked.contact, "an open request is answered first"
    withdraw(asked, actor=rita, at=at)
    erase(find(**how, reason="Letter", actor=rita, at=at), words=True, reason="Asked", actor=rita, at=at)
    asked.refresh_from_db()
    assert asked.contact == "" and asked.requester == "Nora News"
    assert find(**how, reason="Letter", actor=rita, at=at).nothing


def test_the_page_and_the_schedule_say_so(city: City, signed_in: Any, asked: RecordsRequest) -> None:
    ada = signed_in(city.ada)
    page = ada.post("/office/persons/", {"email": "nora@example.org", "reason": "Letter", "deed": "find"})
    assert "They asked for records once." in page.content.decode()
    assert any(rule.kind == "Requests for records" and rule.days == 2190 for rule in schedule())
    assert "Requests for records" in ada.get("/office/retention/").content.decode()


def test_a_stranger_with_a_longer_address_is_not_found(rita: Actor, asked: RecordsRequest) -> None:
    assert find(email="ora@example.org", phone="", reason="Letter", actor=rita, at=timezone.now()).nothing
