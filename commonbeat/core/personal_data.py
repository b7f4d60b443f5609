"""Finds what points at a person in a text that may become public: names, numbers, addresses, plates.

A help for the writer and the second reader, not a guarantee: it sees patterns and common names, not
meaning, and misses nicknames, rare names and descriptions ("the man in the blue house"). So a person reads
every text before it is public. `sure` is False where the pattern also fits something harmless.

Rather a find too many than one too few for numbers, the other way round for names: streets, parks, schools
and shops are full of them, and a warning that is usually wrong is soon clicked away.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import phonenumbers

from commonbeat.core.personal_names import names_in

KINDS: Final = (
    "email",
    "phone",
    "ssn",
    "card",
    "plate",
    "vin",
    "date_of_birth",
    "minor_age",
    "name",
    "address_unit",
    "address",
    "url_profile",
    "handle",
    "id_number",
)
MOST_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of a text that may point at a person: `text[start:end]`."""

    kind: str
    start: int
    end: int
    text: str
    sure: bool = True


def find_personal(text: str, *, language: str, region: str = "US") -> list[Finding]:
    """What points at a person, in order of place, without overlaps; the longer or surer finding wins.

    Cues are looked for in English, Spanish and Arabic whatever `language` is; `region` (ISO 3166) says how
    local phone numbers look. About 1 ms for a usual text, a tenth of a second at worst; only the first 20,000
    characters are read.
    """
    text = text[:MOST_CHARACTERS]
    found = [
        *_patterns(text),
        *_phones(text, region),
        *_plates(text),
        *(Finding("name", start, end, text[start:end], sure) for start, end, sure in names_in(text)),
    ]
    return _without_overlaps(found)


def mask(text: str, findings: Iterable[Finding], *, sign: str = "█") -> str:
    """The text with each finding's letters and digits replaced by a block each; its shape stays readable."""
    out = list(text)
    for finding in findings:
        for place in range(finding.start, min(finding.end, len(out))):
            if out[place].isalnum():
                out[place] = sign
    return "".join(out)


def _without_overlaps(found: Sequence[Finding]) -> list[Finding]:
    starts: list[int] = []
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (not f.sure, KINDS.index(f.kind), f.start - f.end, f.start)):
        place = bisect(starts, one.start)
        if place and kept[place - 1].end > one.start:
            continue
        if place < len(kept) and starts[place] < one.end:
            continue
        starts.insert(place, one.start)
        kept.insert(place, one)
    return kept


# --- fixed patterns --------------------------------------------------------------------------------

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre"
    r"|noviembre|diciembre)"
)
_DATE: Final = (
    rf"(?:\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:de\s+|del\s+)?\d{{4}})"
)
_CHILD: Final = (
    r"(?:son|daughter|kid|child|boy|girl|nephew|niece|grandson|granddaughter|grandchild"
    r"|brother|sister|student|toddler"
    r"|teen|teenager|baby|hijo|hija|niñ[oa]|sobrin[oa]|niet[oa]|herman[oa]|bebé|ابني|ابنتي"
    r"|طفلي|طفلتي|حفيدي|حفيدتي|ولدي|بنتي)"
)
_STREET: Final = (
    r"(?:st(?:reet)?|ave(?:nue)?|blvd|boulevard|r(?:oa)?d|dr(?:ive)?|l(?:a)?ne?|c(?:our)?t"
    r"|pl(?:ace)?|ter(?:race)?"
    r"|way|pkwy|parkway|cir(?:cle)?|hwy|highway|sq(?:uare)?)"
)
_UNIT: Final = (
    r"(?:apt|apartment|apto|unit|suite|ste|room|rm|flat|departamento|depto|dpto|apartamento"
    r"|piso|شقة|الشقة|شقه)"
)

