"""Danger in progress is recognised in English, Spanish and Arabic (rule 18)."""

import csv
import json
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.core.danger import CRISIS, KINDS, LANGUAGES, MOST_CHARACTERS, danger_in
from commonbeat.core.phrases import PhraseList, plain

with (Path(__file__).parent / "danger_sentences.tsv").open(encoding="utf-8") as source:
    SENTENCES = [tuple(row) for row in csv.reader(source, delimiter="\t", quoting=csv.QUOTE_NONE)]


def level(text, language="en", **how):
    found = danger_in(text, language=language, **how)
    return found.level if found else "none"


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_in_progress_is_recognised(language):
    wanted = [row for row in SENTENCES if row[0] == "now" and row[1] == language]
    missed = [text for _, _, _, text in wanted if level(text, language) != "now"]
    assert len(wanted) >= 35
    assert len(missed) <= 0.03 * len(wanted), missed


def test_the_sentences_cover_every_kind_and_enough_harmless_ones():
    count = Counter(row[0] for row in SENTENCES)
    assert count["now"] >= 120 and count["none"] >= 60 and count["possible"] >= 20
    assert {row[2] for row in SENTENCES if row[0] == "now"} == set(KINDS) - {"local"}


def test_the_kind_of_danger_is_named():
    wanted = [row for row in SENTENCES if row[0] == "now"]
    right = 0
    for _, language, kind, text in wanted:
        found = danger_in(text, language=language)
        right += found is not None and kind in (found.kind, *found.also)
    assert right >= 0.97 * len(wanted)


def test_everyday_concerns_raise_no_alarm():
    calm = [row for row in SENTENCES if row[0] == "none"]
    alarmed = [text for _, language, _, text in calm if level(text, language) == "now"]
    noticed = [text for _, language, _, text in calm if level(text, language) != "none"]
    assert len(alarmed) <= 0.02 * len(calm), alarmed
    assert len(noticed) <= 0.05 * len(calm), noticed


def test_what_is_past_or_usual_is_only_possible():
    gone = [row for row in SENTENCES if row[0] == "possible"]
    wrong = [text for _, language, _, text in gone if level(text, language) != "possible"]
    assert len(wrong) <= 0.05 * len(gone), wrong


def test_every_language_is_read_whatever_the_page_is_in():
    for _, _, _, text in (row for row in SENTENCES if row[0] == "now"):
        assert {level(text, language) for language in ("en", "es", "ar", "pl")} == {level(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nobody has a gun", "none"),
        ("I don't know whether he has a gun", "now"),
        ("He won't stop hitting her", "now"),
        ("No tiene pistola", "none"),
        ("لا يوجد حريق", "none"),
        ("There is no fire, but he has a gun", "now"),
        ("Last night he hit me and now he is breaking in", "now"),
        ("Yesterday we had a party. A man has a gun outside.", "now"),
        ("Last week they robbed us. They smashed the window.", "possible"),
        ("fire", "now"),
        ("Fire hydrant", "none"),
        ("HE HAS A GUN!!!", "now"),
        ("hes got a gun", "now"),
        ("he’s got a gun", "now"),
        ("Esta disparando", "now"),
        ("Está disparando", "now"),
        ("", "none"),
    ],
)
def test_denial_time_and_spelling_are_understood(text, expected):
    assert level(text) == expected


def test_the_words_are_given_back_as_the_resident_wrote_them():
    found = danger_in("Hola. Mi vecino TIENE una PISTOLA en la mano", language="es")
    assert (found.kind, found.language) == ("weapon", "es")
    assert found.words == ("TIENE una PISTOLA",)


def test_a_crisis_is_told_apart_because_it_has_its_own_line():
    found = danger_in("I want to kill myself", language="en")
    assert (found.kind, found.crisis) == (CRISIS, True)
    both = danger_in("He has a gun and says he wants to kill himself", language="en")
    assert (both.kind, both.level, both.crisis) == ("weapon", "now", True)
    assert not danger_in("The house is on fire", language="en").crisis


def test_an_agency_adds_words_of_its_own_and_a_bad_one_does_no_harm():
    words = ["pico* cerrado", "..", "(x)", ""]
    assert level("The Picos cerrado again", extra_words=words) == "now"
    assert danger_in("The Picos cerrado again", language="en", extra_words=words).kind == "local"
    assert level("Street light is out", extra_words=words) == "none"


@given(st.text(max_size=400), st.text(max_size=5))
def test_any_text_is_read_without_an_error(text, language):
    found = danger_in(text, language=language)
    assert found is None or (found.kind in KINDS and all(word in text for word in found.words))


def test_a_huge_text_is_read_in_bounded_time():
    assert level("a " * MOST_CHARACTERS + "he has a gun") == "none"
    assert level("is he " * (MOST_CHARACTERS // 6) + "!") == "none"
    assert level("(" * 200_000) == "none"


def test_every_phrase_of_the_lists_can_be_found():
    """A phrase that no text can ever match would be a hole that nobody sees."""
    lists = json.loads(resources.files("commonbeat.core").joinpath("words/danger.json").read_text("utf-8"))
    for language in LANGUAGES:
        phrases = [phrase for when in ("now", "possible") for kind in lists[language][when].values() for phrase in kind]
        for role in ("harmless", "past", "habit", "present", "urgent"):
            phrases += lists[language][role]
        for phrase in phrases:
            tokens = [t.strip("()").split("/")[0].rstrip("*") for t in phrase.split() if t != ".."]
            assert list(PhraseList([(phrase, 1)]).find(plain(" ".join(tokens)).text)), phrase
