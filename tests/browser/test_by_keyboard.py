"""Mediation, missing persons and follow-ups with the keyboard alone, from the first page to the end of a form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import press, settle, tab_to

pytestmark = pytest.mark.browser


def _type(page: Page, field: str, words: str) -> None:
    tab_to(page, f"[{field}]")
    page.keyboard.type(words)


def test_a_sighting_is_sent_by_keyboard_and_a_mistake_is_reached_from_the_top(visit: Callable[..., Visit]) -> None:
    page = visit(viewport=PHONE).open("/missing/")
    tab_to(page, "Somebody is missing")
    with page.expect_navigation():
        page.locator("article h2 a").first.press("Enter")
    settle(page)
    press(page, "Tell us what you saw")
    _type(page, "email", "not an address")
    press(page, "Send it")
    expect(page.get_by_role("alert")).to_contain_text("What did you see?")
    tab_to(page, "What did you see?")
    page.keyboard.press("Enter")
    page.keyboard.type("He sat at the tram stop.")
    expect(page.get_by_label("What did you see?")).to_have_value("He sat at the tram stop.")
    expect(page.locator("[name=email]")).to_have_value("not an address")
    tab_to(page, "[email]")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    press(page, "Send it")
    expect(page.locator("h1")).to_contain_text("Thank you")


def test_mediation_is_asked_for_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit().open("/mediation/")
    _type(page, "text", "The gate slams all night.")
    tab_to(page, "[about]")
    page.keyboard.press("ArrowDown")
    _type(page, "other", "The house on the left")
    tab_to(page, "[afraid]")
    page.keyboard.press("Space")
    expect(page.locator("[name=afraid][value=no]")).to_be_checked()
    tab_to(page, "[who]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=who][value=anonymous]")).to_be_checked()
    press(page, "Ask for mediation")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_follow_up_is_found_and_a_case_linked_and_taken_off_by_keyboard(visit: Callable[..., Visit]) -> None:
    staff = visit(maps=False)
    staff.sign_in("sam@demo.example")
    page = staff.open("/desk/?view=all&state=assigned")
    other = page.locator("tbody a").first.inner_text().strip()
    page = staff.open("/desk/?view=all&state=agreed")
    with page.expect_navigation():
        page.locator("tbody a").first.press("Enter")
    settle(page)
    expect(page.get_by_role("heading", name="How to be in touch")).to_be_visible()
    expect(page.locator("section[aria-labelledby=people]")).to_contain_text("The person harmed")
    tab_to(page, "Link to another case")
    page.keyboard.press("Enter")
    expect(page.locator("#step form")).to_be_visible()
    settle(page)
    _type(page, "reference", other)
    press(page, "Link to another case []")
    expect(page.get_by_role("heading", name="Linked cases")).to_be_visible()
    tab_to(page, f"Take a link off {other}")
    page.keyboard.press("Enter")
    expect(page.locator("#step [name=reference]")).to_have_value(other)
    settle(page)
    _type(page, "reason", "Another person.")
    press(page, "Take a link off []")
    expect(page.get_by_role("heading", name="Linked cases")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Another person.")
