"""The released records as a tagged PDF (PDF/UA-1), set by Typst."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import get_language, gettext

from commonbeat.interfaces.web.papers import tagged_pdf
from commonbeat.publishing.records.bundle import Bundle

TEMPLATE = Path(__file__).with_name("records.typ")


def make_pdf(made: Bundle) -> bytes:
    """The document: each case with its parts, then the log of what was removed."""
    said = {
        "language": (get_language() or "en").split("-")[0], "title": f"{gettext('Records')} {made.number}",
        "agency": made.agency, "number": made.number, "made": made.made_at[:10],
        "cases": [{**case, "facts": _facts(case)} for case in made.cases],
        "log": [[row[name] for name in ("case", "part", "which", "extent", "exemption", "by")] for row in made.log],
        "bases": sorted({(row["exemption"], f"{row['title']}. {row['basis']}") for row in made.log}),
        "label": _labels(),
    }  # fmt: skip
    return tagged_pdf(TEMPLATE, said)


def _facts(case: dict[str, str]) -> list[tuple[str, str]]:
    facts = (
        (gettext("Kind"), case["kind"]), (gettext("Category"), case["category"]), (gettext("Area"), case["area"]),
        (gettext("Opened"), case["opened_at"][:10]), (gettext("Closed"), case["closed_at"][:10]),
        (gettext("State"), case["state"]), (gettext("Outcome"), case["outcome"]),
    )  # fmt: skip
    return [fact for fact in facts if fact[1]]


def _labels() -> dict[str, str]:
    return {
        "log": gettext("What was removed"), "nothing": gettext("Nothing was removed."), "case": gettext("Case"),
        "part": gettext("Sort"), "which": gettext("Part"), "extent": gettext("How much"),
        "exemption": gettext("Exemption"), "by": gettext("Decided by"), "bases": gettext("Exemptions"),
        "how": gettext("In the place of what was removed stands the code of the exemption in brackets."),
    }  # fmt: skip
