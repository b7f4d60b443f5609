"""The call for sworn officers: asked for, taken by name, and told to supervisors for as long as nobody takes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.models import Case
from commonbeat.cases.telling import tell_staff, tell_user
from commonbeat.community.agency import local_day
from commonbeat.community.cover import with_cover
from commonbeat.community.models import User
from commonbeat.community.places import officers_of
from commonbeat.core.actor import SYSTEM, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record
from commonbeat.kinds.field_report.guard import is_sworn
from commonbeat.kinds.field_report.models import FieldReport, SwornCall
from commonbeat.kinds.field_report.vocabulary import URGENT

WAIT = dt.timedelta(minutes=10)
"""When nobody has taken a call by then, supervisors are told, and again after as long."""
NEEDED = "staff_sworn_needed"
TAKEN = "staff_sworn_taken"
DISPATCH_FIRST = N_("Tell dispatch first: this is danger now. Then say here that dispatch has it.")
NO_SIGN = N_("Say why a sworn officer is needed.")
NOT_SWORN = N_("Only a sworn officer can take this.")
YOUR_OWN = N_("You asked for this. Another officer has to take it.")


def call(deed: Deed) -> None:
    """Ask for a sworn officer; whoever looks after the area, and supervisors, are told at once."""
    report = FieldReport.objects.get(case=deed.case)
    signs = [str(sign) for sign in deed.data.get("signs") or ()]
    if not signs:
        raise Invalid([Problem("signs", NO_SIGN)])
    dispatch = deed.data.get("dispatch") == "told"
    if URGENT & set(signs) and not dispatch:
        raise Invalid([Problem("dispatch", DISPATCH_FIRST)])
    made = SwornCall(
        report=report, signs=signs, note=deed.data.get("note") or "", dispatch=dispatch,
        incident=deed.data.get("incident") or "", asked_at=deed.at, asked_by_id=deed.actor.user_id,
        due_at=deed.at + WAIT,
    )  # fmt: skip
    deed.make(made)
    FieldReport.objects.filter(case=deed.case).update(signs=sorted({*report.signs, *signs}))
    deed.facts |= {"call": made.pk, "signs": signs, "dispatch": dispatch, "due": made.due_at}
    deed.personal["text"] = made.note
    for user in who_hears(deed.case, at=deed.at):
        tell_staff(deed, user, NEEDED)


def who_hears(case: Case, *, at: dt.datetime) -> list[User]:
    """Sworn officers of the area, and supervisors of the case."""
    officers = officers_of(case.area_id, at=at).present if case.area_id else ()
    people = [user for user in officers if user.sworn] + Supervisors(Role.SUPERVISOR, at=at).of(case)
    return list({user.pk: user for user in people}.values())


def accept(deed: Deed) -> None:
    """A sworn officer takes it over, by name and time; whoever asked is told."""
    if not is_sworn(deed.actor.user_id):
        raise Invalid([Problem("", NOT_SWORN)])
    rows = SwornCall.objects.select_for_update().filter(report_id=deed.case.pk, accepted_at=None)
    waiting = list(rows.order_by("asked_at", "pk"))
    if any(one.asked_by_id == deed.actor.user_id for one in waiting):
        raise Invalid([Problem("", YOUR_OWN)])
    numbers = [one.pk for one in waiting]
    SwornCall.objects.filter(pk__in=numbers).update(accepted_at=deed.at, accepted_by=deed.actor.user_id)
    deed.facts |= {"call": numbers[-1] if numbers else None, "accepted_by": deed.actor.name}
    deed.personal["text"] = deed.data.get("text") or ""
    for asker in User.objects.filter(pk__in={one.asked_by_id for one in waiting}):
        tell_staff(deed, asker, TAKEN, by=deed.actor.name)


@transaction.atomic
def escalate_calls(*, at: dt.datetime) -> list[Entry]:
    """Tell supervisors of every call that nobody has taken in time, once in each ten minutes."""
    made = []
    rows = SwornCall.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        accepted_at=None, due_at__lte=at, report__case__closed_at=None
    )
    leaders = Supervisors(Role.SUPERVISOR, at=at) if rows.exists() else None
    for one in rows.select_related("report__case"):
        assert leaders is not None
        case = one.report.case
        Case.objects.select_for_update().get(pk=case.pk)
        people = _and_cover(leaders.of(case) + who_hears(case, at=at), at=at)
        SwornCall.objects.filter(pk=one.pk).update(due_at=at + WAIT, rounds=one.rounds + 1)
        made.append(
            record(
                "case", case.pk, "case.call_escalated", actor=SYSTEM, at=at,
                data={"call": one.pk, "round": one.rounds + 1, "to": [user.name for user in people]},
                tell=[tell_user(user, case, NEEDED, words={}) for user in people],
            )
        )  # fmt: skip
    return made


def _and_cover(people: Iterable[User], *, at: dt.datetime) -> list[User]:
    return with_cover(list({user.pk: user for user in people}.values()), on=local_day(at))
