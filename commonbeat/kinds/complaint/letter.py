"""What the letter to the complainant says: the findings, what they mean, why, and how to appeal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from commonbeat.cases.models import Case
from commonbeat.community.agency import local_day
from commonbeat.journal.models import Entry
from commonbeat.kinds.complaint.deeds import standing
from commonbeat.kinds.complaint.models import Appeal
from commonbeat.kinds.complaint.vocabulary import ALLEGATIONS, OUTCOMES, finding, label


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the letter: what was alleged, the finding, and what it means. Source texts, nobody's name."""

    about: str
    finding: str
    means: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A decision as the complainant reads it. `appeal_until` is None where an appeal was decided before."""

    decided_on: dt.date
    outcome: str
    words: str
    findings: tuple[Found, ...]
    appeal_until: dt.date | None
    after_appeal: bool


def has_letter(case: Case) -> bool:
    """True when a decision stands that was told."""
    return not case.is_open and bool(case.detail("decided")) and case.outcome != "withdrawn"


def letter_of(case: Case) -> Letter | None:
    """The letter of the decision that stands; None while there is none."""
    ended = next((one for one in OUTCOMES if one.slug == case.outcome), None)
    if not has_letter(case) or ended is None or case.closed_at is None:
        return None
    appealed = Appeal.objects.filter(case=case, decided_at__isnull=False).exists()
    until = case.detail("appeal_until")
    return Letter(
        decided_on=local_day(case.closed_at), outcome=ended.public, words=_words(case), findings=tuple(_findings(case)),
        appeal_until=dt.date.fromisoformat(until) if until and not appealed and case.state == "decided" else None,
        after_appeal=appealed,
    )  # fmt: skip


def _words(case: Case) -> str:
    """What was written to the complainant with the last decision that was not taken back."""
    entries = list(Entry.objects.about("case", case.pk))
    undone = {entry.data.get("number") for entry in entries if entry.verb == "case.undone"}
    decided = [e for e in entries if e.data.get("outcome") == case.outcome and e.number not in undone]
    return str((decided[-1].personal or {}).get("text") or "") if decided else ""


def _findings(case: Case) -> list[Found]:
    found = []
    for row in standing(case.pk):
        ended = finding(row.finding)
        if ended is not None:
            found.append(Found(label(ALLEGATIONS, row.sort), ended.label, ended.public))
    return found
