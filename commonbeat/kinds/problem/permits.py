"""Permits of a joint project: asked for, granted or refused, and remembered before they expire."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Task
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.kinds.problem.effects import row_of, say
from commonbeat.kinds.problem.joint_vocabulary import PERMIT_STATES
from commonbeat.kinds.problem.models import Permit
from commonbeat.kinds.problem.vocabulary import label

TASK = "permit"
"""The sort of task that reminds of a permit before it expires."""
AHEAD = dt.timedelta(days=30)
"""So long before its last day somebody is reminded of a permit."""
WHEN_ASKED = N_("Say on which day it was asked for.")
WHEN_DECIDED = N_("Say on which day it was decided.")
BACKWARDS = N_("This day lies before the one above it.")
NOT_GRANTED = N_("Only a permit that is granted expires.")


def _day(deed: Deed, field: str) -> dt.date | None:
    given = deed.data.get(field)
    return dt.date.fromisoformat(str(given)[:10]) if given else None


def _values(deed: Deed) -> dict[str, Any]:
    """What the answers say of a permit; its days in their order."""
    given, state = deed.data, str(deed.data["state"])
    asked, decided, expires = (_day(deed, name) for name in ("asked_on", "decided_on", "expires_on"))
    if state in {"asked", "granted", "refused"} and asked is None:
        raise Invalid([Wrong("asked_on", WHEN_ASKED)])
    if state in {"granted", "refused"} and decided is None:
        raise Invalid([Wrong("decided_on", WHEN_DECIDED)])
    if asked and decided and decided < asked:
        raise Invalid([Wrong("decided_on", BACKWARDS)])
    if expires and state != "granted":
        raise Invalid([Wrong("expires_on", NOT_GRANTED)])
    if expires and decided and expires < decided:
        raise Invalid([Wrong("expires_on", BACKWARDS)])
    return {
        "what": given["what"], "authority": given["authority"], "reference": str(given.get("reference") or ""),
        "state": state, "asked_on": asked, "decided_on": decided, "expires_on": expires,
        "note": str(given.get("note") or "")[:400],
    }  # fmt: skip


def _told(deed: Deed, values: dict[str, Any]) -> None:
    deed.facts["permit"] = label(PERMIT_STATES, values["state"])
    say(deed, f"{values['what']}: {values['authority']}")


def _reminder(deed: Deed, values: dict[str, Any]) -> Task | None:
    """A task of whoever works the project, a month before the last day (today where that is past)."""
    expires = values["expires_on"]
    owner = deed.case.assignee_id or deed.actor.user_id
    if expires is None or owner is None or expires < local_day(deed.at):
        return None
    due = max(expires - AHEAD, local_day(deed.at))
    text = f"{values['what']} ({values['authority']}) → {expires:%Y-%m-%d}"[:300]
    task = Task(case=deed.case, sort=TASK, text=text, owner_id=owner, due_at=close_of(due), created_at=deed.at)
    deed.make(task)
    return task


def add_permit(deed: Deed) -> None:
    """Add a permit that the project needs, has asked for, or has."""
    values = _values(deed)
    task = _reminder(deed, values)
    deed.make(Permit(problem_id=deed.case.pk, task=task, **values))
    _told(deed, values)


def change_permit(deed: Deed) -> None:
    """Say how a permit stands now; its reminder follows its last day."""
    row = row_of(deed, Permit.objects.filter(problem_id=deed.case.pk), "permit")
    values = _values(deed)
    if row.task_id and values["expires_on"] != row.expires_on:
        Task.objects.filter(pk=row.task_id, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    if values["expires_on"] != row.expires_on:
        values["task"] = _reminder(deed, values)
    deed.facts["was"] = {name: getattr(row, name) for name in ("state", "reference", "expires_on")}
    Permit.objects.filter(pk=row.pk).update(**values)
    _told(deed, values)


def remove_permit(deed: Deed) -> None:
    """Take a permit off, with the reason."""
    row = row_of(deed, Permit.objects.filter(problem_id=deed.case.pk), "permit")
    if row.task_id:
        Task.objects.filter(pk=row.task_id, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    deed.facts["was"] = {"state": row.state, "reference": row.reference, "expires_on": row.expires_on}
    say(deed, f"{row.what}: {row.authority}\n{deed.data['reason']}")
    row.delete()
