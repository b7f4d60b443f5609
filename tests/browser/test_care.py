"""Missing persons and follow-ups in a browser: the number first, notices, sightings, and what the desk shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_complaint import fine

pytestmark = pytest.mark.browser


def test_the_number_comes_first_and_a_sighting_is_sent_without_scripts(visit: Callable[..., Visit]) -> None:
    plain = visit(java_script_enabled=False, viewport=PHONE)
    page = plain.open("/missing/report/")
    expect(page.get_by_text("There is no waiting time.")).to_be_visible()
    page.get_by_role("link", name="I cannot call: go to the form").click()
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_role("alert")).to_contain_text("Name of the missing person")
    page = plain.open("/missing/")
    page.locator("article h2 a").first.click()
    expect(page.get_by_role("heading", name="Did you see them?")).to_be_visible()
    page.get_by_role("link", name="Tell us what you saw").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("alert")).to_contain_text("What did you see?")
    page.get_by_label("What did you see?").fill("He sat on a bench at the lake.")
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("h1")).to_contain_text("Thank you")


def test_public_pages_of_missing_persons_are_accessible(visit: Callable[..., Visit]) -> None:
    started = visit()
    for path in ("/missing/report/", "/missing/report/form/", "/missing/"):
        fine(started.open(path))
    page = started.page
    page.locator("article h2 a").first.click()
    fine(page)
    page.get_by_role("link", name="Tell us what you saw").click()
    fine(page)


def test_the_desk_of_missing_persons_and_follow_ups_is_accessible(visit: Callable[..., Visit]) -> None:
    sam = visit(maps=False)
    sam.sign_in("sam@demo.example")
    page = sam.open("/desk/missing/new/")
    fine(page)
    page = sam.open("/desk/?view=all&state=searching")
    page.locator("tbody a").last.click()
    expect(page.get_by_role("heading", name="What the public sees")).to_be_visible()
    fine(page)
    page.get_by_role("link", name="Draft a notice for the public").click()
    expect(page.get_by_label("Name to show")).to_be_visible()
    fine(page)
    omar = visit(maps=False)
    omar.sign_in("omar@demo.example")
    fine(omar.open("/desk/follow-ups/"))
    fine(omar.open("/desk/follow-ups/new/"))
    page = omar.open("/desk/follow-ups/")
    page.locator("main li a").first.click()
    expect(page.get_by_role("heading", name="How to be in touch")).to_be_visible()
    fine(page)
    page.get_by_role("link", name="Record what they agreed to").click()
    expect(page.get_by_label("How they said it")).to_be_visible()
    fine(page)
