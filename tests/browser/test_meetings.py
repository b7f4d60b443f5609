"""Meetings in a browser: found and put into a calendar by residents, planned and put in order with the keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import press, tab_to
from tests.browser.test_complaint import fine

pytestmark = pytest.mark.browser


def test_residents_find_meetings_their_minutes_and_a_file_for_the_calendar(visit: Callable[..., Visit]) -> None:
    plain = visit(java_script_enabled=False, viewport=PHONE, accept_downloads=True)
    page = plain.open("/meetings/")
    expect(page.get_by_role("heading", name="Coming", exact=True)).to_be_visible()
    page.get_by_role("link", name="Beat meeting Uptown").first.click()
    expect(page.get_by_text("Bicycles and scooters on sidewalks")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("link", name="For your calendar").click()
    assert got.value.suggested_filename.endswith(".ics")
    page = plain.open("/meetings/")
    past = page.locator("section[aria-labelledby=past] li").filter(has_text="With minutes").last
    past.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="What was promised, and how it stands today")).to_be_visible()

    started = visit()
    fine(started.open("/meetings/"))
    started.page.locator("section[aria-labelledby=past] li").filter(has_text="With minutes").last.get_by_role(
        "link"
    ).click()
    expect(started.page.get_by_role("heading", name="Minutes", exact=True)).to_be_visible()
    fine(started.page)
    arabic = visit(locale="ar", viewport=PHONE).open("/meetings/")
    assert arabic.evaluate("document.documentElement.dir") == "rtl"
    fine(arabic)


def test_a_meeting_is_planned_and_its_agenda_put_in_order_with_the_keyboard(visit: Callable[..., Visit]) -> None:
    omar = visit(maps=False)
    omar.sign_in("omar@demo.example")
    page = omar.open("/desk/meetings/")
    fine(page)
    press(page, "Plan a meeting")
    fine(page)
    tab_to(page, "[format]")
    page.keyboard.press("Space")
    tab_to(page, "[title]")
    page.keyboard.type("Beat meeting Lincoln Square")
    starts = dt.date.today() + dt.timedelta(days=33)
    page.locator("[name=area]").select_option(label="Lincoln Square")
    page.locator("[name=starts]").fill(f"{starts}T18:00")
    page.locator("[name=ends]").fill(f"{starts}T19:30")
    press(page, "Plan the meeting")
    expect(page.get_by_role("alert")).to_contain_text("Where")
    expect(page.locator("[name=title]")).to_have_value("Beat meeting Lincoln Square")
    tab_to(page, "[place]")
    page.keyboard.type("Park house")
    press(page, "Plan the meeting")
    expect(page.get_by_role("heading", name="Beat meeting Lincoln Square")).to_be_visible()
    for point in ("Lamps", "Speed"):
        if page.locator("details:has([name=deed][value=add]):not([open])").count():
            page.locator("summary", has_text="Put something on the agenda").press("Enter")
        tab_to(page, "[text]")
        page.keyboard.type(point)
        press(page, "Put it on the agenda")
    expect(page.locator("section[aria-labelledby=agenda] ol > li")).to_have_count(2)
    press(page, "Down: Lamps")
    expect(page.locator("section[aria-labelledby=agenda] ol > li").first).to_contain_text("Speed")
    fine(page)
    press(page, "Take back what you just did")
    expect(page.locator("section[aria-labelledby=agenda] ol > li").first).to_contain_text("Lamps")
    page = omar.open("/desk/meetings/?view=past")
    page.get_by_role("link", name="Beat meeting Uptown").first.click()
    expect(page.get_by_role("heading", name="What came of it")).to_be_visible()
    fine(page)
    press(page, "Change the record")
    expect(page.get_by_label("How many people came?")).to_have_value("26")
    fine(page)
