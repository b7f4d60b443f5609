"""Words for views and beliefs are found in three languages; words for places, events and things are not."""

from __future__ import annotations

import pytest

from commonbeat.core.protected_views import names_views


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Muslim", "Muslim"),
        ("Known political activist", "political"),
        ("ANARCHISTS downtown", "ANARCHISTS"),
        ("right wing", "right wing"),
        ("right-wing", "right-wing"),
        ("Activistas", "Activistas"),
        ("católicos", "católicos"),
        ("ناشط", "ناشط"),
        ("جماعة دينية", "دينية"),
        ("السياسيون", "السياسيون"),
    ],
)
def test_a_word_for_a_view_is_found(text: str, word: str) -> None:
    assert names_views(text) == word


@pytest.mark.parametrize(
    "text",
    ["Event", "School route", "Church parking", "Demonstration on 14 March", "Jewelry store", "Illegal dumping",
     "Right turn", "Union Station", "Iglesia", "Mosque entrance", "مدرسة", "", "apolitical-looking"],
)  # fmt: skip
def test_places_events_and_things_stay_sayable(text: str) -> None:
    assert names_views(text) == ""
