"""The studio and the plain page of a study: accessible, narrow, and a plan written with the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser

HOT = "/studies/did-operation-bright-corner-reduce-assaults/"
ASKED = "Do evening walks with neighbors make people feel safer?"


def test_the_plain_page_can_be_read_by_everybody(visit: Callable[..., Visit]) -> None:
    reader = visit(viewport=PHONE)
    asked = "/studies/do-evening-walks-with-neighbors-make-people-feel-safer/"
    for path in ("/studies/", HOT, asked, "/studies/do-evening-walks-with-neighbours-reduce-assaults/"):
        page = reader.open(path)
        assert violations(page) == []
        page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
        assert sticks_out(page) == []
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = reader.open(HOT)
    expect(page.get_by_text("Do not rely on this number")).to_be_visible()
    expect(page.get_by_role("heading", name="What we do next")).to_be_visible()
    page = visit(viewport=PHONE, locale="ar").open(HOT)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert sticks_out(page) == []


def test_a_plan_is_written_and_looked_ahead_on_the_desk(visit: Callable[..., Visit]) -> None:
    analyst = visit()
    analyst.sign_in("analyst.devi@demo.example")
    page = analyst.open("/desk/studies/")
    assert violations(page) == []
    page.get_by_role("region", name="Studies").get_by_role("link", name=ASKED).click()
    page.get_by_role("link", name="Outcomes and groups").click()
    expect(page.get_by_role("heading", name="In the plan")).to_be_visible()
    assert violations(page) == []
    page = analyst.open("/desk/studies/")
    page.get_by_role("link", name="Plan a study").click()
    page.get_by_label("What is the study called?").fill("Do clean alleys help?")
    page.get_by_label("Which numbers?").select_option(index=1)
    page.get_by_role("button", name="Go on to the plan").press("Enter")
    page.wait_for_url("**/plan/")
    assert violations(page) == []
    page.get_by_label("What is done?").fill("Alleys are cleaned twice a week.")
    page.get_by_label("From when?").fill("never")
    page.get_by_role("button", name="Save and look ahead").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("What is done?")).to_have_value("Alleys are cleaned twice a week.")
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert sticks_out(page) == []


def test_a_report_is_accessible_and_shows_failed_checks_first(visit: Callable[..., Visit]) -> None:
    board = visit()
    board.sign_in("board.elaine@demo.example")
    page = board.open("/desk/studies/")
    page.get_by_role("link", name="Did Operation Bright Corner reduce assaults?", exact=True).first.click()
    page.get_by_role("link", name="Read the report").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Report")
    assert violations(page) == []
    expect(page.locator("h3").first).to_contain_text("calmed down by themselves")
    expect(page.locator("img").first).to_have_js_property("complete", True)
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert sticks_out(page) == []
