"""What happens to observations besides their steps: they are noted, and leave the register when their time is over."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.models import Task
from commonbeat.cases.offshoots import OFFSHOOTS, Offshoot
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.fields import Field, clean
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.kinds.observation.checking import PLACE_ONLY, check_words
from commonbeat.kinds.observation.deeds import days_of, recheck_day
from commonbeat.kinds.observation.models import Hazard
from commonbeat.kinds.observation.vocabulary import HARMS, SORTS

FIELDS = (
    Field("sort", N_("What it is"), "singlevaluelist", required=True, choices=SORTS),
    Field("text", N_("What did you see?"), "text", required=True, maximum=1000,
          hint=N_("Only the place: what is broken, open, dark or in the way. No people, no plates.")),
    Field("harm", N_("Risk"), "singlevaluelist", required=True, choices=HARMS),
    Field("address", N_("Address or landmark")),
    Field("area", N_("Area"), source="area", hint=N_("Needed when there is no point on the map.")),
    Field("lat", N_("Latitude"), "number", minimum=-90, maximum=90),
    Field("long", N_("Longitude"), "number", minimum=-180, maximum=180),
    Field("recheck_on", N_("Look again on"), "datetime", hint=N_("Empty means the usual day for what it is.")),
    PLACE_ONLY,
)  # fmt: skip
"""What is asked when somebody notes an observation."""


@transaction.atomic
def note_observation(
    answers: Mapping[str, Any], *, uploads: tuple[str, ...] = (), danger: Mapping[str, Any] | None = None,
    actor: Actor, at: dt.datetime, language: str = "en", client_id: uuid.UUID | None = None,
) -> Opened:  # fmt: skip
    """Open an observation with its day of looking again. Raises `Invalid`, also for words about people.

    The same `client_id` again finds the first one.
    """
    given = clean(FIELDS, answers)
    check_words(given["text"], code="text", place_only=bool(given.get("place_only")), language=language)
    check_words(given.get("address", ""), code="address", place_only=True, language=language)
    again = recheck_day(given["sort"], given.get("recheck_on"), today=local_day(at))
    lat, long = given.get("lat"), given.get("long")
    report = Report(
        text=given["text"], address=given.get("address", ""), lat=lat if long is not None else None,
        long=long if lat is not None else None, area_id=int(given["area"]) if given.get("area") else None,
        channel="desk", language=language, uploads=uploads, danger=danger,
    )  # fmt: skip
    opened = open_case("observation", report, actor=actor, at=at, client_id=client_id)
    if opened.replayed:
        return opened
    Hazard.objects.create(
        case=opened.case, sort=given["sort"], harm=given["harm"], seen_on=local_day(at), **days_of(again)
    )
    Task.objects.create(
        case=opened.case, sort="recheck", text="", owner_id=actor.user_id, due_at=close_of(again), created_at=at
    )
    return opened


OFFSHOOTS.add(Offshoot("observation", note_observation))


def expire_observations(*, at: dt.datetime) -> list[Entry]:
    """Take off the register what nobody has looked at until its last day."""
    rows = Hazard.objects.filter(expires_on__lt=local_day(at), case__closed_at=None).select_related("case")
    return [act(hazard.case, "expire", data={}, actor=SYSTEM, at=at) for hazard in rows]
