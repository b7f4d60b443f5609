"""Forms of declared fields: data types, languages, hidden questions, lists; nothing typed is lost."""

from __future__ import annotations

from django.http import QueryDict
from django.utils.translation import override

from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.interfaces.web.forms import form_for

LAMPS = (Choice("one", "One", {"es": "Una"}), Choice("many", "Several", {"es": "Varias"}))
ASKED = (
    Field(
        "lamps",
        "Which lamps?",
        "singlevaluelist",
        required=True,
        choices=LAMPS,
        labels={"es": "¿Qué farolas?"},
    ),
    Field(
        "count",
        "How many?",
        "number",
        required=True,
        minimum=2,
        show_when=ShowWhen("lamps", frozenset({"many"})),
    ),
    Field("since", "Since when?", "datetime"),
    Field("when", "At what time?", "multivaluelist", choices=(Choice("day", "Day"), Choice("night", "Night"))),
    Field("told", "Somebody told you", "boolean"),
    Field("text", "Anything else?", "text"),
)


def test_answers_come_back_as_they_are_stored() -> None:
    data = QueryDict("lamps=many&count=3&since=2026-03-01&when=day&when=night&told=on&text=+dark+")
    form = form_for(ASKED, data=data, language="en")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "lamps": "many",
        "count": 3,
        "since": "2026-03-01",
        "when": ["day", "night"],
        "told": True,
        "text": "dark",
    }


def test_a_question_that_is_not_asked_needs_no_answer_and_an_unticked_box_is_a_no() -> None:
    form = form_for(ASKED, data=QueryDict("lamps=one&count=rubbish"), language="en")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"lamps": "one", "told": False}


def test_problems_stand_beside_their_question_and_keep_what_was_typed() -> None:
    form = form_for(ASKED, data=QueryDict("lamps=many&count=lots&text=kept"), language="en")
    assert not form.is_valid()
    page = form.as_div()
    assert "Enter a number, for example 3" in page and 'value="lots"' in page and "kept" in page
    assert 'data-show-when="lamps=many"' in page


def test_labels_are_the_agencys_own_in_the_readers_language() -> None:
    with override("es"):
        page = form_for(ASKED, language="es-MX").as_div()
    assert "¿Qué farolas?" in page and "Varias" in page and "How many?" in page


def test_a_list_from_a_source_takes_only_its_values() -> None:
    who = (Field("user", "Person", source="user"),)
    sources = {"user": [("Here", [(7, "Omar")])]}
    page = form_for(who, language="en", sources=sources).as_div()
    assert "<optgroup" in page and "Omar" in page
    chosen = form_for(who, data={"user": "7"}, language="en", sources=sources)
    assert chosen.is_valid() and chosen.cleaned_data == {"user": "7"}
    assert not form_for(who, data={"user": "8' OR 1"}, language="en", sources=sources).is_valid()


def test_problems_found_later_are_shown_on_top_or_beside_their_question() -> None:
    form = form_for(ASKED, data=QueryDict("lamps=one"), language="en")
    assert form.is_valid()
    form.add_problems(Invalid([Problem("where", "Say where."), Problem("text", "At most %(n)s.", {"n": 3})]))
    assert form.non_field_errors() == ["Say where."] and form.errors["text"] == ["At most 3."]


def test_hostile_words_in_labels_and_answers_are_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    asked = (Field("x", "X", labels={"en": nasty}, hints={"en": nasty}),)
    page = form_for(asked, data={"x": nasty}, language="en").as_div()
    assert nasty not in page and "&lt;script&gt;" in page
