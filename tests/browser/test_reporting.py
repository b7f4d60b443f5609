"""A resident reports a concern in a browser: by keyboard alone, without scripts, with a lost connection, in danger."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import press, tab_to

pytestmark = pytest.mark.browser

CODE = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$")


def choose_category(page: Page, words: str = "street light") -> None:
    """The first page, with the search button: works with and without scripts."""
    page.get_by_label("Describe it in a few words").fill(words)
    page.get_by_role("button", name="Search").click()
    page.locator("#found button.pick").first.click()
    expect(page.locator("h1")).to_contain_text("Where is it?")


def say_where(page: Page, address: str = "5100 S Ellis Ave") -> None:
    """The second page."""
    page.get_by_label("Address, corner or landmark").fill(address)
    page.locator("#area").select_option(label="Hyde Park")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Tell us more")


def answer_all(page: Page) -> None:
    """Any answer to every question that must be answered, on the page of details."""
    names = "(all) => [...new Set(all.filter((r) => r.offsetParent).map((r) => r.name))]"
    for name in page.locator("#report-form input[type=radio]").evaluate_all(names):
        page.locator(f"input[type=radio][name='{name}']").last.check()
    for choice in page.locator("#report-form select:visible").all():
        choice.select_option(index=1)
    for field in page.locator("#report-form input.usa-input:visible:not([type=email])").all():
        field.fill({"date": "2026-03-01", "number": "2"}.get(field.get_attribute("type") or "", "By the corner"))


def test_a_report_can_be_made_with_the_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = visit().open("/")
    press(page, "Report a concern")
    tab_to(page, "Describe it in a few words")
    page.keyboard.type("loud music")
    expect(page.locator("#found button.pick").first).to_be_visible()
    tab_to(page, "Search")
    with page.expect_navigation():
        tab_to(page, "[category]")
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Where is it?")
    tab_to(page, "[address]")
    page.keyboard.type("5100 S Ellis Ave")
    tab_to(page, "[area]")
    page.keyboard.type("Hyde")
    press(page, "Next")
    expect(page.locator("h1")).to_contain_text("Tell us more")
    tab_to(page, "[text]")
    page.keyboard.type("Music from the yard, every night since Monday.")
    _answer_by_keyboard(page)
    expect(page.locator("h1")).to_contain_text("May we contact you?")
    tab_to(page, "[who]")
    page.keyboard.press("ArrowUp")  # the last choice: stay anonymous
    press(page, "Next")
    expect(page.locator("h1")).to_contain_text("Check and send")
    expect(page.locator(".summary")).to_contain_text("Music from the yard")
    press(page, "Send the report")
    expect(page.locator("h1")).to_contain_text("We have your report")
    assert CODE.match(page.locator("#return-code").inner_text())


def _answer_by_keyboard(page: Page) -> None:
    """Tab through the questions: the last of radio buttons, the first of boxes and lists, words elsewhere."""
    done: set[str] = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        tag, sort, name = page.evaluate(
            "() => { const e = document.activeElement; return [e.tagName, e.type, e.name]; }"
        )
        if tag == "BUTTON" and name == "go":
            break
        if name in done:
            continue
        done.add(name)
        if sort == "radio":
            page.keyboard.press("ArrowUp")
        elif sort == "checkbox":
            page.keyboard.press("Space")
        elif tag == "SELECT":
            page.keyboard.press("ArrowDown")
        elif sort == "text":
            page.keyboard.type("Since Monday")
        elif sort == "number":
            page.keyboard.type("2")
        elif sort == "date":
            page.keyboard.type("03012026")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_report_can_be_made_without_scripts_on_a_phone(visit: Callable[..., Visit]) -> None:
    page = visit(java_script_enabled=False, viewport=PHONE).open("/")
    page.get_by_role("link", name="Report a concern").first.click()
    choose_category(page)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator(".errors")).to_be_visible()  # nothing was said about the place
    say_where(page)
    page.locator("#text").fill("The light is out. My neighbor John Smith, 312-555-0142, saw it first.")
    for _ in range(3):
        answer_all(page)
        page.get_by_role("button", name="Next", exact=True).click()
        if page.locator("#personal").count() or not page.locator("#text").count():
            break
    expect(page.locator("#personal")).to_contain_text("312-555-0142")
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.locator("h1")).to_contain_text("May we contact you?")
    page.get_by_label("By e-mail").check()
    page.get_by_label("E-mail address").fill("rosa@example.org")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator(".summary")).to_contain_text("rosa@example.org")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("h1")).to_contain_text("We have your report")
    code = page.locator("#return-code").inner_text()
    page.goto(page.url.replace("/report/concern/", "/return/"))
    page.get_by_label("The code from your receipt").fill(code.lower())
    page.get_by_role("button", name="Open my report").click()
    expect(page.locator("main")).to_contain_text("The light is out")


def test_words_survive_a_closed_tab(visit: Callable[..., Visit]) -> None:
    started = visit()
    page = started.open("/report/")
    choose_category(page)
    page.get_by_label("Address, corner or landmark").fill("Bus stop at 79th and Halsted")
    page.locator("#area").select_option(label="Auburn Gresham")
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator("#text").press_sequentially("Three lights in a row are dark", delay=5)
    page.close()
    page = started.open("/report/", started.context.new_page())
    expect(page.locator("[data-draft-note]")).to_contain_text("You have begun a report")
    page.get_by_role("button", name="Go on with this").click()
    expect(page.locator("h1")).to_contain_text("Where is it?")
    expect(page.locator("[data-draft-note]")).to_contain_text("We kept what you wrote")
    expect(page.locator("#address")).to_have_value("Bus stop at 79th and Halsted")
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("#text")).to_have_value("Three lights in a row are dark")
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("#text")).to_have_value("")
    page = started.open("/report/", page)
    expect(page.locator("h1")).to_contain_text("What is it about?")
    expect(page.locator("[data-draft-note]")).to_have_count(0)


def test_a_lost_connection_loses_no_words_and_sends_nothing_twice(visit: Callable[..., Visit]) -> None:
    started = visit()
    page = started.open("/report/")
    choose_category(page)
    say_where(page)
    page.locator("#text").fill("The lamp flickers all night")
    answer_all(page)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_label("Not at all").check()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Check and send")
    page.wait_for_load_state()
    started.context.set_offline(True)
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("[data-draft-note]")).to_contain_text("You have no connection")
    expect(page.locator(".summary")).to_contain_text("The lamp flickers all night")
    started.context.set_offline(False)
    page.get_by_role("button", name="Send it now").click()
    expect(page.locator("h1")).to_contain_text("We have your report")
    first = page.locator(".reference").inner_text()
    page.reload()  # the browser sends the form again
    expect(page.locator("h1")).to_contain_text("We have this report already")
    expect(page.locator("main")).to_contain_text(first)
    page.goto(page.url.replace("concern/", ""))
    expect(page.locator("h1")).to_contain_text("What is it about?")
    assert page.evaluate("Object.keys(localStorage).filter((k) => k.includes('draft'))") == []


def test_danger_shows_the_emergency_number_before_anything_else(visit: Callable[..., Visit]) -> None:
    page = visit(viewport=PHONE).open("/report/")
    choose_category(page)
    say_where(page)
    page.locator("#text").fill("Somebody is breaking into the house right now, he has a gun")
    answer_all(page)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Is this happening now?")
    call = page.get_by_role("link", name="Call 911 now")
    assert call.get_attribute("href") == "tel:911"
    box = call.bounding_box()
    assert box and box["y"] + box["height"] < PHONE["height"], "The number is not on the first screen."
    page.get_by_role("button", name=re.compile("Go on with the report")).click()
    expect(page.locator("h1")).to_contain_text("May we contact you?")
