"""A demo city served as people meet it, and a real browser that notes whatever a page should not do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect, sync_playwright

from commonbeat.config.cluster import Cluster
from commonbeat.config.processes import answers, ends_with_parent, find_port

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
LOADING_SECONDS = 480
PATIENCE_MS = 30_000  # a page may be slow on a machine that has much else to do; a wrong one stays wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser's keys and clicks depend on what else the machine does: once more then. The summary counts `rerun`."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="package")
def chromium() -> str:
    """The browser's program, or a visible skip."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        pytest.skip("No Chromium is installed (Debian: apt-get install chromium), so no browser test can run.")
    return found


@dataclass
class Site:
    """A running demo city: where it is, and what opens it."""

    address: str
    password: str
    reference: str
    code: str


@pytest.fixture(scope="package")
def site(chromium: str) -> Iterator[Site]:
    """The demo city with a few of the old requests, loaded and served by the product's own command.

    While writing tests, COMMONBEAT_TEST_SITE=http://127.0.0.1:8000 and its COMMONBEAT_DATA use a demo that runs.
    """
    running = os.environ.get("COMMONBEAT_TEST_SITE")
    if running:
        yield _known(running, Path(os.environ["COMMONBEAT_DATA"]))
        return
    with tempfile.TemporaryDirectory(prefix="cb-browser-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        data, log = Path(folder) / "data", Path(folder) / "log"
        port = find_port("127.0.0.1", 18400)
        environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "COMMONBEAT_FILES"}}
        environment |= {
            "COMMONBEAT_DATA": str(data), "COMMONBEAT_DEMO": "1", "COMMONBEAT_LIMIT_REPORT": "100000",
            "COMMONBEAT_LIMIT_CODE": "100000", "COMMONBEAT_LIMIT_MAIL": "100000",
            "COMMONBEAT_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        command = [sys.executable, "-m", "commonbeat", "demo", "--small", "--port", str(port), "--workers", "1"]
        with log.open("w") as output:
            process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, start_new_session=True,
                preexec_fn=ends_with_parent(),
            )  # fmt: skip
        try:
            _wait(process, f"http://127.0.0.1:{port}/", log)
            yield _known(f"http://127.0.0.1:{port}", data)
        finally:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            Cluster(data).stop()


def _known(address: str, data: Path) -> Site:
    known = json.loads((data / "demo.json").read_text())
    return Site(address, known["password"], known["reference"], known["code"])


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + LOADING_SECONDS
    while not answers(address):
        assert process.poll() is None, f"The demo ended while it was loading:\n{log.read_text()[-4000:]}"
        assert time.monotonic() < until, f"The demo was not up after {LOADING_SECONDS} s:\n{log.read_text()[-4000:]}"
        time.sleep(0.25)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests of this folder. It ends with them: Django's tests do not like its event loop."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS, chromium_sandbox=False)
        yield started
        started.close()


@dataclass
class Visit:
    """A browser's profile, with everything that its pages did and should not have done."""

    site: Site
    context: BrowserContext
    page: Page
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, page: Page | None = None) -> Page:
        """Go to a page of the site."""
        page = page or self.page
        page.goto(self.site.address + path, wait_until="load")
        return page

    def path(self) -> str:
        """Where the page is, without the site's address."""
        return self.page.url.removeprefix(self.site.address)

    def sign_in(self, email: str) -> None:
        """Become somebody of the demo's cast."""
        self.open("/accounts/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(self.site.password)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url("**/desk/**")

    def check(self) -> None:
        """Nobody outside was asked for anything, and the browser had nothing to complain about."""
        assert not self.outside, f"Requests to others: {self.outside}"
        assert not self.complaints, "\n".join(self.complaints)


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Makes visits, with or without maps, with options of a browser context; checked when the test is over."""
    made: list[Visit] = []

    def new(*, maps: bool = True, **options: Any) -> Visit:
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", "reduced_motion": "reduce"} | options)
        context.set_default_timeout(PATIENCE_MS)
        started = Visit(site, context, context.new_page())
        _watch(started)
        if not maps:  # drawing them takes longer than all the rest of a page
            empty = "export function enhance() {}"
            context.route("**/parts/map-*.js", lambda route: route.fulfill(body=empty, content_type="text/javascript"))
        made.append(started)
        return started

    yield new
    for one in made:
        one.context.close()
    for one in made:
        one.check()


def _watch(visit: Visit) -> None:
    """Note requests to anybody else (and stop them), and whatever the console says is wrong."""

    def outside(route: Route, request: Request) -> None:
        visit.outside.append(f"{request.url} from {request.frame.url}")
        route.abort()

    home = visit.site.address + "/"
    visit.context.route(lambda url: url.startswith(("http:", "https:")) and not url.startswith(home), outside)
    visit.context.on(
        "console",
        lambda said: (
            visit.complaints.append(f"{said.page.url if said.page else ''}: {said.text}")
            if said.type in {"error", "warning"} and not _expected(said.text)
            else None
        ),
    )
    visit.context.on("weberror", lambda error: visit.complaints.append(f"script failed: {error.error}"))


PROVOKED = (
    "status of 404", "status of 409", "status of 410", "status of 422", "ERR_INTERNET_DISCONNECTED",
    "GPU stall", "WebGL", "GroupMarkerNotSet", "swiftshader",
)  # fmt: skip


def _expected(said: str) -> bool:
    """What the browser says about answers that a test provokes, and about drawing maps without a graphics card."""
    return any(words in said for words in PROVOKED)
