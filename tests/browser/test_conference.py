"""A restorative conference in a real browser: referred, prepared, met, agreed on and completed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.test_mediation import _answers, _look, _take

pytestmark = pytest.mark.browser

LINK = re.compile(r"/talks/[\w-]{20,}/")
BAKER = f"baker-{uuid4().hex[:8]}@example.org"
CHICAGO = ZoneInfo("America/Chicago")
SAFE = {"owns": "yes", "free": "yes", "intimate": "no", "fear": "no", "order": "no"}


def _add(desk: Page, **given: str) -> None:
    email = given.pop("email", "")

    def fill(page: Page) -> None:
        _answers(**given)(page)
        if email:
            page.locator("#step [name=email]").fill(email)

    _take(desk, "Add somebody", fill)


def _link(visit: Callable[..., Visit], address: str) -> str:
    """The link in the newest mail to somebody."""
    outbox = visit()
    for _ in range(40):
        page = outbox.open("/outbox/")
        for mail in page.locator("article").all():
            found = LINK.search(mail.inner_text())
            if address in mail.inner_text() and found:
                return found[0]
        page.wait_for_timeout(2000)
    raise AssertionError(f"Nothing was sent to {address}.")


def test_from_the_referral_to_what_was_mended(visit: Callable[..., Visit]) -> None:
    staff, found = visit(maps=False), []
    staff.sign_in("liaison.farah@demo.example")
    page = staff.open("/desk/conferences/new/")
    found += _look(page, "referral")
    _choose(page, referred_by="officer", text="Windows of a bakery were broken.")
    page.get_by_role("button", name="Send to the coordinator").click()
    desk = page
    expect(desk).to_have_url(re.compile(r"/desk/CB-"))
    reference = desk.url.rstrip("/").rpartition("/")[2].partition("?")[0]
    found += _look(desk, "case")
    _add(desk, role="harmed", called="the baker", way="email", email=BAKER)
    _add(desk, role="responsible", called="the young man", way="phone", phone="312-555-0177")
    _take(desk, "Screen", _answers(**SAFE))
    _take(desk, "Choose who leads the talks", _answers(user="Dalia Mansour", knows="no"))

    def about(page: Page) -> None:
        _answers(about="What happened at the bakery, and how to put it right.")(page)
        page.locator("#step [name=tell]").check()

    _take(desk, "Ask everybody", about)
    baker = visit(java_script_enabled=False, viewport=PHONE)
    own = _link(visit, BAKER)
    side = baker.open(own)
    side.get_by_label("Yes, I take part").check()
    side.get_by_role("button", name="Send my answer").click()
    found += _look(visit(viewport=PHONE).open(own), "side")
    desk = staff.open(f"/desk/{reference}/")
    _take(desk, "Record an answer", _answers(side="the young man", answer="yes", how="phone"))
    expect(desk.locator("main")).to_contain_text("All said yes")
    found += _look(desk, "everybody said yes")
    found += _meet(desk)
    baker.open(own).get_by_role("button", name="Yes, I agree to all of it").click()
    desk = staff.open(f"/desk/{reference}/")
    expect(desk.locator("main")).to_contain_text("Agreed")
    _take(desk, "Ask whether it is kept", lambda d: None)
    kept = {"side": "the baker", "found": "kept"}
    _take(desk, "Record how it is kept", lambda d: (_answers(**kept)(d), _first(d, "point"), None)[-1])
    _take(desk, "Close", _answers(outcome="Agreement completed"))
    expect(desk.locator("main")).to_contain_text("Agreement completed")
    found += _look(desk, "completed")
    assert not found, "\n".join(found)


def _meet(desk: Page) -> list[str]:
    """Each was prepared by telephone, then they meet; the agreement is sent, one says yes by word of mouth."""
    found: list[str] = []
    later = datetime.now(CHICAGO) + timedelta(days=2)
    for who in ("the baker", "the young man"):
        met = f"{datetime.now(CHICAGO):%Y-%m-%dT%H:%M}"
        told = _answers(side=who, started=met, minutes="30", way="phone", went="prepared")
        _take(desk, "Record a meeting with one side", told)
    found += _look(desk, "preparation")
    _take(desk, "Plan a session", lambda d: _plan(d, "joint", later))
    _take(desk, "Add a point", _answers(who="the young man", text="He pays for the glass."))
    _take(desk, "Send the agreement", lambda d: None)
    _take(desk, "Record a yes", _answers(side="the young man", how="phone"), send="Record a yes")
    return found + _look(desk, "agreement")


def _plan(desk: Page, sort: str, starts: datetime) -> None:
    _answers(sort=sort, starts=f"{starts:%Y-%m-%dT%H:%M}", way="person", place="Library")(desk)


def _first(desk: Page, name: str) -> None:
    """Choose the first thing there is."""
    desk.locator(f"#step [name={name}]").select_option(index=1)


def _choose(page: Page, **given: str) -> None:
    for name, value in given.items():
        one = page.locator(f"main [name={name}]").first
        if one.evaluate("e => e.type") == "radio":
            page.locator(f"main [name={name}][value={value}]").check()
        elif one.evaluate("e => e.tagName") == "SELECT":
            one.select_option(value=value)
        else:
            one.fill(value)