# kind, pattern, sure; a group named `it` marks the part that counts.
_RULES: Final[tuple[tuple[str, re.Pattern[str], bool], ...]] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE), sure)
    for kind, pattern, sure in (
        ("email", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?!\w)", True),
        (
            "email",
            r"(?<![\w.+-])[\w.+-]{1,64}\s*[\[(]\s*(?:at|arroba)\s*[\])]\s*[\w-]+\s*(?:[\[(]\s*(?:dot"
            r"|punto)\s*[\])]|\.)\s*[a-z]{2,}",
            True,
        ),
        ("ssn", r"(?<![\d-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d\d[- ](?!0000)\d{4}(?![\d-])", True),
        (
            "ssn",
            r"\b(?:ssn|social security(?: number| no\.?)?|seguro social)\b\W{0,3}(?:is|es|as|:"
            r"|#)?\W{0,3}(?P<it>\d{9})\b",
            True,
        ),
        ("card", r"(?<![\d-])(?P<it>(?:\d[ -]?){12,18}\d)(?![\d-])", True),
        ("vin", r"\b(?=[A-Z]*\d)(?=\d*[A-Z])[A-HJ-NPR-Z0-9]{17}\b", True),
        (
            "date_of_birth",
            rf"\b(?:born(?:\s+on)?|d\.?o\.?b\.?|date of birth|birth ?date|birthday"
            rf"|nacid[oa](?:\s+el)?|naci[óo](?:\s+el)?|fecha de nacimiento|تاريخ الميلاد"
            rf"|مواليد)(?:\s+is|\s+es)?\W{{0,4}}(?P<it>{_DATE})",
            True,
        ),
        (
            "minor_age",
            rf"\b{_CHILD}\b(?:,?\s+[A-ZÁÉÍÓÚÑ][\w'-]+){{0,2}},?\s*(?:\(|,|who is|is|aged?|que tiene"
            rf"|tiene|de|عمره|عمرها)?\s*(?P<it>(?:1[0-7]|\d)(?:\s*(?:years?(?:[- ]olds?)?|yrs?|y/?o"
            rf"|años|سنوات|سنة)\b|(?!\d)(?=\s*(?:[,.;)!?]|$|and\b|who\b|was\b|is\b|has\b|y\b))))",
            True,
        ),
        ("minor_age", rf"\b(?P<it>(?:1[0-7]|\d)[- ]?(?:years?[- ]old|y/?o))\s+(?:\w+\s+)?{_CHILD}\b", True),
        (
            "address_unit",
            rf"\b{_UNIT}\b\.?\s*(?:number|no\.?|num\.?|número|رقم)?\s*#?\s*(?P<it>\d{{1,5}}[a-z]?"
            rf"|[a-z]\d{{0,4}})\b(?!\s*(?:bedroom|meeting))",
            True,
        ),
        (
            "address_unit",
            rf"\b\d{{1,6}}\s+(?:[NSEW]\.?\s+)?(?:[\w'.]+\s+){{1,4}}"
            rf"{_STREET}\.?,?\s*(?P<it>#\s?\d{{1,5}}[a-z]?)\b",
            True,
        ),
        (
            "address",
            rf"\b(?:lives?|living|resides?|home|house|vive|viven|casa|يسكن"
            rf"|تسكن)\b[^.!?\n]{{0,20}}?\b(?:at|in|on|is|en|es"
            rf"|في)\s+(?P<it>\d{{1,6}}\s+(?:[NSEW]\.?\s+|north\s+|south\s+|east\s+"
            rf"|west\s+)?(?:[\w'.]+\s+){{1,3}}{_STREET})\b",
            True,
        ),
        (
            "address",
            r"\b(?:vive|viven|casa)\b[^.!?\n]{0,20}?\ben\s+(?:la\s+|el\s+)?(?P<it>(?:calle|avenida"
            r"|av\.?)\s+(?:[\w'.]+\s+){1,3}(?:#|n[úu]m(?:ero)?\.?\s*)?\d{1,6})\b",
            True,
        ),
        (
            "url_profile",
            r"(?:https?://)?(?:www\.|m\.)?(?:facebook|fb|instagram|twitter|x|tiktok|linkedin"
            r"|snapchat|youtube|threads)\.com/(?!share|watch|search|hashtag|explore|login|home\b"
            r"|events?/|groups?/)[@\w./?=&-]{2,}",
            True,
        ),
        ("handle", r"(?<![\w@./])@[A-Za-z_][\w.]{1,28}\w(?!\w*@)", False),
        (
            "id_number",
            r"\b(?:driver'?s? licen[sc]e|license (?:number|no)|passport|alien|badge de residente"
            r"|licencia de (?:conducir|manejar)|pasaporte|case worker id|student id"
            r"|جواز)\b(?:\s*(?:number|no\.?|#|id|número|num\.?|رقم))?\W{0,3}(?:is|es"
            r"|:)?\s*(?P<it>(?=[A-Z0-9-]*\d)[A-Z0-9-]{5,20})\b",
            True,
        ),
    )
)


def _patterns(text: str) -> Iterator[Finding]:
    for kind, rule, sure in _RULES:
        for match in rule.finditer(text):
            group = "it" if "it" in rule.groupindex else 0
            start, end = match.span(group)
            if kind == "card" and not _is_card(match.group(group)):
                continue
            yield Finding(kind, start, end, text[start:end], sure)


