"""Mediation in a real browser: asked for in another language, answered by each side alone, agreed on, printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser

LINK = re.compile(r"/talks/[\w-]{20,}/")
ROSA, WORKSHOP = (f"{name}-{uuid4().hex[:8]}@example.org" for name in ("rosa", "workshop"))
WORDS = "The saw in the yard behind starts at six in the morning."


def _look(page: Page, name: str) -> list[str]:
    """Whatever is wrong with a page, on a desk and on the smallest telephone."""
    found = [f"{name}: {trouble}" for trouble in violations(page)]
    before = page.viewport_size
    page.set_viewport_size(SMALLEST)
    found += [f"{name}: {trouble}" for trouble in sticks_out(page)]
    if before:
        page.set_viewport_size(before)
    return found


def _take(desk: Page, button: str, fill: Callable[[Page], None], send: str = "") -> None:
    """Open a step from its button, fill its form, and send it."""
    desk.get_by_role("link", name=re.compile(f"^{button}")).first.click()
    form = desk.locator("#step form")
    expect(form).to_be_visible()
    fill(desk)
    form.get_by_role("button", name=re.compile(send or button)).last.click()
    expect(desk.locator("#step form")).to_have_count(0)


def _answers(**given: str) -> Callable[[Page], None]:
    def fill(desk: Page) -> None:
        step = desk.locator("#step")
        for name, value in given.items():
            one = step.locator(f"[name={name}]").first
            if one.evaluate("e => e.type") == "radio":
                step.locator(f"[name={name}][value={value}]").check()
            elif one.evaluate("e => e.tagName") == "SELECT":
                one.select_option(label=value)
            else:
                one.fill(value)

    return fill


def test_two_neighbours_and_a_coordinator_from_the_form_to_the_agreement(visit: Callable[..., Visit]) -> None:
    rosa, found = visit(viewport=PHONE), []
    page = rosa.open("/mediation/")
    page.get_by_label("What is the trouble about?").fill(WORDS)
    page.locator("select[name=about]").select_option(label="Noise")
    page.get_by_label("Who is the other side?").fill("The carpenter behind our house")
    page.locator("[name=afraid][value=no]").check()
    page.locator("[name=who][value=email]").check()
    page.get_by_label("E-mail address").fill(ROSA)
    page.get_by_role("button", name="Ask for mediation").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    reference = page.locator(".reference").inner_text()

    staff = visit(maps=False)
    staff.sign_in("liaison.farah@demo.example")
    desk = staff.open(f"/desk/{reference}/")
    expect(desk.locator("body")).to_contain_text(WORDS)
    found += _look(desk, "case")
    email = _answers(called="the workshop", way="email")
    _take(desk, "Add a side", lambda d: (email(d), d.locator("#step [name=email]").fill(WORKSHOP), None)[-1])
    _take(desk, "Choose who leads the talks", _answers(user="Dalia Mansour", knows="no"))
    safe = dict.fromkeys(("violence", "fear", "order", "pressure", "power"), "no")
    _take(desk, "Screen", _answers(**safe))
    _take(desk, "Ask every side", _answers(about="When a saw may run behind a house where people sleep."))

    outbox, links = visit(), {}
    for address in (ROSA, WORKSHOP):
        for _ in range(40):
            mails = outbox.open("/outbox/")
            token = next((LINK.search(m.inner_text()) for m in mails.locator("article").all()
                          if address in m.inner_text() and LINK.search(m.inner_text())), None)  # fmt: skip
            if token:
                links[address] = token[0]
                break
            mails.wait_for_timeout(2000)
    assert len(links) == 2

    workshop = visit(java_script_enabled=False, viewport=PHONE)
    other = workshop.open(links[WORKSHOP])
    expect(other.locator("main")).not_to_contain_text("rosa")
    other.get_by_label("Yes, I take part").check()
    other.get_by_role("button", name="Send my answer").click()
    expect(other.locator("main")).to_contain_text("We have not heard from everybody yet")
    page = rosa.open(links[ROSA])
    found += _look(page, "side")
    page.get_by_label("Yes, I take part").check()
    page.get_by_role("button", name="Send my answer").click()
    expect(page.locator("main")).to_contain_text("Everybody said yes.")

    desk = staff.open(f"/desk/{reference}/")
    soon = (datetime.now() + timedelta(days=2)).strftime("%Y-%m-%dT18:00")
    _take(desk, "Plan a session", _answers(sort="joint", starts=soon, way="person", place="Library"))
    _take(desk, "Add a point", _answers(who="the workshop", text="The saw starts at eight."))
    _take(desk, "Send the agreement", lambda d: None)
    found += _look(desk, "agreement")
    for started, address in ((rosa, ROSA), (workshop, WORKSHOP)):
        page = started.open(links[address])
        expect(page.locator("main")).to_contain_text("The saw starts at eight.")
        page.get_by_role("button", name="Yes, I agree to all of it").click()
    expect(page.locator("main")).to_contain_text("the agreement holds")
    page = visit(viewport=PHONE, locale="ar").open(links[ROSA])
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    found += _look(page, "side in Arabic")
    assert not found, "\n".join(found)


def test_pages_of_mediation_are_accessible_and_fit_every_screen(visit: Callable[..., Visit]) -> None:
    started, found = visit(), []
    for path in ("/mediation/", "/mediation/numbers/", "/talks/nothing/"):
        found += _look(started.open(path), path)
    page = visit(locale="ar").open("/mediation/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    found += _look(page, "in Arabic")
    page = started.open("/mediation/")
    page.get_by_role("button", name="Ask for mediation").click()
    expect(page.locator(".errors")).to_be_visible()
    found += _look(page, "errors")
    staff = visit(maps=False)
    staff.sign_in("cso.bea@demo.example")
    for path in ("/desk/mediations/quick/", "/desk/mediations/new/", "/desk/conferences/new/"):
        found += _look(staff.open(path), path)
    page = staff.open("/desk/mediations/quick/")
    page.get_by_label("What was it about?").fill("Who may park in front of the bakery")
    page.locator("select[name=about]").select_option(label="Parking or driveways")
    page.locator("[name=outcome][value=conciliated]").check()
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("main")).to_contain_text("Settled on the spot")
    assert not found, "\n".join(found)
