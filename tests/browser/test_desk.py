"""An officer works a case with the keyboard alone: open the inbox, read, acknowledge, resolve, take it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.keyboard import focused, press, settle, tab_to
from tests.browser.pages import violations

pytestmark = pytest.mark.browser


def sign_in_by_keyboard(visit: Visit, email: str) -> Page:
    """From the first page of the site to the desk."""
    page = visit.open("/")
    press(page, "Staff sign-in")
    tab_to(page, "[login]")
    page.keyboard.type(email)
    tab_to(page, "[password]")
    page.keyboard.type(visit.site.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    return page


def test_a_case_is_worked_with_the_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = sign_in_by_keyboard(visit(), "sam@demo.example")
    page.keyboard.press("/")
    assert "[q]" in focused(page)
    page.goto(page.url.partition("?")[0] + "?view=all&state=new&group=Noise+and+neighbours")  # concerns
    page.keyboard.press("j")
    reference = page.evaluate("document.activeElement.textContent")
    assert reference.startswith("CB-"), reference
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(reference)
    page.keyboard.press("a")
    expect(page.locator("#step-title")).to_be_focused()
    settle(page)
    press(page, "Acknowledge")
    expect(page.locator(".status").first).to_contain_text("Acknowledged")
    page.keyboard.press("d")
    expect(page.locator("#step-title")).to_be_focused()
    settle(page)
    tab_to(page, "[outcome]")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=outcome]")).not_to_have_value("")
    tab_to(page, "[message]")
    page.keyboard.type("We mended it on Tuesday.")
    press(page, "Resolve []")
    expect(page.locator(".status").first).to_contain_text("Resolved")
    expect(page.locator(".toast")).to_contain_text("Done")
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.locator(".status").first).to_contain_text("Acknowledged")


def test_a_category_is_found_by_typing_plain_words(visit: Callable[..., Visit]) -> None:
    started = visit(maps=False)
    started.sign_in("omar@demo.example")
    page = started.open("/desk/new/")
    box = page.get_by_role("combobox", name="Category")
    expect(box).to_be_visible()
    page.wait_for_function("() => !document.querySelector('[data-shortcuts-open]').hidden")  # keys are listened to
    page.keyboard.press("c")
    expect(box).to_be_focused()
    page.keyboard.type("somebody dumped a sofa")
    expect(page.get_by_role("option", name="Illegal dumping")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Illegal dumping")
    expect(page.locator("#questions")).to_contain_text("What was dumped?")
    page.keyboard.press("Tab")
    assert "[text]" in focused(page)
    box.fill("nothing at all like this zzz")
    expect(page.get_by_role("listbox")).to_contain_text("Nothing fits")
    page.keyboard.press("Escape")
    expect(box).to_have_value("Illegal dumping")
    assert not violations(page)


def test_shortcuts_are_listed_and_can_be_switched_off(visit: Callable[..., Visit]) -> None:
    started = visit()
    started.sign_in("omar@demo.example")
    page = started.page
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    expect(page.locator("#shortcuts")).to_contain_text("Inbox")
    page.locator("[data-shortcuts-on]").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    before = page.url
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert page.url == before
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()


def test_two_people_at_once_the_second_sees_what_the_first_did(visit: Callable[..., Visit]) -> None:
    first, second = visit(), visit()
    first.sign_in("sam@demo.example")
    second.sign_in("omar@demo.example")
    second.open("/desk/?view=mine")
    link = second.page.locator("tr[data-row] th a").first
    reference = link.inner_text()
    for one in (first, second):
        one.open(f"/desk/{reference}/?step=note")
    first.page.locator("#step [name=text]").fill("I called the landlord.")
    first.page.locator("#step button[type=submit]").last.click()
    expect(first.page.locator(".timeline")).to_contain_text("I called the landlord.")
    second.page.locator("#step [name=text]").fill("Nobody opened the door.")
    second.page.locator("#step button[type=submit]").last.click()
    expect(second.page.locator("main")).to_contain_text("I called the landlord.")
    expect(second.page.locator("textarea[name=text]")).to_have_value("Nobody opened the door.")
    second.page.locator("main form button[type=submit]").last.click()
    expect(second.page.locator(".timeline")).to_contain_text("Nobody opened the door.")
