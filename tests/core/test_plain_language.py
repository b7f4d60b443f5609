"""How hard a text is to read, by published formulas, without asking the internet."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.core.plain_language import english_syllables, readability, spanish_syllables, split_sentences

ENGLISH_SYLLABLES = """
the 1 cat 1 officer 3 officers 3 resident 3 community 4 parking 2 garbage 2 abandoned 3 graffiti 3 noise 1
street 1 repaired 2 removed 2 visited 3 wanted 2 houses 2 changes 2 places 2 table 2 little 2 trouble 2
investigation 5 administration 5 university 5
responsibility 6 communication 5 traffic 2 installed 2 neighbor 2
meeting 2 tonight 2 yesterday 3 alcohol 3 vacant 2 building 2 owner 2 cited 2 fined 1 towed 1 moved 1 asked 1
called 1 answered 2 listened 2 decided 3 agreed 2 create 2 area 3 cooperation 5 didn't 2 don't 1 couldn't 2
wasn't 2 can't 1 patrol 2 increased 2 speeding 2 children 2 cameras 3 apartment 3 evidence 3 emergency 4
immediately 5 approximately 5 determined 3 implemented 4 utilize 3 facilitate 4 subsequent 3 pursuant 3
accordance 3 individual 5 experience 4 requested 3 quickly 2 safe 1 because 2 people 2 problem 2 temporary 4
ordinance 3 violation 4 municipal 4 jurisdiction 4 ambulance 3 hospital 3 library 3 avenue 3 boulevard 3
cleaned 1 painted 2 locked 1 finished 2 broken 2 window 2 crew 1 review 2 being 2 playing 2 carrying 3
studying 3 continue 3 value 2 issues 2 rescue 2 league 1 guide 1 quiet 2 society 4 science 2 idea 3 created 3
dangerous 3 serious 3 stories 2 cities 2 planned 1 weekly 2 lonely 2 organization 5 recently 3 severely 3
statewide 2 sidewalk 2 service 2 messages 3 damage 2 damages 3 vehicle 3 bicycles 3 settled 2 handled 2
racism 3 eyes 1 types 1 anyone 3 poet 2 museum 3 duty 2 fluid 2 ruin 2 usual 3 quality 3 question 2 liquid 2
equal 2 guard 1 language 2 unique 2 argue 2
"""

SPANISH_SYLLABLES = """
policía 4 agua 2 ciudad 2 vecino 3 reunión 2 país 2 calle 2 oficial 3 ruido 2 basura 3 huir 1 guitarra 3
pingüino 3 queso 2 rey 1 muy 1 leer 2 caos 2 cooperar 4 ahora 3 ahí 2 búho 2 aéreo 4 construir 2 automóvil 4
comunidad 4 inmediatamente 6 vehículo 4 estacionamiento 6 él 1 y 1
"""

PLAIN = (
    "You told us that cars speed on Oak Street. We watched the street for two weeks. Most cars went too "
    "fast "
    "near the school. The city put up a new stop sign. We will check again in May and tell you what we find."
)
OFFICIAL = (
    "Pursuant to the aforementioned municipal ordinance, the department has initiated a comprehensive "
    "investigation regarding the allegations communicated by residents concerning excessive "
    "vehicular velocity, "
    "and subsequent enforcement operations will be implemented in accordance with applicable regulations."
)
SENCILLO = (
    "Usted nos dijo que los carros van muy rápido en la calle Roble. Miramos la calle dos semanas. "
    "La ciudad puso una señal de alto. En mayo vamos a mirar de nuevo. Luego le diremos qué vimos."
)
OFICIAL = (
    "De conformidad con la mencionada ordenanza municipal, el departamento ha iniciado una investigación "
    "exhaustiva relativa a las alegaciones comunicadas por los residentes concernientes a la "
    "velocidad excesiva "
    "de los vehículos, y se implementarán posteriormente operaciones de fiscalización administrativa."
)


def pairs(words):
    split = words.split()
    return list(zip(split[::2], map(int, split[1::2]), strict=True))


def test_english_syllables_are_counted_right_for_the_words_of_our_field():
    wrong = [word for word, count in pairs(ENGLISH_SYLLABLES) if english_syllables(word) != count]
    assert len(wrong) <= 0.02 * len(pairs(ENGLISH_SYLLABLES)), wrong


def test_spanish_syllables_follow_the_spelling():
    assert [word for word, count in pairs(SPANISH_SYLLABLES) if spanish_syllables(word) != count] == []


def test_the_english_grade_is_the_published_formula():
    found = readability("The cat sat on the mat.", language="en")
    assert found.score == pytest.approx(0.39 * 6 + 11.8 * 6 / 6 - 15.59, abs=0.05)
    assert found.grade == 0
    assert found.scale == "Flesch-Kincaid"


def test_the_spanish_score_is_the_published_formula():
    found = readability("El agua es buena. La calle está muy fría.", language="es-MX")
    # a-gua, es, bue-na, ca-lle, es-tá, muy, frí-a: 1 + 2 + 1 + 2 and 1 + 2 + 2 + 1 + 2
    assert found.score == pytest.approx(206.835 - 62.3 * 14 / 9 - 9 / 2, abs=0.05)
    assert found.scale == "INFLESZ"


def test_plain_texts_are_within_reach_and_official_ones_are_not():
    assert readability(PLAIN, language="en").grade < 6
    assert readability(OFFICIAL, language="en").grade > 14
    assert readability(SENCILLO, language="es").grade <= 6
    assert readability(OFICIAL, language="es").grade == 14


def test_the_advice_names_what_to_change():
    found = readability(OFFICIAL, language="en")
    assert found.advice == ("shorten-sentences", "use-simpler-words")
    assert found.long_sentences == (OFFICIAL,)
    assert {"aforementioned", "investigation"} <= set(found.hard_words)
    assert readability(PLAIN, language="en").advice == ()


def test_a_few_words_are_not_enough_to_judge():
    assert "too-short-to-judge" in readability("The light works again.", language="en").advice


def test_a_language_without_a_trusted_formula_gets_no_grade():
    found = readability("أصلحنا المصباح في شارع البلوط. هل يعمل الآن؟ أخبرنا من فضلك.", language="ar")
    assert (found.grade, found.score, found.scale) == (None, None, "")
    assert found.sentences == 3
    assert found.advice == ("no-grade-for-language",)


def test_abbreviations_and_numbers_do_not_end_a_sentence_but_lists_and_paragraphs_do():
    text = (
        "Dr. Lee met us at 5 p.m. on Main St. We spoke to J. Smith about No. 7 and $3.50. He said "
        "“Stop!” Then he "
        "left.\n- First item\n- Second item\n\nLast ¿Qué pasó? El Sr. Díaz vino."
    )
    assert split_sentences(text) == [
        "Dr. Lee met us at 5 p.m. on Main St.",
        "We spoke to J. Smith about No. 7 and $3.50.",
        "He said “Stop!”",
        "Then he left.",
        "- First item",
        "- Second item",
        "Last ¿Qué pasó?",
        "El Sr. Díaz vino.",
    ]


def test_web_and_mail_addresses_do_not_make_a_text_harder():
    added = PLAIN + " See https://police.example.org/investigations/administration or write to pat@example.org."
    assert readability(added, language="en").grade < 6


def test_an_empty_text_has_no_grade():
    for text in ("", "   \n", "12 — !"):
        found = readability(text, language="en")
        assert found.sentences in (0, 1) and found.long_sentences == ()
    assert readability("", language="en").grade is None


@given(st.text(max_size=300), st.sampled_from(["en", "es", "ar", "fr-CA", ""]))
def test_any_text_can_be_judged(text, language):
    found = readability(text, language=language)
    assert found.words >= 0
    assert found.grade is None or found.grade >= 0


def test_nothing_is_fetched_from_the_internet(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("tried to reach the network")

    monkeypatch.setattr(socket, "socket", refuse)
    assert readability(PLAIN, language="en").grade is not None
