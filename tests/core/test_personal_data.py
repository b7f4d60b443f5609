"""Names, numbers and plates are found before a text becomes public; streets and parks are left alone."""

import itertools
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commonbeat.core.personal_data import KINDS, find_personal, mask

# One text a line; what should be found stands as [[kind|words]] or [[kind|words|the part that counts]].
LINES = (Path(__file__).parent / "personal_sentences.txt").read_text(encoding="utf-8").splitlines()
_MARK = re.compile(r"\[\[(\w+)\|([^\]|]*(?:\[\w+\][^\]|]*)*)(?:\|([^\]]*))?\]\]")


def unmarked(line):
    """The text without its marks, and what should be found in it as (kind, start, end)."""
    text, wanted, place = "", [], 0
    for mark in _MARK.finditer(line):
        text += line[place : mark.start()]
        whole, part = mark.group(2), mark.group(3) or mark.group(2)
        start = len(text) + whole.index(part)
        wanted.append((mark.group(1), start, start + len(part)))
        text += whole
        place = mark.end()
    return text + line[place:], wanted


def compare(line):
    """Found, wrongly found, and missed findings of a line."""
    text, wanted = unmarked(line)
    got = [(f.kind, f.start, f.end) for f in find_personal(text, language="en")]

    def meets(one, other):
        return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]

    hit = [one for one in wanted if any(meets(one, other) for other in got)]
    extra = [(text, text[one[1] : one[2]]) for one in got if not any(meets(one, other) for other in wanted)]
    missed = [(text, text[one[1] : one[2]]) for one in wanted if one not in hit]
    return hit, extra, missed


def kinds(text, language="en"):
    return [(finding.kind, finding.text) for finding in find_personal(text, language=language)]


def test_personal_data_is_found_with_few_false_alarms_and_few_misses():
    compared = [compare(line) for line in LINES]
    hit, extra, missed = ([one for line in compared for one in line[part]] for part in range(3))
    assert len(LINES) >= 140 and len(hit) >= 80
    assert len(hit) / (len(hit) + len(extra)) >= 0.95, extra
    assert len(hit) / (len(hit) + len(missed)) >= 0.95, missed


def test_most_lines_have_nothing_personal_or_every_kind_of_it():
    wanted = Counter(kind for line in LINES for kind, _, _ in unmarked(line)[1])
    assert set(wanted) >= set(KINDS)
    assert sum(not unmarked(line)[1] for line in LINES) >= 60


def test_names_alone_keep_to_their_bounds():
    """Names are the hard part; the numbers must not hide how they do."""
    hits, extras, misses = 0, 0, 0
    for line in LINES:
        hit, extra, _missed = compare(line)
        text, wanted = unmarked(line)
        hits += sum(one[0] == "name" for one in hit)
        misses += sum(one[0] == "name" for one in wanted) - sum(one[0] == "name" for one in hit)
        extras += sum(f.kind == "name" and (text, f.text) in extra for f in find_personal(text, language="en"))
    assert hits >= 35
    assert hits / (hits + extras) >= 0.9 and hits / (hits + misses) >= 0.85


@pytest.mark.parametrize(
    "place",
    [
        "Martin Luther King Drive",
        "Cesar Chavez Ave",
        "Jackson Blvd",
        "Washington Park",
        "Daniel Boone School",
        "Calle Benito Juárez",
        "1420 W Victoria Street",
        "Maria's Restaurant",
        "John Deere",
        "the Jane Addams Center",
    ],
)
def test_streets_parks_and_shops_are_no_persons(place):
    assert kinds(f"The light at {place} is broken.") == []


def test_a_finding_says_exactly_where_it_is():
    text = "Escriba a rosa@example.org o llame al 312-555-0143."
    for finding in find_personal(text, language="es"):
        assert text[finding.start : finding.end] == finding.text
    assert kinds(text) == [("email", "rosa@example.org"), ("phone", "312-555-0143")]


def test_a_masked_text_keeps_its_shape_and_loses_what_was_found():
    text = "Call John Smith, 312-555-0143, plate AB 12345."
    masked = mask(text, find_personal(text, language="en"))
    assert masked == "Call ████ █████, ███-███-████, plate ██ █████."
    assert kinds(masked) == []


def test_a_foreign_number_is_read_by_the_rules_of_its_country():
    assert [f.text for f in find_personal("Tel. 030 901820", language="de", region="DE")] == ["030 901820"]


def test_a_shape_without_a_cue_is_found_but_not_sure():
    [finding] = find_personal("A white van XYZ 4821 stood there", language="en")
    assert (finding.kind, finding.sure) == ("plate", False)


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    findings = find_personal(text, language="en")
    assert all(text[f.start : f.end] == f.text and f.kind in KINDS for f in findings)
    assert all(one.end <= other.start for one, other in itertools.pairwise(findings))
    assert len(mask(text, findings)) == len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1 ",
        "John ",
        "A. ",
        "@a.",
        "son Ben ",
        "1 N a a a ",
        "plate A ",
        "born 1/",
        "123-",
        "lives at 1 a ",
        "é",
    ],
)
def test_a_hostile_text_takes_no_longer_than_its_length(piece):
    began = time.process_time()
    find_personal(piece * 100_000, language="en")
    assert time.process_time() - began < 5  # of the processor: other programs do not count
