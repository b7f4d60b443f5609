"""How a mediation begins besides the form of residents: offered from another case, or settled on the spot."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record
from commonbeat.kinds.mediation.vocabulary import ABOUT

SLUG = "mediation"
NOT_FROM = N_("Mediation cannot be offered from this case.")
QUICK_OUTCOMES = ("conciliated", "agreement", "no_agreement", "arbitrated")
QUICK_FIELDS = (
    Field("text", N_("What was it about?"), "text", required=True, maximum=2000),
    Field("about", N_("What sort of trouble is it?"), "singlevaluelist", required=True, choices=ABOUT),
    Field("other", N_("Who was there?"), "text", maximum=500, personal=True,
          hint=N_("Free words, such as “the barber and the tenant above”. Leave it empty if it does not matter.")),
    Field("agreed", N_("What did they agree on?"), "text", maximum=2000,
          hint=N_("In their own words. Leave it empty if they did not agree.")),
    Field("outcome", N_("How did it end?"), "singlevaluelist", required=True, choices=(
        Choice("conciliated", N_("It was settled")), Choice("agreement", N_("They agreed on something")),
        Choice("no_agreement", N_("They did not agree")),
        Choice("arbitrated", N_("Somebody whom both accepted decided")),
    )),
    Field("address", N_("Where was it?"), maximum=300),
    Field("area", N_("In which area?"), source="area"),
)  # fmt: skip
NO_WORDS = N_("Write what they agreed on, or choose that they did not agree.")


def may_come_from(case: Case) -> bool:
    """True for cases from which mediation can be offered: behind no wall, not sealed, told by somebody."""
    kind = KINDS[case.kind]
    return kind.intake.reported and not kind.walled and not kind.sealed


@transaction.atomic
def offer(origin: Case, report: Report, *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None) -> Opened:
    """Ask for mediation on behalf of who reported another case: their contact comes along unseen, its words do not.

    The other case notes that it was asked for, and later how it ended; nothing of what was said. Raises `Invalid`.
    """
    if not may_come_from(origin):
        raise Invalid([Problem("", NOT_FROM)])
    part = origin.participants.filter(role=Participant.Role.REPORTER).select_related("person").first()
    person = part.person if part and part.person and not part.person.shredded_at else None
    if part and person:
        report = replace(
            report, name=person.name, email=person.email, phone=person.phone, told_by=part.told_by, hidden=part.hidden
        )
    report = replace(
        report, address=origin.address, lat=origin.lat, long=origin.long, area_id=origin.area_id,
        language=origin.language, channel="desk", extra={**report.extra, "origin": origin.pk},
    )  # fmt: skip
    Case.objects.select_for_update(of=("self",)).get(pk=origin.pk)
    opened = open_case(SLUG, report, actor=actor, at=at, client_id=client_id)
    if not opened.replayed:
        record("case", origin.pk, "case.mediation_asked", actor=actor, at=at, data={"mediation": opened.case.pk})
    return opened


@transaction.atomic
def settle_on_the_spot(
    given: Mapping[str, Any], *, actor: Actor, at: dt.datetime, client_id: uuid.UUID | None = None
) -> Case:
    """Record in one go what somebody settled on the street: opened, ended, nobody named who need not be."""
    if given["outcome"] == "agreement" and not given.get("agreed"):
        raise Invalid([Problem("agreed", NO_WORDS)])
    answers = {code: given[code] for code in ("about", "other") if given.get(code)}
    report = Report(
        text=str(given["text"]), answers=answers, address=str(given.get("address") or ""), channel="desk",
        area_id=int(given["area"]) if given.get("area") else None, complete=False, extra={"quick": True},
    )  # fmt: skip
    opened = open_case(SLUG, report, actor=actor, at=at, client_id=client_id)
    if not opened.replayed:
        data = {"outcome": given["outcome"], "agreed": given.get("agreed") or ""}
        act(opened.case, "record", data=data, actor=actor, at=at)
    return opened.case
