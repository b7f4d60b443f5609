"""What goes across kinds, in a browser: search, a place, numbers, and a request for records that is answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.pages import SMALLEST, sticks_out
from tests.browser.test_complaint import fine

pytestmark = pytest.mark.browser


def test_one_finds_a_case_by_words_and_looks_around_its_place(visit: Callable[..., Visit]) -> None:
    started = visit(maps=False)
    started.sign_in("sam@demo.example")
    page = started.page
    page.locator("#desk-search").fill("music")
    page.locator("#desk-search").press("Enter")
    expect(page.locator("h1")).to_have_text("Search")
    fine(page)
    page.get_by_role("link", name="CB-").first.click()
    page.get_by_role("link", name="Everything at this place").click()
    expect(page.locator("h1")).to_have_text("Everything at a place")
    page.get_by_label("Within").select_option("1000")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("#metres")).to_have_value("1000")
    fine(page)


def test_the_numbers_of_a_kind_are_accessible_and_fit_also_from_right_to_left(visit: Callable[..., Visit]) -> None:
    started = visit(maps=False)
    started.sign_in("sam@demo.example")
    page = started.open("/desk/statistics/concern/")
    assert page.locator("main img").evaluate("e => e.complete && e.naturalWidth > 100")
    fine(page)
    page.get_by_label("From (year-month)").fill("nonsense")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("These months cannot be shown")).to_be_visible()
    started.context.add_cookies([{"name": "language", "value": "ar", "url": started.site.address}])
    page.set_viewport_size(SMALLEST)
    for path in ("/desk/statistics/concern/", "/desk/search/?q=music", "/desk/place/"):
        assert sticks_out(started.open(path)) == [], path


def test_a_request_for_records_is_noted_reviewed_and_ended_without_scripts(visit: Callable[..., Visit]) -> None:
    started = visit(java_script_enabled=False)
    started.sign_in("records.hana@demo.example")
    page = started.open("/office/requests/")
    page.get_by_label("Who asks").fill("An invented newspaper")
    page.get_by_label("What they ask for").fill("Everything on one case.")
    page.get_by_role("button", name="Note the request").click()
    expect(page.locator("h1")).to_contain_text("An invented newspaper")
    page.get_by_label("Add cases").fill(started.site.reference)
    page.get_by_role("button", name="Add them").click()
    page.get_by_role("link", name=started.site.reference).click()
    page.get_by_role("button", name="Save these decisions").click()
    expect(page.get_by_text("all decided")).to_be_visible()
    expect(page.get_by_role("button", name="Release the records")).to_be_visible()
    page.get_by_role("button", name="Take back my last decision").click()
    expect(page.get_by_role("button", name="Release the records")).to_have_count(0)
    page.get_by_role("button", name="End the request without a release").click()
    expect(page.get_by_text("Nothing was released")).to_be_visible()


def test_pages_of_requests_for_records_are_accessible(visit: Callable[..., Visit]) -> None:
    started = visit(maps=False)
    started.sign_in("records.hana@demo.example")
    for path in ("/office/requests/", "/office/requests/1/", "/office/requests/2/", "/office/exemption/"):
        fine(started.open(path))
    started.open("/office/requests/2/").get_by_role("link", name="CB-").first.click()
    expect(started.page.locator("h1")).to_contain_text("What is released of")
    fine(started.page)
