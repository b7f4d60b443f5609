"""Following in a real browser: the form with and without scripts, the worker that shows news, and the page to end it.

Nothing here can reach a browser maker's push service, so `pushManager` is made to answer as if one had given an
address; permission, worker, notification and all of the site are real. What is sent there, and that only the browser
can read it, is shown by tests/interfaces/web/public/test_following_here.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Worker, expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.keyboard import press, tab_to
from tests.browser.pages import SMALLEST, sticks_out, violations
from tests.push_service import Browser

pytestmark = pytest.mark.browser

ANSWERS = """{
  const given = %s;
  const make = (options) => (
    { ...given, options, toJSON: () => given, unsubscribe: async () => { delete localStorage.asked; return true; } });
  const bytes = () => Uint8Array.from(JSON.parse(localStorage.asked)).buffer;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly) throw new DOMException("silent", "NotAllowedError");
    localStorage.asked = JSON.stringify([...options.applicationServerKey]);
    return make(options);
  };
  PushManager.prototype.getSubscription = async () =>
    localStorage.asked ? make({ userVisibleOnly: true, applicationServerKey: bytes() }) : null;
}"""
WAY = "As a notification in this browser"


def able(visit: Callable[..., Visit], name: str, **options: Any) -> Visit:
    """A browser whose maker's push service has given it an address, and whose owner allows notifications."""
    started = visit(**{"permissions": ["notifications"]} | options)
    answer = Browser(f"https://push.invalid/send/{name}").subscription  # .invalid never resolves
    started.context.add_init_script(ANSWERS % answer)
    return started


