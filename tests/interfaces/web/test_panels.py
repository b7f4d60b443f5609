"""Panels of the page of a case: who sees which, where their buttons stand, and what a link fills in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commonbeat.core.fields import Field
from commonbeat.core.workflow import step
from commonbeat.interfaces.web.desk.panels import MAIN, PANELS, SOURCES, Panel, Source, own_sources
from tests import make
from tests.conftest import City

TEMPLATE = (
    '<section><h2 id="plan">Plan for {{ panel.words.who }}</h2>'
    '{% include "pages/desk/offer.html" with step=panel.offers.note about="text=Seen" %}</section>'
)


@pytest.fixture
def plan(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A panel that tests change, with a template of its own."""
    (tmp_path / "plan.html").write_text(TEMPLATE)
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [str(tmp_path)]}]
    monkeypatch.setattr(PANELS, "_items", dict(PANELS._items))
    made: dict[str, Any] = {}

    def add(**more: Any) -> None:
        values: dict[str, Any] = {"words": lambda *_: {"who": "North & Co"}, "steps": ("note",), **more}
        PANELS.add(Panel("plan", "plan.html", **values))

    made["add"] = add
    yield made


def _page(client: Any, reference: str, query: str = "") -> str:
    return client.get(f"/desk/{reference}/{query}").content.decode()


def test_a_panel_shows_its_words_and_takes_its_steps_out_of_the_list(city: City, signed_in: Any, plan: Any) -> None:
    case, omar = make.concern(city.noise).case, signed_in(city.omar)
    before = _page(omar, case.reference)
    assert "Plan for" not in before and before.count("?step=note#step-title") == 1
    plan["add"]()
    page = _page(omar, case.reference)
    assert "Plan for North &amp; Co" in page
    assert page.count("?step=note&amp;text=Seen#step-title") == 1 and "?step=note#step-title" not in page
    form = _page(omar, case.reference, "?step=note&text=Seen")
    assert ">\nSeen</textarea>" in form


@pytest.mark.parametrize(
    "narrowed",
    [{"kinds": frozenset({"another"})}, {"procedure": "sound"}, {"readers": frozenset({"admin"})},
     {"words": lambda *_: None}],
    ids=["another kind", "a way of working", "another role", "nothing to say"],
)  # fmt: skip
def test_a_panel_stays_away_where_it_does_not_belong(city: City, signed_in: Any, plan: Any, narrowed: Any) -> None:
    plan["add"](**narrowed)
    page = _page(signed_in(city.omar), make.concern(city.noise).case.reference)
    assert "Plan for" not in page and page.count("?step=note#step-title") == 1, "its steps stay in the list"


def test_a_kinds_own_list_is_offered_for_its_case_alone(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SOURCES, "_items", {})
    SOURCES.add(Source("plan_row", lambda case: [(case.pk, "Row")]))
    case = make.concern(city.noise).case
    judge = step("judge", "Judge", at=("new",), by={"officer"}, fields=(Field("row", "Row", source="plan_row"),))
    assert own_sources(case, judge) == {"plan_row": [(case.pk, "Row")]}


def test_a_panel_that_stands_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="stands at"):
        Panel("plan", "plan.html", lambda *_: None, place=MAIN + "er")