def _is_card(number: str) -> bool:
    """Whether the digits pass the check of payment cards (Luhn)."""
    digits = [int(digit) for digit in number if digit.isdigit()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_NOT_A_PHONE: Final = re.compile(
    r"(?:case|report|request|reference|ref|ticket|number|no|nr|rd|cb|caso|reporte|رقم البلاغ)\W{0,3}$",
    re.IGNORECASE,
)


_SHAPE_OF_PHONE: Final = re.compile(r"(?<![\d/.-])(?:\+?1[-. ]?)?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\d-])")
_SHORT_PHONE: Final = re.compile(
    r"\b(?:call|text|phone|tel|cell|reach|llam[ae](?:me)?|tel[eé]fono|celular|هاتف|اتصل)\b[^.\n]{0,24}?"
    r"(?<![\d-])(?P<it>\d{3}[-. ]\d{4})(?![\d-])",
    re.IGNORECASE,
)


def _phones(text: str, region: str) -> Iterator[Finding]:
    for real in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.VALID):
        if not _NOT_A_PHONE.search(text[: real.start][-24:]):
            yield Finding("phone", real.start, real.end, real.raw_string)
    # New, foreign or mistyped numbers are not valid; written with separators they still look like one.
    for match in _SHAPE_OF_PHONE.finditer(text):
        if not _NOT_A_PHONE.search(text[: match.start()][-24:]):
            yield Finding("phone", match.start(), match.end(), match.group())
    for match in _SHORT_PHONE.finditer(text):
        yield Finding("phone", match.start("it"), match.end("it"), match.group("it"))


_PLATE_CUE: Final = re.compile(
    r"(?:\b(?:licen[sc]e\s+plates?|plates?(?:\s+(?:number|no\.?))?|licen[sc]e(?:\s+(?:number"
    r"|no\.?))?|tags?|placas?|matr[ií]cula|patente"
    r"|reg(?:istration)?)\b|لوحة|رقم السيارة)"
    r"(?:\s+(?:number|no\.?|num\.?|número|is|was|reads?|es|era|de|del|dice|from|رقم|رقمها|هي|السيارة|سيارة))*"
    r"(?:\s+(?:illinois|indiana|wisconsin|michigan|iowa|texas|california|florida|ohio"
    r"|new york|il|in|wi|mi|ia|tx|ca|fl|oh|ny))?"
    r"\W{0,4}(?:رقم\W?)?(?P<it>[A-Z0-9]{1,4}(?:[- ]?[A-Z0-9]{1,4}){0,2})(?![\w])",
    re.IGNORECASE,
)
# Shapes that nearly always are plates when written in capitals: AB 12345, ABC 1234, 1ABC234, ABC-123.
_PLATE_SHAPE: Final = re.compile(
    r"(?<![\w-])(?:[A-Z]{3}[- ]?\d{4}|\d[A-Z]{3}\d{3}|[A-Z]{2}[- ]\d{5}|[A-Z]{3}-\d{3})(?![\w-])"
)
_VEHICLE: Final = re.compile(
    r"\b(?:car|truck|van|suv|sedan|pickup|vehicle|motorcycle|toyota|honda|ford|chevy"
    r"|chevrolet|nissan|jeep|dodge|bmw|hyundai|kia"
    r"|subaru|carro|coche|camioneta|camión|auto|moto|parked|driver|conductor)\b|سيارة|السيارة",
    re.IGNORECASE,
)
_ROADS: Final = frozenset({"HWY", "RTE", "EXP", "CTA", "BUS", "ZIP", "RM", "APT", "CB"})


def _plates(text: str) -> Iterator[Finding]:
    for match in _PLATE_CUE.finditer(text):
        value = match.group("it").strip()
        letters_and_digits = re.sub(r"[^A-Za-z0-9]", "", value)
        if 4 <= len(letters_and_digits) <= 8 and any(c.isdigit() for c in letters_and_digits):
            cut = _plate_end(value)
            yield Finding("plate", match.start("it"), match.start("it") + len(cut), cut)
    for match in _PLATE_SHAPE.finditer(text):
        if match.group()[:3].rstrip("- ").upper() not in _ROADS and _VEHICLE.search(text):
            yield Finding("plate", match.start(), match.end(), match.group(), sure=False)


def _plate_end(value: str) -> str:
    """The value without a lower-case word that followed the plate by chance ("ABC 1234 and")."""
    parts = re.split(r"(?<=\w)(?= )", value)
    while len(parts) > 1 and parts[-1].strip().isalpha() and parts[-1].strip().islower():
        parts.pop()
    return "".join(parts)
