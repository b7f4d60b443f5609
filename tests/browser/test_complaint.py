"""A complaint in a browser: without scripts, on a small telephone, accessible; and on the desk of standards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser
SAID = "He shouted at my son and would not give his name."


def fine(page: Page) -> None:
    """Accessible, and nothing sticks out on the smallest telephone."""
    before = page.viewport_size
    assert violations(page) == [], page.url
    page.set_viewport_size(SMALLEST)
    assert sticks_out(page) == [], page.url
    if before:
        page.set_viewport_size(before)


def test_a_complaint_is_sent_and_followed_without_scripts(visit: Callable[..., Visit]) -> None:
    plain = visit(java_script_enabled=False)
    page = plain.open("/complaint/")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_role("alert")).to_contain_text("What happened?")
    page.get_by_label("What happened?").fill(SAID)
    page.get_by_label("For myself").check()
    page.get_by_label("Not at all: I stay anonymous").check()
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("h1")).to_contain_text("We have your complaint")
    expect(page.get_by_text(SAID)).to_be_visible()
    code = page.locator("#return-code").inner_text()
    page = plain.open("/return/")
    page.locator("input[name=code]").fill(code)
    page.locator("input[name=code]").press("Enter")
    expect(page.locator("h1")).to_contain_text("Complaint")
    page.get_by_role("link", name="Your own copy of your statement").click()
    expect(page.get_by_text(SAID)).to_be_visible()


def test_public_pages_of_complaints_and_thanks_are_accessible(visit: Callable[..., Visit]) -> None:
    started = visit()
    for path in ("/complaint/", "/complaints/", "/commend/", "/thanks/"):
        fine(started.open(path))
    page = started.open("/complaint/")
    page.get_by_label("What happened?").fill(SAID)
    page.get_by_label("For myself").check()
    page.get_by_label("By e-mail").check()
    page.get_by_label("E-mail address").fill("rosa@example.org")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("h1")).to_contain_text("We have your complaint")
    fine(page)


def test_the_desk_of_professional_standards_is_accessible_and_others_find_nothing(visit: Callable[..., Visit]) -> None:
    pat = visit()
    pat.sign_in("pat@demo.example")
    for path in ("/desk/?view=all", "/desk/commendations/", "/desk/recommendations/", "/desk/complaints/new/"):
        fine(pat.open(path))
    page = pat.open("/desk/?view=all&state=investigating")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Allegations")).to_be_visible()
    fine(page)
    address = pat.path()
    page.get_by_role("link", name="Record a finding").first.click()
    expect(page.get_by_label("Why this was found")).to_be_visible()
    fine(page)
    omar = visit()
    omar.sign_in("omar@demo.example")
    assert omar.page.request.get(omar.site.address + address).status == 404