def follow_loop(page: Page) -> None:
    """Choose an area and this browser."""
    page.locator("#area").select_option(label="Loop")
    page.get_by_label(WAY).check()
    expect(page.get_by_label("E-mail address")).to_be_hidden()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/follow/mine/**")


def test_a_browser_follows_and_finds_changes_and_ends_it(visit: Callable[..., Visit]) -> None:
    started = able(visit, "follows", viewport=PHONE)
    page = started.open("/follow/")
    follow_loop(page)
    expect(page.locator("main")).to_contain_text("As notifications in this browser")
    expect(page.get_by_role("heading", name="Loop")).to_be_visible()
    found = page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.map((r) => r.scope))")
    assert found == [f"{started.site.address}/follow/"], "the worker has a part in other pages"

    started.open("/follow/")
    page.locator("#category").select_option(index=3)
    page.get_by_label(WAY).check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/follow/mine/**")
    expect(page.locator("main li")).to_have_count(2)

    started.open("/follow/mine/")
    page.get_by_role("button", name="Show what this browser follows").click()
    page.get_by_label(re.compile(r"At most.*Loop")).select_option("week")
    page.get_by_role("button", name=re.compile("Save.*Loop")).click()
    expect(page.locator(".alert")).to_contain_text("Saved")
    expect(page.get_by_label(re.compile(r"At most.*Loop"))).to_have_value("week")
    page.get_by_role("button", name="End everything").click()
    expect(page.locator("h1")).to_contain_text("You get no more of it")
    started.open("/follow/mine/")
    page.get_by_role("button", name="Show what this browser follows").click()
    expect(page.locator(".errors")).to_contain_text("This browser follows nothing here")


def test_the_whole_way_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    page = able(visit, "keyboard").open("/follow/?area=33")
    tab_to(page, "By e-mail")
    page.keyboard.press("ArrowDown")
    press(page, "Go on")
    expect(page.locator("h1")).to_contain_text("What you follow")
    press(page, "End it")
    expect(page.locator("h1")).to_contain_text("You get no more of it")


def test_whoever_does_not_allow_notifications_is_told_and_loses_nothing(visit: Callable[..., Visit]) -> None:
    started = able(visit, "denied", permissions=[])
    page = started.open("/follow/")
    page.locator("#area").select_option(label="Loop")
    page.get_by_label("Once a week").check()
    page.get_by_label(WAY).check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("Notifications are not allowed")
    assert started.path() == "/follow/"
    page.get_by_label("By e-mail").check()
    page.get_by_label("E-mail address").fill("rosa@example.org")
    expect(page.locator("#area option:checked")).to_have_text("Loop")
    expect(page.get_by_label("Once a week")).to_be_checked()
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_contain_text("Look into your mailbox")


def test_a_push_service_that_refuses_is_told_too(visit: Callable[..., Visit]) -> None:
    page = visit(permissions=["notifications"]).open("/follow/?area=33")
    page.evaluate(
        "() => { PushManager.prototype.subscribe = async () => { throw new DOMException('', 'AbortError'); } }"
    )
    page.get_by_label(WAY).check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("This browser could not set up notifications")
    expect(page.get_by_role("button", name="Go on")).to_be_enabled()


@pytest.mark.parametrize("how", ["no scripts", "no push"])
def test_where_it_cannot_work_the_form_shows_mail_and_feeds(visit: Callable[..., Visit], how: str) -> None:
    started = visit(java_script_enabled=how != "no scripts", viewport=PHONE)
    if how == "no push":
        started.context.add_init_script("delete window.PushManager")
    page = started.open("/areas/33/")
    page.get_by_role("link", name="Get news").click()
    expect(page.locator("#area option:checked")).to_have_text("Loop")
    expect(page.get_by_text("Which way?")).to_be_hidden()
    expect(page.get_by_role("link", name="Loop (Atom)")).to_have_attribute("href", "/areas/33/feed/")
    page.get_by_label("E-mail address").fill(f"rosa+{how[3:]}@example.org")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("h1")).to_contain_text("Look into your mailbox")
    page.goto(started.site.address + "/follow/mine/")
    expect(page.get_by_role("heading", name="In this browser")).to_be_hidden()
    expect(page.get_by_role("heading", name="By e-mail")).to_be_visible()


def worker_of(started: Visit) -> Worker:
    """The worker that the form has set up."""
    return next(worker for worker in started.context.service_workers if worker.url.endswith("/follow/worker.js"))


def push(started: Visit, data: str) -> None:
    """Wake the worker with a message, as the browser does once it has decrypted one."""
    line = started.context.new_cdp_session(started.page)
    found: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(r["registrationId"] for r in event["registrations"] if not r["isDeleted"]),
    )
    line.send("ServiceWorker.enable")
    started.page.wait_for_timeout(300)
    line.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": started.site.address, "registrationId": found[-1], "data": data},
    )


SHOWN = """async () => (await (await navigator.serviceWorker.getRegistration("/follow/")).getNotifications()).map(
  (n) => ({ title: n.title, body: n.body, lang: n.lang, dir: n.dir, tag: n.tag, data: n.data }))"""
CLICK = """async (action) => {
  const opened = [];
  self.clients.openWindow = async (url) => { opened.push(url); };
  const [notification] = await self.registration.getNotifications();
  const event = new NotificationEvent("notificationclick", { notification, action });
  const done = [];
  event.waitUntil = (promise) => done.push(promise);
  self.dispatchEvent(event);
  await Promise.all(done);
  return opened;
}"""


def test_the_worker_shows_news_in_its_language_and_opens_its_page(visit: Callable[..., Visit]) -> None:
    started = able(visit, "worker")
    follow_loop(started.open("/follow/"))
    news = {"title": "أخبار", "text": "سيارة متروكة", "path": "/areas/33/", "topic": "follow-1", "language": "ar",
            "direction": "rtl", "change": "تغيير"}  # fmt: skip
    for text in ("older", "سيارة متروكة"):
        push(started, json.dumps(news | {"text": text}))
        started.page.wait_for_function(f"({SHOWN})().then((all) => all.some((n) => n.body === {json.dumps(text)}))")
    shown = started.page.evaluate(SHOWN)
    assert shown == [
        {"title": "أخبار", "body": "سيارة متروكة", "lang": "ar", "dir": "rtl", "tag": "follow-1",
         "data": {"path": "/areas/33/"}}
    ], "newer news takes the place of older"  # fmt: skip
    worker = worker_of(started)
    assert worker.evaluate(CLICK, "") == [f"{started.site.address}/areas/33/"]
    assert started.page.evaluate(SHOWN) == [], "a click closes it"


def test_a_notification_leads_to_this_site_only_and_to_the_page_that_ends_it(visit: Callable[..., Visit]) -> None:
    started = able(visit, "leads")
    follow_loop(started.open("/follow/"))
    home = started.site.address
    for path, action, opens in (
        ("https://elsewhere.example/", "", home),
        ("//elsewhere.example/x", "", home),
        ("/areas/33/", "change", f"{home}/follow/mine/"),
    ):
        push(started, json.dumps({"title": "News", "text": path, "path": path, "topic": "t", "change": "Change it"}))
        started.page.wait_for_function(f"({SHOWN})().then((all) => all.some((n) => n.body === {json.dumps(path)}))")
        assert worker_of(started).evaluate(CLICK, action) == [opens]
    push(started, "this is not what we send")
    started.page.wait_for_function(f"({SHOWN})().then((all) => all.some((n) => n.title === '127.0.0.1'))")


def test_the_pages_are_accessible_fit_small_screens_and_run_right_to_left(visit: Callable[..., Visit]) -> None:
    started = able(visit, "small", viewport=SMALLEST)
    page = started.open("/follow/")
    page.get_by_label(WAY).check()
    page.evaluate("for (const said of document.querySelectorAll('[data-news-said]')) said.hidden = false")
    assert violations(page) + sticks_out(page) == []
    page.reload()
    follow_loop(page)
    mine = page.url
    assert violations(page) + sticks_out(page) == []
    started.open("/follow/mine/")
    expect(page.get_by_role("button", name="Show what this browser follows")).to_be_visible()
    assert violations(page) + sticks_out(page) == []
    started.context.add_cookies([{"name": "language", "value": "ar", "url": started.site.address}])
    for address in (mine, started.site.address + "/follow/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.dir") == "rtl" and sticks_out(page) == []
