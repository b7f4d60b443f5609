"""What the steps of a call from dispatch do: it is taken, worked as a field report, put back or handed back."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext

from commonbeat.cases import effects
from commonbeat.cases.actions import act
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.models import Case, CaseLink, Participant
from commonbeat.cases.telling import tell_staff
from commonbeat.community.agency import zone
from commonbeat.core.actor import SYSTEM, Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.field_report import guard
from commonbeat.kinds.field_report.actions import start_report
from commonbeat.kinds.field_report.deeds import FOLLOWING
from commonbeat.kinds.field_report.kind import DRAFT
from commonbeat.kinds.field_report.models import DispatchCall, FieldReport, Party
from commonbeat.kinds.field_report.sworn import DISPATCH_FIRST, NEEDED, NO_SIGN, who_hears
from commonbeat.kinds.field_report.vocabulary import URGENT

ONLY_SWORN = N_("This needs a sworn officer: %(why)s. Hand it to sworn officers, or back to dispatch.")
THEIRS = N_("This waits for a sworn officer: %(why)s.")
SENT_IN = N_("The report was sent in already. It says what was done about the call.")
NOT_YOURS = N_("Somebody else has taken this call. They or a supervisor can do this.")
WAITS = {"queued": dt.timedelta(hours=1), "sworn": dt.timedelta(minutes=10)}
"""When supervisors are told that nobody has taken a call: then, and again after as long."""
LONGEST_TITLE = 300
TOLD = "staff_field_report"


def call_of(deed: Deed) -> DispatchCall:
    """The call that a step is about."""
    return DispatchCall.objects.select_related("report__case").get(case=deed.case)


def why_not(row: DispatchCall, *, sworn: bool, state: str) -> Problem | None:
    """Why somebody, sworn or not, may not take a call; None where they may (RULES 12)."""
    if sworn:
        return None
    reasons = guard.reasons(row.sort, row.signs)
    if reasons or state == "sworn":
        return Problem("", THEIRS if state == "sworn" else ONLY_SWORN, {"why": "; ".join(reasons)})
    return None


def claim(deed: Deed) -> None:
    """Take it: a field report begins with what dispatch said, and belongs to whoever took the call."""
    row = call_of(deed)
    if problem := why_not(row, sworn=guard.is_sworn(deed.actor.user_id), state=deed.case.state):
        raise Invalid([problem])
    deed.columns["assignee_id"] = deed.actor.user_id
    deed.later.append(lambda: _begin(deed.case, row, actor=deed.actor, at=deed.at))


def _begin(case: Case, row: DispatchCall, *, actor: Actor, at: dt.datetime) -> None:
    answers = {
        "sort": row.sort, "happened_at": f"{row.happened_at.astimezone(zone()):%Y-%m-%dT%H:%M}", "signs": row.signs,
        "text": textwrap.shorten(case.text, LONGEST_TITLE, placeholder=" …"), "address": case.address,
        "lat": case.lat, "long": case.long, "area": case.area_id,
    }  # fmt: skip
    report = start_report(answers, actor=actor, at=at, language=case.language).case
    FieldReport.objects.filter(case=report).update(told=case.text)
    DispatchCall.objects.filter(pk=row.pk).update(report_id=report.pk, due_at=None, rounds=0)
    CaseLink.objects.create(one=case, other=report, relation=CaseLink.Relation.RELATED, created_at=at)
    for caller in case.participants.filter(role=Participant.Role.THIRD_PARTY, person__isnull=False):
        part = Participant.objects.create(
            case=report, role=Participant.Role.THIRD_PARTY, person=caller.person, created_at=at
        )
        Party.objects.create(report_id=report.pk, role="called", age="unknown", participant=part)


def _check_mine(deed: Deed) -> None:
    """What somebody has taken, they or a supervisor let go."""
    mine = deed.case.assignee_id in (None, deed.actor.user_id)
    if not mine and not deed.actor.has(Role.SUPERVISOR) and deed.actor.sort != "system":
        raise Invalid([Problem("", NOT_YOURS)])


def _let_go(deed: Deed, reason: str) -> None:
    """Nobody has it any more: a report that was not sent in is void, and says so."""
    _check_mine(deed)
    row = call_of(deed)
    report = row.report.case if row.report else None
    if report and report.state not in (*DRAFT, "void"):
        raise Invalid([Problem("", SENT_IN)])
    deed.columns["assignee_id"] = None
    deed.personal["text"] = reason
    wait = WAITS.get(deed.step.to or "")
    row.why, row.report, row.due_at, row.rounds = reason, None, deed.at + wait if wait else None, 0
    row.save(update_fields=["why", "report", "due_at", "rounds"])
    if report and report.state != "void":
        deed.later.append(lambda: _void(report, reason, at=deed.at))


def _void(report: Case, reason: str, *, at: dt.datetime) -> None:
    act(report, "void", data={"reason": reason}, actor=SYSTEM, at=at)


def put_back(deed: Deed) -> None:
    """Back to the queue, for somebody else."""
    _let_go(deed, deed.data["reason"])


def hand_back(deed: Deed) -> None:
    """Back to dispatch, with the reason, which its program reads."""
    _let_go(deed, deed.data["reason"])
    deed.columns["outcome"] = "returned"
    deed.facts["outcome"] = "returned"


def to_sworn(deed: Deed) -> None:
    """Only sworn officers take it from now on; those of the area, and supervisors, are told at once."""
    signs = [str(sign) for sign in deed.data.get("signs") or ()]
    if not signs:
        raise Invalid([Problem("signs", NO_SIGN)])
    if URGENT & set(signs) and deed.data.get("dispatch") != "told":
        raise Invalid([Problem("dispatch", DISPATCH_FIRST)])
    row = call_of(deed)
    row.signs, row.due_at, row.rounds = sorted({*row.signs, *signs}), deed.at + WAITS["sworn"], 0
    row.save(update_fields=["signs", "due_at", "rounds"])
    deed.facts["signs"] = row.signs
    deed.personal["text"] = deed.data.get("note") or ""
    for user in who_hears(deed.case, at=deed.at):
        tell_staff(deed, user, NEEDED)


def remind(deed: Deed) -> None:
    """Nobody has taken it: supervisors are told, and of urgent ones the officers of the area as well."""
    row = call_of(deed)
    row.due_at, row.rounds = deed.at + WAITS[deed.case.state], row.rounds + 1
    row.save(update_fields=["due_at", "rounds"])
    deed.facts["round"] = row.rounds
    if deed.case.state == "sworn":
        for user in who_hears(deed.case, at=deed.at):
            tell_staff(deed, user, NEEDED)
    else:
        for user in Supervisors(Role.SUPERVISOR, at=deed.at).of(deed.case):
            tell_staff(deed, user, TOLD, what=N_("A call from dispatch waits, and nobody has taken it."))


def assign(deed: Deed) -> None:
    """To somebody who may take it, or to a team."""
    _check_given(deed)
    effects.assign(deed)


def pass_on(deed: Deed) -> None:
    """To a successor who may take it."""
    _check_given(deed)
    effects.pass_on(deed)


def _check_given(deed: Deed) -> None:
    user = deed.data.get("user")
    if user and (problem := why_not(call_of(deed), sworn=guard.is_sworn(int(user)), state=deed.case.state)):
        raise Invalid([replace(problem, code="user")])


def end(deed: Deed) -> None:
    """A report says what was done."""
    DispatchCall.objects.filter(case=deed.case).update(due_at=None)
    deed.columns["outcome"] = "reported"
    deed.facts["outcome"] = "reported"


def follow_report(report: Case, *, at: dt.datetime) -> None:
    """The call goes the way of its report: it ends with it, or waits again where the report was void."""
    row = DispatchCall.objects.select_related("case").filter(report_id=report.pk).first()
    if row is None or row.case.state != "taken":
        return
    if report.state == "void":
        reason = gettext("The report was begun by mistake.")
        act(row.case, "put_back", data={"reason": reason}, actor=SYSTEM, at=at)
    else:
        act(row.case, "end", data={}, actor=SYSTEM, at=at)


FOLLOWING.append(follow_report)


def remind_of_calls(*, at: dt.datetime) -> int:
    """Every minute: the calls that nobody has taken in time; returns how many."""
    rows: Iterable[DispatchCall] = DispatchCall.objects.select_related("case").filter(
        due_at__lte=at, case__state__in=WAITS
    )
    done = 0
    for row in rows:
        act(row.case, "remind", data={}, actor=SYSTEM, at=at)
        done += 1
    return done
