"""Every page that somebody can reach: accessible, never wider than the screen, asking nobody else for anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Site, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations
from tests.browser.walk import troubles, walk

pytestmark = pytest.mark.browser

PUBLIC = ("/", "/report/", "/return/", "/officers/?area=33", "/accounts/login/", "/accounts/password/reset/")
STAFF = ("/desk/", "/office/", "/components/", "/account")
PEOPLE = {
    "omar": ("/desk/?view=all", "/desk/?as=map", "/desk/?q=zzzzzz"),
    "sam": ("/desk/identity/", "/desk/publishing/"),
    "ruth.partner": ("/desk/",),
    "records.hana": ("/office/",),
    "admin.gil": ("/office/", "/components/"),
}
"""Who looks at what; nobody looks again at a sort of page that somebody before has seen."""
COLOURS = ["color-contrast", "link-in-text-block"]


def clean(page: Page) -> list[str]:
    """Accessible, and fits 320 pixels and text of twice the size."""
    found = violations(page) + small(page)
    page.set_viewport_size(DESKTOP)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return found + [f"200 % text: {trouble}" for trouble in sticks_out(page)]


def small(page: Page) -> list[str]:
    """Nothing scrolls sideways on the smallest screen."""
    page.set_viewport_size(SMALLEST)
    return [f"320 px: {trouble}" for trouble in sticks_out(page)]


def reads(direction: str, language: str, page: Page) -> list[str]:
    """The page says its language and direction."""
    said = page.evaluate("[document.documentElement.dir, document.documentElement.lang]")
    return [] if said == [direction, language] else [f"says {said}, not {[direction, language]}"]


def test_every_public_page_is_accessible_and_fits_every_screen(visit: Callable[..., Visit]) -> None:
    found, seen = troubles(walk(visit(maps=False), PUBLIC, within=("/",), without=STAFF[:3], seen=set()), clean)
    assert not found, "\n".join(found)
    assert len(seen) >= 16, seen


def test_every_page_of_staff_is_accessible_and_fits_every_screen(visit: Callable[..., Visit]) -> None:
    found, seen, kinds = [], [], set[str]()
    for who, starts in PEOPLE.items():
        started = visit(maps=False)
        started.sign_in(f"{who}@demo.example")
        troubled, walked = troubles(walk(started, starts, within=STAFF, seen=kinds), clean)
        found += [f"{who}: {trouble}" for trouble in troubled]
        seen += walked
    assert not found, "\n".join(found)
    assert len(seen) > 50, seen


def test_text_of_twice_the_size_fits_the_smallest_screen(visit: Callable[..., Visit]) -> None:
    started = visit(viewport=SMALLEST, maps=False)
    for path in PUBLIC[:4]:
        page = started.open(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert sticks_out(page) == [], path


@pytest.mark.parametrize(("language", "direction"), [("es", "ltr"), ("ar", "rtl")])
def test_public_pages_speak_the_language_in_its_direction(
    visit: Callable[..., Visit], site: Site, language: str, direction: str
) -> None:
    started = visit(viewport=SMALLEST, maps=False)
    started.context.add_cookies([{"name": "language", "value": language, "url": site.address}])
    pages = walk(started, PUBLIC, within=("/",), without=STAFF[:3], seen=set())
    found, seen = troubles(pages, small, partial(reads, direction, language))
    assert not found, "\n".join(found)
    assert len(seen) >= 16, seen
    started.open("/")
    assert not re.search("Report a concern", started.page.inner_text("main")), "The first page is not translated."


@pytest.mark.parametrize("mode", [{"color_scheme": "dark"}, {"contrast": "more"}])
def test_text_can_be_read_in_other_colours(visit: Callable[..., Visit], mode: dict[str, str]) -> None:
    started = visit(maps=False, **mode)
    started.sign_in("sam@demo.example")
    found = []
    for path in ("/", "/report/", "/outcomes/", "/officers/?area=33", "/desk/?view=all", "/components/"):
        found += [f"{path} {trouble}" for trouble in violations(started.open(path), rules=COLOURS)]
    assert not found, "\n".join(found)


def test_maps_are_drawn_beside_their_text_and_set_a_point_by_keyboard(visit: Callable[..., Visit]) -> None:
    page = visit().open("/officers/")
    page.locator("[data-map][data-ready]").wait_for(timeout=60_000)
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#officer-said, #place-said").first).to_contain_text("The point is set")
    assert not violations(page)
