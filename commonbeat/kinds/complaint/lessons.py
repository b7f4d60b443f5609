"""Recommendations: what complaints teach about policies, and what command staff answer."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q, QuerySet

from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Choice, Field, clean
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record
from commonbeat.kinds.complaint.models import Recommendation

READERS = (Role.SUPERVISOR, Role.ADMIN, Role.STANDARDS, Role.OVERSIGHT)
ANSWERERS = (Role.SUPERVISOR, Role.ADMIN)
ANSWERS = (
    Choice("planned", N_("We will change it")),
    Choice("done", N_("It is changed")),
    Choice("declined", N_("We leave it as it is")),
)
FIELDS = (
    Field("answer", N_("Answer"), "singlevaluelist", required=True, choices=ANSWERS),
    Field("text", N_("Why, and by when"), "text", required=True),
)


class AnsweredMeanwhile(Exception):
    """Somebody else answered first; nothing was saved."""


def recommendations(*, actor: Actor) -> QuerySet[Recommendation]:
    """Those that this actor may read, the newest first.

    Command staff read one when its case is closed: an open one would tell that somebody complained just now.
    """
    told = Q(case__isnull=True) | Q(case__closed_at__isnull=False) | Q(case__in=Case.objects.visible_to(actor))
    rows = Recommendation.objects.filter(told) if actor.has(*READERS) else Recommendation.objects.none()
    return rows.select_related("made_by", "answered_by").order_by("-made_at", "-pk")


@transaction.atomic
def answer(row: Recommendation, *, data: dict[str, object], version: int, actor: Actor, at: dt.datetime) -> None:
    """Say what follows from a recommendation; a later answer replaces it, the journal keeps both.

    Raises `Invalid` and `AnsweredMeanwhile`.
    """
    given = clean(FIELDS, data)
    changed = Recommendation.objects.filter(pk=row.pk, version=version).update(
        answer=given["answer"], answer_text=given["text"], answered_at=at, answered_by=actor.staff_id,
        version=F("version") + 1,
    )  # fmt: skip
    if not changed:
        raise AnsweredMeanwhile
    record(
        "recommendation", row.pk, "recommendation.answered", actor=actor, at=at, data={"answer": given["answer"]},
        personal={"text": given["text"]},
    )  # fmt: skip
