"""What sides of talks agreed on, as a tagged PDF to print, sign and keep, in the language of each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from commonbeat.cases.models import Case
from commonbeat.community.agency import current
from commonbeat.interfaces.web.papers import tagged_pdf
from commonbeat.talks.agreeing import points_of
from commonbeat.talks.models import Point, Side
from commonbeat.talks.sides import sides_of

TEMPLATE = Path(__file__).with_name("agreement.typ")


def agreement_pdf(case: Case, *, language: str) -> bytes:
    """The PDF/UA-1 document of an agreement. Names and contact details are not in it: signatures are."""
    spoken = language if translation.check_for_language(language) else "en"
    with translation.override(spoken):
        said = agreement_words(case, language=spoken)
    return tagged_pdf(TEMPLATE, said)


def agreement_words(case: Case, *, language: str) -> dict[str, Any]:
    """What the paper says."""
    return {
        "language": language.split("-")[0], "rtl": translation.get_language_bidi(), "agency": current().name,
        "reference": case.reference, "title": gettext("What we agreed on"), "about": str(case.detail("about") or ""),
        "about_label": gettext("What it is about"), "points_label": gettext("Our agreement"),
        "points": [{"who": who_of(row), "text": row.text, "when": when_of(row)} for row in points_of(case)],
        "free": gettext("We agreed of our own free will. Each of us gets a copy. It is no court order."),
        "asked": gettext("After 30 and after 90 days we are asked whether it is kept. We can talk again."),
        "signatures": gettext("Signatures"), "day": gettext("Day"), "side": gettext("Side"),
        "signed": gettext("Signature"), "sides": [called(side) for side in sides_of(case)],
    }  # fmt: skip


def called(side: Side) -> str:
    """What the others hear somebody called: our own words for it in the reader's language, theirs as they are."""
    return gettext(side.called) if side.called else gettext("somebody who took part")


def who_of(row: Point) -> str:
    """Who does it, as the sides call each other."""
    return called(row.side) if row.side else gettext("Everybody")


def when_of(row: Point) -> str:
    """From when and until when, in words."""
    if row.until_on:
        return gettext("from %(start)s until %(end)s") % {"start": row.starts_on, "end": row.until_on}
    return gettext("from %(start)s on") % {"start": row.starts_on}
