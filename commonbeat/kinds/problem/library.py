"""The library of problems, projects and reviews: what was tried, what came of it, what was learnt (O45)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice
from commonbeat.kinds.problem.joint_vocabulary import PROJECT_TYPES, REVIEW_TYPES
from commonbeat.kinds.problem.models import Option, Problem
from commonbeat.kinds.problem.vocabulary import BETTER, TYPES

KINDS_WITH_LESSONS = ("problem", "project", "review")
"""Kinds of cases on the tables of problems: they share the library."""
TYPES_OF: Mapping[str, tuple[Choice, ...]] = {"problem": TYPES, "project": PROJECT_TYPES, "review": REVIEW_TYPES}
"""What sorts there are of each."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty means any."""

    type: str = ""
    technique: str = ""
    state: str = ""
    grade: str = ""
    words: str = ""
    kind: str = ""


def problems(wanted: Wanted, *, actor: Actor) -> QuerySet[Problem]:
    """Problems, projects and reviews that this actor may see, those that changed last first."""
    cases = Case.objects.visible_to(actor).filter(kind__in=[wanted.kind] if wanted.kind else KINDS_WITH_LESSONS)
    if wanted.words:
        cases = cases.saying(wanted.words)
    if wanted.state:
        cases = cases.filter(state=wanted.state)
    if wanted.grade:
        cases = cases.filter(outcome=wanted.grade)
    rows = Problem.objects.filter(case__in=cases.values("pk")).select_related("case", "case__assignee")
    if wanted.type:
        rows = rows.filter(type=wanted.type)
    if wanted.technique:
        chosen = Option.objects.filter(technique=wanted.technique, decision="chosen")
        rows = rows.filter(pk__in=chosen.values("problem_id"))
    return rows.order_by("-case__changed_at", "-pk")


@dataclass(frozen=True, slots=True)
class PastUse:
    """One earlier choice of a technique: in which case, and how that ended."""

    case_id: int
    outcome: str
    text: str

    @property
    def helped(self) -> bool:
        """True where the problem ended with one of Goldstein's five grades."""
        return self.outcome in BETTER


def past_uses(*, actor: Actor, besides: int, among: Iterable[str] | None = None) -> Mapping[str, list[PastUse]]:
    """Earlier choices by technique, in other problems that this actor may see, the latest first: one statement."""
    seen = Case.objects.visible_to(actor).filter(kind="problem").exclude(pk=besides)
    rows = Option.objects.filter(decision="chosen", problem__in=seen.values("pk")).select_related("problem__case")
    if among is not None:
        rows = rows.filter(technique__in=list(among))
    found: dict[str, list[PastUse]] = defaultdict(list)
    for row in rows.order_by("-problem__case__opened_at", "-pk"):
        found[row.technique].append(PastUse(row.problem_id, row.problem.case.outcome, row.text))
    return found
