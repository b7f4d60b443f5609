"""Surveys: accessible and narrow on the desk and for residents, and a wave brought in with the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.browser.pages import SMALLEST, sticks_out, violations

pytestmark = pytest.mark.browser


def _looked(analyst: Visit, *paths: str) -> None:
    for path in paths:
        page = analyst.open(path)
        assert violations(page) == [], path
        page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
        assert sticks_out(page) == [], path
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def test_surveys_are_looked_at_on_any_screen(visit: Callable[..., Visit]) -> None:
    analyst = visit(viewport=PHONE)
    analyst.sign_in("analyst.devi@demo.example")
    page = analyst.open("/desk/surveys/")
    page.get_by_role("link", name="Trust in the neighborhood").click()
    page.get_by_role("link", name="Second wave").click()
    wave = page.url.split("?")[0].removeprefix(page.url.split("/desk/")[0])
    _looked(
        analyst, "/desk/surveys/", "/desk/surveys/series/trust/", wave, f"{wave}weights/", f"{wave}look/overview/",
        f"{wave}look/groups/?by=language", f"{wave}look/areas/", f"{wave}look/trend/", "/desk/surveys/heard-from/",
        "/desk/surveys/populations/", "/desk/surveys/populations/bring/", "/desk/surveys/bring/",
    )  # fmt: skip
    page = analyst.open(f"{wave}look/areas/")
    expect(page.locator("main img")).to_be_visible()
    assert page.evaluate("document.querySelector('main img').naturalWidth") > 300
    _looked(visit(viewport=PHONE), "/surveys/", "/surveys/trust/")


def test_a_wave_is_brought_in_with_the_keyboard(visit: Callable[..., Visit], tmp_path: Path) -> None:
    rows = "\n".join(f"{n},Person {n},{1 + n % 5},{'yes' if n % 3 else 'no'},{('A', 'B')[n % 2]}" for n in range(80))
    path = tmp_path / "answers.csv"
    path.write_text(f"Number,Name,Respect,Called,Language\n{rows}\n")
    analyst = visit()
    analyst.sign_in("analyst.devi@demo.example")
    page = analyst.open("/desk/surveys/bring/")
    page.get_by_label("Name of a new survey").fill("Short one")
    page.get_by_label("Name of this wave").fill("First")
    page.get_by_label("First day of asking").fill("2026-01-01")
    page.get_by_label("Last day of asking").fill("2026-01-31")
    page.get_by_label("Feedback form").check()
    page.get_by_label("How did they answer?").select_option("web")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Read the file").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what?")
    expect(page.get_by_text("Read so, 80 of 80 rows count")).to_be_visible()
    expect(page.get_by_text("Name: It holds names")).to_be_visible()
    assert violations(page) == []
    page.set_viewport_size(SMALLEST)  # type: ignore[arg-type]
    assert sticks_out(page) == []
    page.get_by_role("button", name="Do not bring this file in").press("Enter")
    expect(page.get_by_text("The file was not brought in.").first).to_be_visible()
