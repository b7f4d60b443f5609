"""A tip in a real browser with scripts off, as the Tor Browser has it at its safest; and what staff make of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
WORDS = "Boxes without labels are carried into the old pump house at night."


def test_a_tip_is_sent_and_answered_without_scripts_fonts_and_cookies(visit: Callable[..., Visit]) -> None:
    rosa = visit(java_script_enabled=False, viewport=PHONE)
    asked: list[str] = []
    rosa.context.on("request", lambda request: asked.append(request.resource_type))
    page = rosa.open("/tip/")
    page.locator("select[name=category]").select_option(label="Something else")
    page.get_by_label("What happened, or what is going to happen?").fill(WORDS)
    page.get_by_role("button", name="Send my tip").click()
    code = CODE.search(page.locator(".reference").inner_text())
    assert code
    assert rosa.path() == "/tip/", "no address holds the code"

    staff = visit(maps=False)
    staff.sign_in("sam@demo.example")
    desk = staff.open("/desk/?view=all&group=Tips&state=new")
    desk.locator("tbody a").first.click()
    expect(desk.locator("body")).to_contain_text(WORDS)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Tip: Something else")
    desk.get_by_role("link", name=re.compile("Ask the sender")).click()
    desk.locator("textarea[name=message]").fill("On which nights?")
    desk.locator("#step").get_by_role("button", name="Ask the sender a question").click()
    expect(desk.locator("body")).to_contain_text("On which nights?")

    page = rosa.open("/tip/return/")
    page.get_by_label("The code of your tip").fill(code[0])
    page.get_by_role("button", name="Open my tip").click()
    expect(page.locator("main")).to_contain_text("On which nights?")
    page.get_by_label("Your message").fill("Mondays.")
    page.get_by_role("button", name="Send my message").click()
    expect(page.locator("main")).to_contain_text("We have your message.")
    assert rosa.path() == "/tip/return/" and rosa.context.cookies() == []
    assert not {"script", "font", "fetch", "xhr"} & set(asked), set(asked)


def test_every_page_for_tips_is_accessible_and_fits_every_screen(visit: Callable[..., Visit]) -> None:
    started, found = visit(), []
    for path in ("/tip/", "/tip/?language=ar", "/tip/return/", "/tip/numbers/"):
        page = started.open(path)
        found += [f"{path}: {trouble}" for trouble in violations(page)]
        page.set_viewport_size(SMALLEST)
        found += [f"{path}: {trouble}" for trouble in sticks_out(page)]
    page = started.open("/tip/")
    page.get_by_role("button", name="Send my tip").click()
    expect(page.locator(".errors")).to_be_visible()
    found += [f"errors: {trouble}" for trouble in violations(page)]
    page.locator("select[name=category]").select_option(index=1)
    page.get_by_label("What happened, or what is going to happen?").fill("He has a gun and shoots right now")
    page.get_by_role("button", name="Send my tip").click()
    expect(page.get_by_role("link", name="Call 911 now")).to_be_visible()
    found += [f"danger: {trouble}" for trouble in violations(page)]
    assert not found, "\n".join(found)
