"""Papers that a kind lays on the page of whoever reported: their own statement to keep, the letter that decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from commonbeat.cases.models import Case, Participant
from commonbeat.cases.returning import open_visit
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.registry import Registry


@dataclass(frozen=True)
class Paper:
    """A page to print, named by its route, which takes the token of the visit and the reference."""

    slug: str
    label: str
    kind: str
    there: Callable[[Case], bool]


def own_case(token: str, reference: str, *, kind: str) -> Case:
    """The case of this kind of whoever came back. Raises `BadLink`, or 404 for somebody else's."""
    visit = open_visit(token, at=timezone.now())
    try:
        participant: Participant | None = visit.participant(parse_reference(reference))
    except BadReference:
        participant = None
    if participant is None or participant.case.kind != kind:
        raise Http404
    return participant.case


PAPERS: Registry[Paper] = Registry("paper")


def papers_of(case: Case, token: str) -> list[dict[str, Any]]:
    """The papers of a case, as links."""
    return [
        {"label": gettext(paper.label), "url": reverse(paper.slug, args=[token, case.reference])}
        for paper in PAPERS
        if paper.kind == case.kind and paper.there(case)
    ]
