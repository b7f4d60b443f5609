"""Which waves the public reads: one person proposes a wave, a second releases it, and it is withdrawn with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, QuerySet

from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence.surveys.actions import PLANNERS, SUBJECT
from commonbeat.evidence.surveys.models import SurveySeries, SurveyWave
from commonbeat.journal.verbs import record

RELEASERS: Sequence[Role] = (Role.EDITOR, Role.SUPERVISOR, Role.ADMIN)
EMPTY = N_("This wave holds no answers yet.")
NOT_PROPOSED = N_("Nobody proposes this wave, or it changed since. Propose it first.")
OWN = N_("You proposed it. A second person has to release it.")
NOT_YOURS = N_("Proposing needs the role of an analyst; releasing that of a publisher, supervisor or administrator.")
PUBLIC = N_("The public reads this wave already.")
NOT_PUBLIC = N_("The public does not read this wave.")
SAY_WHY = N_("Say why you withdraw it. The reason stays on record.")


def _locked(wave: SurveyWave) -> SurveyWave:
    return SurveyWave.objects.select_for_update().get(pk=wave.pk)


@transaction.atomic
def propose(wave: SurveyWave, *, actor: Actor, at: dt.datetime) -> None:
    """Ask that the public may read a wave as it is now. Raises `Invalid`."""
    if not actor.has(*PLANNERS):
        raise Invalid([Problem("", NOT_YOURS)])
    found = _locked(wave)
    if found.released_at or not found.content:
        raise Invalid([Problem("", PUBLIC if found.released_at else EMPTY)])
    found.proposed_by_id, found.proposed_at, found.withdrawn_reason = actor.staff_id, at, ""
    found.save(update_fields=["proposed_by", "proposed_at", "withdrawn_reason"])
    record(SUBJECT, wave.pk, "wave.proposed", actor=actor, at=at, data={"content": found.content})


@transaction.atomic
def release(wave: SurveyWave, *, actor: Actor, at: dt.datetime) -> None:
    """Let the public read it, as a second person. Raises `Invalid`."""
    if not actor.has(*RELEASERS):
        raise Invalid([Problem("", NOT_YOURS)])
    found = _locked(wave)
    if found.released_at or found.proposed_by_id is None:
        raise Invalid([Problem("", PUBLIC if found.released_at else NOT_PROPOSED)])
    if found.proposed_by_id == actor.user_id:
        raise Invalid([Problem("", OWN)])
    found.released_by_id, found.released_at = actor.staff_id, at
    found.save(update_fields=["released_by", "released_at"])
    record(SUBJECT, wave.pk, "wave.released", actor=actor, at=at, audience="public", data={"content": found.content})


@transaction.atomic
def withdraw(wave: SurveyWave, *, reason: str, actor: Actor, at: dt.datetime) -> None:
    """Take it from the public. Raises `Invalid`."""
    reason = " ".join(reason.replace("\x00", "").split())[:400]
    if not actor.has(*RELEASERS):
        raise Invalid([Problem("", NOT_YOURS)])
    if not reason:
        raise Invalid([Problem("reason", SAY_WHY)])
    found = _locked(wave)
    if not found.released_at:
        raise Invalid([Problem("", NOT_PUBLIC)])
    found.proposed_by, found.proposed_at, found.released_by, found.released_at = None, None, None, None
    found.withdrawn_reason = reason
    found.save(update_fields=["proposed_by", "proposed_at", "released_by", "released_at", "withdrawn_reason"])
    record(SUBJECT, wave.pk, "wave.withdrawn", actor=actor, at=at, data={"reason": reason})


def released(series: SurveySeries | None = None) -> QuerySet[SurveyWave]:
    """Waves that everybody may read, the newest first."""
    rows = SurveyWave.objects.filter(released_at__isnull=False, series__retired_at=None).select_related("series")
    rows = rows.filter(series=series) if series else rows
    return rows.order_by(F("last_on").desc(), "-pk")
