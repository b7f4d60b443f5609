"""Observations and field reports in a real browser: on a phone, with the keyboard, without scripts, for everybody."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import follow
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser
PHOTO = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": make.photo()}


def _clean(page: Page) -> list[str]:
    found = violations(page)
    before = page.viewport_size
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    found += sticks_out(page)
    page.set_viewport_size(before)  # type: ignore[arg-type]
    return found


def test_an_observation_is_noted_on_a_phone_without_scripts_in_under_a_minute(visit: Callable[..., Visit]) -> None:
    bea = visit(java_script_enabled=False, viewport=PHONE)
    bea.sign_in("cso.bea@demo.example")
    started = time.monotonic()
    page = bea.open("/desk/observations/new/")
    page.get_by_label("What it is").select_option(label="Open gate, fence or roof")
    page.get_by_label("What did you see?").fill("Two kids climb through the gap in the fence.")
    page.get_by_label("High: somebody could be hurt soon").check()
    page.get_by_label("Photos").set_input_files([PHOTO])  # type: ignore[list-item]
    page.get_by_label("Address or landmark").fill("6800 N Glenwood Ave")
    page.get_by_label("Area", exact=False).first.select_option(label="Rogers Park")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("main")).to_contain_text("sounds like people")
    expect(page.locator("main")).to_contain_text("1 photo is here already.")
    page.get_by_label("What did you see?").fill("The fence has a gap as wide as a door.")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator("h1")).to_contain_text("Observation")
    assert time.monotonic() - started < 60
    expect(page.locator("#files")).to_be_visible()


def test_the_register_and_the_pages_of_reports_can_be_read_by_everybody(visit: Callable[..., Visit]) -> None:
    sam = visit(viewport=PHONE, maps=False)
    sam.sign_in("sam@demo.example")
    for path in ("/desk/hazards/", "/desk/observations/new/", "/desk/reports/", "/desk/reports/new/",
                 "/desk/reports/cards/"):  # fmt: skip
        assert _clean(sam.open(path)) == [], path
    for path in ("/desk/hazards/", "/desk/reports/"):
        page = sam.open(path)
        found = page.locator("[data-row] a").evaluate_all("links => links.map((link) => link.getAttribute('href'))")
        assert len(found) >= 3
        for case in dict.fromkeys(found):
            assert _clean(sam.open(case)) == [], case
    with_photo = sam.open(found[0])
    for link in with_photo.locator('a[href$="/custody/"]').evaluate_all("all => all.map((a) => a.pathname)"):
        assert _clean(sam.open(link)) == []


def test_work_of_sworn_officers_is_refused_called_for_and_taken_by_name(visit: Callable[..., Visit]) -> None:
    hank = visit(viewport=PHONE, maps=False)
    hank.sign_in("cso.hank@demo.example")
    page = hank.open("/desk/reports/new/")
    page.get_by_label("What happened").select_option(label="Weapon seen or used")
    page.get_by_label("A weapon was seen, or may be there").check()
    page.get_by_label("What it is about, in one sentence").fill("Somebody left a rifle case on a bench.")
    page.get_by_label("Address or landmark").fill("6500 N Sheridan Rd")
    page.get_by_label("Area", exact=False).first.select_option(label="Rogers Park")
    page.get_by_role("button", name="Begin the report").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert _clean(page) == []
    page.get_by_label("Dispatch has it").check()
    page.get_by_role("button", name="Call sworn officers").click()
    expect(page.locator("main")).to_contain_text("This waits for a sworn officer.")
    assert _clean(page) == []
    case = hank.path()

    omar = visit(maps=False)
    omar.sign_in("omar@demo.example")
    page = omar.open(case)
    follow(page.get_by_role("link", name="I take this over"))
    page.locator("#step form button[type=submit]").press("Enter")
    expect(page.locator("main")).to_contain_text("Taken over by Omar Haddad")
    assert violations(page) == []


def test_a_security_survey_can_be_read_and_filled_in_by_everybody(visit: Callable[..., Visit]) -> None:
    sam = visit(viewport=PHONE, maps=False)
    sam.sign_in("sam@demo.example")
    page = sam.open("/desk/?view=all&q=puerta+trasera")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", name="Security survey")).to_be_visible()
    assert _clean(page) == []
    case = sam.path().partition("?")[0]
    page.get_by_role("link", name="Say what was done").first.click()
    expect(page.locator("#step-title")).to_have_text("Say what was done")
    assert _clean(page) == []
    page.get_by_label("Done", exact=True).check()
    page.locator("#step form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("1 of 4 done, 3 not known yet.")
    assert sam.path().partition("?")[0] == case
