"""Identifiers: ordered ids, references that survive typing, codes that survive a stolen dump."""

import contextlib
import re
import threading
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.core import ids

NUMBERS = st.integers(0, ids.REFERENCE_LIMIT - 1)
KEY = b"a key of this town"
PEPPER = b"0123456789abcdef"


def test_row_ids_are_version_7_and_in_order_of_making():
    made = [ids.uuid7() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(row.version, row.variant) for row in made} == {(7, RFC_4122)}


def test_row_ids_made_by_several_threads_never_collide():
    made: list = []
    threads = [threading.Thread(target=lambda: made.extend(ids.uuid7() for _ in range(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


def test_a_clock_that_goes_back_does_not_disorder_row_ids(monkeypatch):
    first = ids.uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1)
    assert ids.uuid7() > first


@given(NUMBERS)
def test_a_reference_leads_back_to_its_number(number):
    text = ids.reference(number, key=KEY)
    assert re.fullmatch(r"CB-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{3}", text)
    assert ids.parse_reference(text, key=KEY) == number


@given(NUMBERS)
def test_a_reference_is_understood_as_people_type_it(number):
    text = ids.reference(number, key=KEY)
    typed = text[3:].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert ids.parse_reference(f"  #cb {typed} ", key=KEY) == number
    assert ids.parse_reference(typed, key=KEY) == number
    assert ids.parse_reference(text.replace("-", "–"), key=KEY) == number


@given(NUMBERS, st.integers(0, 6), st.sampled_from(ids.ALPHABET))
def test_one_wrong_character_is_always_noticed(number, place, character):
    body = ids.reference(number, key=KEY)[3:].replace("-", "")
    wrong = body[:place] + character + body[place + 1 :]
    if wrong != body:
        with pytest.raises(ids.BadReference) as refusal:
            ids.parse_reference(wrong, key=KEY)
        assert refusal.value.code == "check"


@given(NUMBERS, st.integers(0, 5))
def test_two_swapped_characters_are_always_noticed(number, place):
    body = ids.reference(number, key=KEY)[3:].replace("-", "")
    wrong = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    if wrong != body:
        with pytest.raises(ids.BadReference):
            ids.parse_reference(wrong, key=KEY)


def test_references_of_neighbouring_numbers_do_not_show_the_volume():
    bodies = [ids.reference(number, key=KEY) for number in range(1000)]
    assert len(set(bodies)) == 1000
    assert bodies != sorted(bodies)
    assert len({body[3:5] for body in bodies}) > 500  # the leading characters are spread, not counting up


def test_another_key_gives_other_references():
    assert ids.reference(7, key=b"one") != ids.reference(7, key=b"two")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  - ", "empty"),
        ("CB-7F3", "length"),
        ("CB-UUUU-UUU", "character"),
        ("CB-é234-567", "character"),
    ],
)
def test_a_bad_reference_says_what_is_wrong(text, code):
    with pytest.raises(ids.BadReference) as refusal:
        ids.parse_reference(text)
    assert refusal.value.code == code


def test_a_reference_typed_with_arabic_digits_is_understood():
    number = next(n for n in range(5000) if ids.reference(n)[3:].replace("-", "")[:2].isdigit())
    text = ids.reference(number)
    assert ids.parse_reference(text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))) == number


def test_a_number_out_of_range_is_refused():
    for number in (-1, ids.REFERENCE_LIMIT):
        with pytest.raises(ValueError, match="out of range"):
            ids.reference(number)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused_in_order(text):
    with contextlib.suppress(ids.BadReference):
        ids.parse_reference(text)
    with contextlib.suppress(ids.BadCode):
        ids.normal_code(text)


def test_return_codes_are_long_grouped_and_new_each_time():
    codes = {ids.return_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code) for code in codes)


def test_a_return_code_is_recognised_as_people_type_it_and_no_other_is():
    code = ids.return_code()
    digest = ids.hash_code(code, salt=b"saltsalt", pepper=PEPPER)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "i")
    assert ids.code_matches(typed, digest, salt=b"saltsalt", pepper=PEPPER)
    assert not ids.code_matches(ids.return_code(), digest, salt=b"saltsalt", pepper=PEPPER)
    assert not ids.code_matches(code, digest, salt=b"saltsal2", pepper=PEPPER)
    assert not ids.code_matches(code, digest, salt=b"saltsalt", pepper=PEPPER + b"x")
    assert not ids.code_matches("not a code", digest, salt=b"saltsalt", pepper=PEPPER)


def test_a_mistyped_code_is_refused_without_repeating_it():
    for text, why in [("", "empty"), ("ABCD", "length"), ("UBCD-EFGH-JKMN", "character")]:
        with pytest.raises(ids.BadCode) as refusal:
            ids.normal_code(text)
        assert refusal.value.code == why
        assert not text or text not in str(refusal.value)


def test_a_weak_pepper_or_salt_is_refused():
    with pytest.raises(ValueError, match="pepper"):
        ids.hash_code(ids.return_code(), salt=b"saltsalt", pepper=b"short")
    with pytest.raises(ValueError, match="salt"):
        ids.hash_code(ids.return_code(), salt=b"s", pepper=PEPPER)


def test_a_link_token_is_stored_only_as_its_digest():
    token, digest = ids.link_token()
    assert ids.digest_token(token) == digest
    assert token.encode() not in digest
    assert len(token) >= 43
    assert ids.link_token()[0] != token
