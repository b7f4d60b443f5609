"""A problem in a real browser: accessible in every phase, narrow, worked with the keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import follow, press, tab_to
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser


def _clean(page: Page) -> list[str]:
    found = violations(page)
    before = page.viewport_size
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    found += sticks_out(page)
    page.set_viewport_size(before)  # type: ignore[arg-type]
    return found


def test_every_phase_of_a_problem_can_be_read_by_everybody(visit: Callable[..., Visit]) -> None:
    officer = visit(viewport=PHONE, maps=False)
    officer.sign_in("analyst.devi@demo.example")
    assert _clean(officer.open("/desk/problems/")) == []
    page = officer.open("/desk/problems/?kind=problem")
    found = page.locator("[data-row] a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    assert len(found) >= 3
    for path in found[:4]:
        page = officer.open(path)
        assert _clean(page) == [], path
        expect(page.get_by_role("heading", name="Where the problem stands")).to_be_visible()
    for step in ("describe", "gather", "tick", "triangle", "option", "plan"):
        page = officer.open(f"{found[-1]}?step={step}")
        if page.locator("#step-title").count():
            assert _clean(page) == [], step


def test_a_problem_is_started_and_moved_on_with_the_keyboard(visit: Callable[..., Visit]) -> None:
    officer = visit(maps=False)
    officer.sign_in("omar@demo.example")
    page = officer.open("/desk/problems/")
    press(page, "Start a problem")
    tab_to(page, "[title]")
    page.keyboard.type("Bicycles stolen at the station")
    tab_to(page, "[text]")
    page.keyboard.type("Two or three each week, always in the morning.")
    page.get_by_label("Type of problem").select_option("theft")
    page.get_by_label("Area").select_option(index=1)
    page.get_by_role("button", name="Start the problem").press("Enter")
    expect(page.locator("h1")).to_contain_text("Bicycles stolen at the station")
    follow(page.get_by_role("link", name="Go on to analysis").first)
    expect(page.locator("#step-title")).to_be_focused()
    page.locator("#step form button[type=submit]").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say what it does to people: the harms.")
    assert violations(page) == []


def test_a_step_has_the_focus_without_scripts_too(visit: Callable[..., Visit]) -> None:
    """An address with a fragment keeps browsers from the autofocus, so the fragment itself names what takes it."""
    officer = visit(java_script_enabled=False)
    officer.sign_in("omar@demo.example")
    page = officer.open("/desk/problems/")
    page.locator("[data-row] a").first.click()
    page.locator("a[href*='?step=']").first.click()
    expect(page.locator("#step-title")).to_be_focused()


def test_what_keeps_coming_back_and_projects_can_be_read_by_everybody(visit: Callable[..., Visit]) -> None:
    officer = visit(viewport=PHONE, maps=False)
    officer.sign_in("omar@demo.example")
    for path in ("/desk/recurring/", "/desk/projects/new/", "/desk/reviews/new/"):
        assert _clean(officer.open(path)) == [], path
    page = officer.open("/desk/problems/?kind=project")
    project = page.locator("[data-row] a").first.get_attribute("href")
    page = officer.open(str(project))
    assert _clean(page) == []
    expect(page.get_by_role("heading", name="Permits")).to_be_visible()
    for step in ("add_permit", "add_place", "add_partner", "appraise"):
        page = officer.open(f"{project}?step={step}")
        expect(page.locator("#step-title")).to_be_visible()
        assert _clean(page) == [], step


def test_a_finding_is_dismissed_with_the_keyboard_and_without_scripts(visit: Callable[..., Visit]) -> None:
    officer = visit(java_script_enabled=False)
    officer.sign_in("omar@demo.example")
    page = officer.open("/desk/recurring/")
    if not page.locator("[data-row]").count():  # an earlier run was cut off after it had dismissed the only one
        page.get_by_role("button", name="Put back on the list").last.press("Enter")
    first = page.locator("[data-row]").first
    where = first.get_by_role("heading").inner_text()
    first.locator("summary", has_text="Dismiss").press("Enter")
    first.get_by_role("button", name="Dismiss").press("Enter")
    expect(page.locator(".usa-error-message")).to_contain_text("Answer this question.")
    page.get_by_label("Why is this no problem?").first.fill("The bar has closed for good.")
    page.locator("[data-row]").first.get_by_role("button", name="Dismiss").press("Enter")
    expect(page.locator("#main, main")).to_contain_text("The bar has closed for good.")
    page.locator("form", has_text=where).get_by_role("button", name="Put back on the list").press("Enter")
    expect(page.locator("[data-row]").first.get_by_role("heading")).to_have_text(where)
