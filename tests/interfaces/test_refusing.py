"""Requests that no view takes get a clear answer in the right format, and nobody meets an empty page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tests import make
from tests.conftest import City


def test_a_wrong_host_is_said_in_the_format_that_was_asked_for(db: None) -> None:
    client = Client(headers={"host": "elsewhere.example"})
    xml = client.get("/open311/v2/services.xml")
    assert xml.status_code == 400 and xml["Content-Type"].startswith("text/xml")
    assert b"<errors><error><code>400</code><description>" in xml.content and b"host name" in xml.content
    assert xml["Access-Control-Allow-Origin"] == "*"
    listed = client.get("/open311/v2/services.json")
    assert json.loads(listed.content)[0]["code"] == 400
    problem = client.get("/api/v1/cards")
    assert problem["Content-Type"] == "application/problem+json" and problem.json()["status"] == 400
    page = client.get("/")
    assert page.status_code == 400 and "COMMONBEAT_HOSTS" in page.content.decode()
    assert "elsewhere" not in page.content.decode()


def test_too_much_at_once_says_what_to_do_and_where_the_words_are(city: City, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2000
    client = Client(enforce_csrf_checks=True)
    client.get("/report/")
    answer = client.post("/report/", {"text": "x" * 5000}, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {403, 413}
    client.cookies["csrftoken"] = "a" * 32
    body = "text=" + "x" * 5000
    answer = client.post("/report/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413 and "smaller photos" in answer.content.decode()
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    answer = client.post("/report/", "a=1&b=2&c=3&d=4&e=5", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400 and "one page back" in answer.content.decode()


@pytest.mark.parametrize("change", ["note/", "tasks/", "tasks/1/", "undo/"])
def test_an_address_that_only_takes_a_form_leads_to_its_page(city: City, signed_in: Any, change: str) -> None:
    case = make.concern(city.noise).case
    answer = signed_in(city.omar).get(f"/desk/{case.reference}/{change}", follow=True)
    assert answer.status_code == 200 and answer.request["PATH_INFO"] == f"/desk/{case.reference}/"


def test_a_reporter_who_changes_the_language_after_a_mistake_comes_back_to_the_report(city: City) -> None:
    opened = make.concern(city.noise)
    client = Client()
    page = client.post("/return/", {"code": opened.code}, follow=True)
    mine = page.request["PATH_INFO"]
    refused = client.post(f"{mine}{opened.case.reference}/add/", {"text": ""})
    assert refused.status_code == 422 and 'class="errors"' in refused.content.decode()
    there = f"{mine}{opened.case.reference}/add/"
    with translation.override("en"):  # the language ends with this test
        again = client.post("/language/", {"language": "es", "next": there}, follow=True)
    assert again.status_code == 200 and opened.case.reference in again.content.decode()
