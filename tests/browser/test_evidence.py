"""Evidence on the desk: accessible, narrow, and a file brought in with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser

LIGHTS = "/desk/evidence/look/street-light-requests/"


def test_measures_are_looked_at_on_any_screen(visit: Callable[..., Visit]) -> None:
    analyst = visit(viewport=PHONE)
    analyst.sign_in("analyst.devi@demo.example")
    for path in (
        "/desk/evidence/", "/desk/evidence/board/", f"{LIGHTS}trend/", f"{LIGHTS}unusual/", f"{LIGHTS}map/?rate=1",
        f"{LIGHTS}hot-spots/?areas=beat%402010",
        f"{LIGHTS}compare/", f"{LIGHTS}near-repeats/", "/desk/evidence/sources/street-light-requests/",
        "/desk/evidence/sources/street-light-requests/use/",
    ):  # fmt: skip
        page = analyst.open(path)
        assert violations(page) == [], path
        page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
        assert sticks_out(page) == [], path
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page = analyst.open(f"{LIGHTS}trend/")
    expect(page.locator("main img")).to_be_visible()
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 300
    expect(page.get_by_text("City of Chicago").first).to_be_visible()


def test_a_map_is_drawn_and_a_picture_stands_in_where_it_cannot_be(visit: Callable[..., Visit]) -> None:
    analyst = visit()
    analyst.sign_in("analyst.devi@demo.example")
    page = analyst.open(f"{LIGHTS}map/")
    expect(page.locator("[data-map]")).to_have_attribute("data-ready", "yes", timeout=30_000)
    expect(page.locator("main img")).to_be_hidden()
    page.route("**/map.geojson*", lambda route: route.abort())
    with page.expect_console_message(lambda said: "Failed to fetch" in said.text):
        page.reload()
    analyst.complaints.clear()  # the browser says so, too, and is meant to
    expect(page.locator("main img")).to_be_visible()
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 300


def test_a_file_is_brought_in_and_its_columns_are_seen(visit: Callable[..., Visit], tmp_path: Path) -> None:
    rows = "\n".join(
        f"{n},0{1 + n % 9}/1{n % 9}/2012 10:15:00 PM,THEFT,41.{85 + n % 9},-87.6{n % 9}" for n in range(90)
    )
    path = tmp_path / "thefts.csv"
    path.write_text(f"Case Number,Date,Primary Type,Latitude,Longitude\n{rows}\nX,,THEFT,41.9,-87.7\n")
    analyst = visit()
    analyst.sign_in("analyst.devi@demo.example")
    page = analyst.open("/desk/evidence/bring/")
    assert violations(page) == []
    page.get_by_label("Name of a new source").fill("Thefts")
    page.get_by_label("What does it count?").fill("thefts")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what?")
    expect(page.get_by_label("Sort of incident")).to_have_value("Primary Type")
    assert violations(page) == []
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert sticks_out(page) == []
    page.get_by_role("button", name="Do not import this file").press("Enter")
    expect(page.get_by_text("The file was not imported.").first).to_be_visible()
