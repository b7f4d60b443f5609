"""Sightings: anybody may send one, without a name; they go to the case and to nobody else."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from commonbeat.cases import files
from commonbeat.cases.actions import act
from commonbeat.cases.models import Case, Participant
from commonbeat.community.people import find_or_make_person
from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Field
from commonbeat.core.text import N_
from commonbeat.kinds.missing.models import Bulletin, Sighting

FIELDS = (
    Field("text", N_("What did you see?"), "text", required=True, maximum=4000,
          hint=N_("How they looked, who was with them, where they went.")),
    Field("place", N_("Where was it?"), maximum=300),
    Field("seen", N_("When was it?"), maximum=200, hint=N_("For example: today, about 3 pm.")),
    Field("tell_me", N_("Write to me when the search is over"), "boolean"),
    Field("email", N_("Your e-mail address, only if we shall write to you"), maximum=254, personal=True),
)  # fmt: skip


class Over(Exception):
    """The search is over: nothing is taken any more, and nothing is said about how it ended."""


@dataclass(frozen=True)
class Sent:
    """A sighting that was kept; `replayed` when the same form came before."""

    row: Sighting
    replayed: bool = False


@transaction.atomic
def send(
    bulletin: Bulletin, given: Mapping[str, Any], *, client_id: uuid.UUID, photos: Sequence[str], language: str,
    danger: Mapping[str, Any] | None, at: dt.datetime,
) -> Sent:  # fmt: skip
    """Keep a sighting on the case of a bulletin that is or was public. Raises `Over` once the case is closed."""
    case = Case.objects.select_for_update().get(pk=bulletin.case_id)
    before = Sighting.objects.filter(client_id=client_id).first()
    if before is not None:
        return Sent(before, replayed=True)
    if case.closed_at is not None:
        raise Over
    row = Sighting.objects.create(
        client_id=client_id, case=case, participant=_helper(case, given, language=language, at=at),
        text=str(given["text"]), place=str(given.get("place") or ""), seen=str(given.get("seen") or ""),
        language=language, sent_at=at,
    )  # fmt: skip
    files.claim(case, photos, by_reporter=False, at=at)
    act(case, "sighting", data={"sighting": str(row.pk)}, actor=SYSTEM, at=at, danger=danger)
    return Sent(row)


def _helper(case: Case, given: Mapping[str, Any], *, language: str, at: dt.datetime) -> Participant | None:
    """Whoever wants to hear that it ended. Without that wish nothing of the sender is kept."""
    if not given.get("tell_me"):
        return None
    person = find_or_make_person(email=str(given.get("email") or ""), language=language, apart=True, at=at)
    if person is None:
        return None
    return Participant.objects.create(
        case=case, role=Participant.Role.FOLLOWER, person=person, told_by="email", created_at=at
    )
