"""What a field report needs before it is sent in, and how its people are called in its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.field_report.models import FieldReport, Party
from commonbeat.kinds.field_report.sorts import questions_of, sort_of
from commonbeat.kinds.field_report.vocabulary import ROLES, label


@dataclass(frozen=True)
class Need:
    """One thing that must be there: what to do about it, whether it is met, and the step that does it."""

    words: str
    met: Callable[[FieldReport], bool]
    step: str


def _asks(report: FieldReport, part: str) -> bool:
    found = sort_of(report.sort)
    return found is not None and part in found.needs


def unanswered(report: FieldReport) -> list[Field]:
    """Questions of its sort that have to be answered and are not."""
    asked = [item for item in questions_of(report.sort) if item.asked(report.answers)]
    return [item for item in asked if item.required and item.code not in report.answers]


NEEDS = (
    Need(N_("Say what you saw."), lambda r: len(r.saw.split()) >= 3, "write"),
    Need(N_("Say what you did."), lambda r: bool(r.did.strip()), "write"),
    Need(N_("Say what comes next, and who does it."), lambda r: bool(r.after.strip()), "write"),
    Need(
        N_("Add the property that it is about."),
        lambda r: not _asks(r, "item") or r.items.exists(), "add_item",
    ),
    Need(
        N_("Add whom it is about, or who saw it."),
        lambda r: not _asks(r, "party") or r.parties.exists(), "add_party",
    ),
    Need(N_("Add a photo."), lambda r: not _asks(r, "photo") or r.case.files.exists(), "photograph"),
    Need(N_("Say what you were told."), lambda r: not _asks(r, "told") or bool(r.told.strip()), "write"),
    Need(N_("Answer the questions on what happened."), lambda r: not unanswered(r), "answer"),
    Need(
        N_("Wait until a sworn officer has taken your call."),
        lambda r: not r.calls.filter(accepted_at=None).exists(), "call_sworn",
    ),
)  # fmt: skip


def missing(report: FieldReport) -> list[Need]:
    """What is still missing."""
    return [need for need in NEEDS if not need.met(report)]


def check(report: FieldReport) -> None:
    """Raise `Invalid` with everything that is missing."""
    wrong = missing(report)
    if wrong:
        raise Invalid([Problem("", need.words) for need in wrong])


def titled(report: FieldReport) -> list[tuple[Party, str]]:
    """The people of a report with what they are called in its text: “Witness 1”, “Minor 2”."""
    counts: dict[str, int] = {}
    found = []
    for party in report.parties.select_related("participant__person").order_by("pk"):
        name = gettext("Minor") if party.age == "minor" else gettext(label(ROLES, party.role))
        counts[name] = counts.get(name, 0) + 1
        found.append((party, f"{name} {counts[name]}"))
    return found


def title_of(party: Party) -> str:
    """What one of them is called."""
    return next((title for one, title in titled(party.report) if one.pk == party.pk), "")


def names_of_minors(report: FieldReport) -> Iterator[tuple[str, Party]]:
    """The names of people under 18, for keeping them out of the text."""
    for party in report.parties.filter(age="minor", participant__person__isnull=False).select_related(
        "participant__person", "report"
    ):
        yield party.participant.person.name, party  # type: ignore[union-attr]
