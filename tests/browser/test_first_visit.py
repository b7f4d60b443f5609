"""The first visit: light, quick to show, and no cookie that was not needed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE, Visit

pytestmark = pytest.mark.browser

MAP = re.compile(r"/parts/map|/map\.css|\.geojson")
"""What belongs to a map, which comes after the text."""
MOST_BYTES = 100_000
BLOCKING = (
    "performance.getEntriesByType('resource').filter((e) => e.renderBlockingStatus === 'blocking').map((e) => e.name)"
)


@pytest.mark.parametrize(
    "path", ["/", "/report/", "/return/", "/outcomes/", "/areas/", "/about/", "/privacy/", "/follow/"]
)
def test_a_first_visit_takes_at_most_100_kb_and_two_blocking_requests(visit: Callable[..., Visit], path: str) -> None:
    started = visit(viewport=PHONE)
    line = started.context.new_cdp_session(started.page)
    line.send("Network.enable")
    asked: dict[str, str] = {}
    sizes: dict[str, float] = {}
    line.on("Network.requestWillBeSent", lambda event: asked.update({event["requestId"]: event["request"]["url"]}))
    line.on(
        "Network.loadingFinished", lambda event: sizes.update({asked[event["requestId"]]: event["encodedDataLength"]})
    )
    page = started.open(path)
    page.wait_for_load_state("networkidle")
    text = {url: size for url, size in sizes.items() if not MAP.search(url)}
    assert 0 < sum(text.values()) <= MOST_BYTES, text
    blocking = page.evaluate(BLOCKING)
    assert len(blocking) <= 2, blocking


def test_without_signing_in_there_are_no_cookies_but_the_two_that_are_told(visit: Callable[..., Visit]) -> None:
    started = visit()
    for path in (
        "/",
        "/report/",
        "/return/",
        "/officers/",
        "/areas/",
        "/outcomes/",
        "/about/",
        "/privacy/",
        "/nothing-here/",
    ):
        started.open(path)
    started.open("/").locator(".languages button").last.click()
    started.page.wait_for_load_state()
    names = {cookie["name"] for cookie in started.context.cookies()}
    assert names <= {"csrftoken", "language"}, names
