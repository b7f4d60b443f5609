"""How a conference is referred, and what its steps do besides moving it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from commonbeat.cases import effects
from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Task
from commonbeat.cases.telling import tell_owner
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record
from commonbeat.kinds.conference.vocabulary import COMPLETED, HARMED, NEEDED, RESPONSIBLE, against
from commonbeat.talks import agreeing, sessions, sides
from commonbeat.talks.models import Session
from commonbeat.talks.vocabulary import KEPT, PRE

SLUG = "conference"
TWO_ROLES = N_("A conference needs somebody who was harmed and somebody who takes responsibility. Add them first.")
UNPREPARED = N_("Meet %(who)s alone first and record it: nobody goes into a conference unprepared.")
NOT_ALL_DONE = N_("This stands for an agreement of which every point was done. Record how each point stands first.")
HAS_AGREEMENT = N_("Everybody said yes to an agreement. Say what became of it.")
NO_AGREEMENT = N_("There is no agreement yet that could be completed.")


@transaction.atomic
def refer(
    given: Mapping[str, Any], *, actor: Actor, at: dt.datetime, origin: Case | None = None,
    client_id: uuid.UUID | None = None,
) -> Opened:  # fmt: skip
    """Open a conference: who refers it, and what happened. The case that it comes from notes that, and no more.

    It is led by hand: nothing goes out by itself, since it may be about a crime or about children (RULES 6).
    """
    answers = {code: given[code] for code in ("referred_by", "number") if given.get(code)}
    extra: dict[str, Any] = {"by_hand": True} | ({"origin": origin.pk} if origin else {})
    area = int(given["area"]) if given.get("area") else origin.area_id if origin else None
    report = Report(text=str(given["text"]), answers=answers, area_id=area, channel="desk", extra=extra)
    if origin:
        Case.objects.select_for_update(of=("self",)).get(pk=origin.pk)
    opened = open_case(SLUG, report, actor=actor, at=at, client_id=client_id)
    if origin and not opened.replayed:
        record("case", origin.pk, "case.conference_asked", actor=actor, at=at, data={"talks": opened.case.pk})
    return opened


def add_person(deed: Deed) -> None:
    """Take somebody in, in their part: harmed, responsible, or beside one of them."""
    role = str(deed.data["role"])
    sides.add_side(deed, role=role, needed=role in NEEDED)


def screen(deed: Deed) -> None:
    """Look before anybody is asked whether a conference is safe, owned and free; else nothing goes on from here."""
    answers = {name: str(value) for name, value in deed.data.items()}
    found = against(answers)
    deed.columns["details"] = deed.case.details | {"screening": {"answers": answers, "risks": found}}
    deed.facts["suitable"] = not found
    if found:
        deed.columns["state"] = "intake"


def invite(deed: Deed) -> None:
    """Ask everybody, each alone: who was harmed and who takes responsibility must be among them."""
    if not {side.role for side in sides.sides_of(deed.case)} >= {HARMED, RESPONSIBLE}:
        raise Invalid([Problem("about", TWO_ROLES)])
    sides.ask_sides(deed, template="conference_asked", days=int(setting("talks_answer_days")))


def plan(deed: Deed) -> None:
    """Meet one person alone, or everybody; everybody only when each of those concerned was prepared alone."""
    if deed.data["sort"] != PRE:
        held = Session.objects.filter(case=deed.case, sort=PRE, held_at__isnull=False).values_list("came", flat=True)
        prepared = {number for came in held for number in came}
        for side in sides.sides_of(deed.case):
            if side.needed and side.pk not in prepared:
                raise Invalid([Problem("sort", UNPREPARED, {"who": side.called})])
    sessions.plan(deed)


def close(deed: Deed) -> None:
    """End it: what was agreed is completed, in part, or not; or there was none."""
    outcome, agreed = str(deed.data["outcome"]), bool(deed.case.detail("agreed_on"))
    of_agreement = outcome in {COMPLETED, "partly", "not_completed"}
    if of_agreement and not agreed:
        raise Invalid([Problem("outcome", NO_AGREEMENT)])
    if agreed and not of_agreement:
        raise Invalid([Problem("outcome", HAS_AGREEMENT)])
    if outcome == COMPLETED:
        standing = agreeing.stands(deed.case)
        if any(standing.get(row.pk) != KEPT for row in agreeing.points_of(deed.case)):
            raise Invalid([Problem("outcome", NOT_ALL_DONE)])
    effects.resolve(deed)
    _tell_those_asked(deed, outcome)


def withdraw(deed: Deed) -> None:
    """Somebody does not want to go on: it ends for everybody, and nobody hears who it was."""
    sides.by_side(deed)
    sides.call_off_all(deed)
    deed.columns["outcome"] = "withdrawn"
    deed.facts["outcome"] = "withdrawn"
    deed.personal["reason"] = deed.data.get("reason") or ""
    tell_owner(deed, "staff_added", what=N_("A side of the talks does not want to go on."))
    _tell_those_asked(deed, "withdrawn")
    Task.objects.filter(case=deed.case, done_at=None).exclude(sort="tell_side").update(
        done_at=deed.at, done_by=deed.actor.user_id
    )


def _tell_those_asked(deed: Deed, outcome: str) -> None:
    ended = deed.kind.workflow.outcome(outcome)
    if ended:
        sides.tell_sides(deed, ended.public, only=[side for side in sides.sides_of(deed.case) if side.asked_at])
