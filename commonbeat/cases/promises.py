"""Promises made at a door, at a meeting or in a message: kept, missed or released, and reported back (B06, O05)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.task_queries import supervised
from commonbeat.cases.telling import is_sensitive, tell_participant
from commonbeat.cases.todo import DOERS
from commonbeat.community.agency import close_of, local_day, setting
from commonbeat.community.models import User
from commonbeat.community.places import places
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.fields import REQUIRED, Choice, Field, Invalid, Problem, ShowWhen, clean
from commonbeat.core.text import N_
from commonbeat.journal.models import Delivery, Entry
from commonbeat.journal.verbs import Tell, record, shred_entries

KEPT_DAYS = 730
"""So long an ended promise without a case is kept; one of a case goes with it."""
AT_ONCE = 500
REMINDER = "promise"
"""The sort of task on a case that reminds of a promise."""
WHERE = (
    Choice("door", N_("At a door")), Choice("meeting", N_("At a meeting")), Choice("message", N_("In a message")),
    Choice("phone", N_("By telephone")), Choice("street", N_("On the street")),
)  # fmt: skip
FIELDS = (
    Field("text", N_("What was promised?"), required=True, maximum=500, hint=N_("One thing, as it was said.")),
    Field("to", N_("To whom?"), required=True, maximum=200,
          hint=N_("For example: the neighbors at the meeting of the beat. No private names.")),
    Field("where", N_("How was it made?"), "singlevaluelist", required=True, choices=WHERE),
    Field("due_on", N_("By which day?"), "datetime", required=True),
    Field("owner", N_("Who promised?"), source="owner", required=True),
    Field("area", N_("Area"), source="area"),
    Field("for_reporter", N_("It was made to the reporter: show it on their page"), "boolean"),
)  # fmt: skip
NOT_KEPT = ShowWhen("state", frozenset({"missed", "released"}))
ENDINGS = (
    Choice("kept", N_("Kept")), Choice("missed", N_("Missed")),
    Choice("released", N_("Released: they do not want it any more, or it cannot be done")),
)  # fmt: skip
END_FIELDS = (
    Field("state", N_("What became of it?"), "singlevaluelist", required=True, choices=ENDINGS),
    Field("reason", N_("Why? Whoever it was made to may read this"), maximum=500, show_when=NOT_KEPT),
    Field("reported", N_("What were they told?"), maximum=500, hint=N_("Leave empty when nobody has told them yet.")),
    Field("reported_on", N_("On which day?"), "datetime"),
)  # fmt: skip
BACK_FIELDS = (
    Field("reported", N_("What were they told?"), required=True, maximum=500),
    Field("reported_on", N_("On which day?"), "datetime", required=True),
)
PAST = N_("Choose a day that is not over yet.")
NOT_YET = N_("This day has not come yet.")
NOBODY = N_("Choose somebody who can sign in.")
NO_REPORTER = N_("This case has no reporter who could read it.")
SEALED = N_("The words of a promise can be read in lists, and this case is sealed. Add a note instead.")
TOO_LATE = N_("This cannot be taken back any more. Tell them what became of it instead.")
HELD = dt.timedelta(minutes=1)
"""A message on a promise waits so long, so that a slip of the mouse can be taken back before it reaches anybody."""
ENDED = N_("This promise has ended already.")
SAID = {
    "open": N_("We promised you something. Read it on your page."), "kept": N_("We kept what we promised you."),
    "missed": N_("We did not keep what we promised you."), "released": N_("What we promised you ended."),
}  # fmt: skip


def visible_promises(actor: Actor, *, at: dt.datetime) -> QuerySet[Promise]:
    """Promises that this actor may see: of cases that they see, their own, and those of whom they supervise."""
    cases = Case.objects.visible_to(actor).filter(pk=OuterRef("case_id"))
    seen = Q(Exists(cases), case__isnull=False)
    if actor.is_staff and actor.has(*INSIDERS):
        mine = {actor.staff_id, *actor.covers}
        people = User.objects.filter(supervised(actor, on=local_day(at))).values("pk")
        seen |= Q(case__isnull=True) & (Q(owner__in=mine) | Q(made_by=actor.staff_id) | Q(owner__in=people))
    return Promise.objects.filter(seen)


def unkept_of_people(actor: Actor, *, at: dt.datetime) -> QuerySet[Promise]:
    """Late and missed promises of whom this actor supervises, that nobody reported back yet; the oldest first."""
    people = User.objects.filter(supervised(actor, on=local_day(at))).exclude(pk=actor.staff_id).values("pk")
    late = Q(state=Promise.State.OPEN, due_on__lt=local_day(at))
    missed = Q(state=Promise.State.MISSED, reported_on__isnull=True)
    return visible_promises(actor, at=at).filter(late | missed, owner__in=people).order_by("due_on", "pk")


@transaction.atomic
def make_promise(
    data: Mapping[str, Any], *, case: Case | None = None, actor: Actor, at: dt.datetime,
    client_id: uuid.UUID | None = None,
) -> Promise:  # fmt: skip
    """Write a promise down, with a task on the day before. The same `client_id` again finds it. Raises `Invalid`."""
    given = clean(FIELDS, data)
    before = Promise.objects.filter(client_id=client_id).first() if client_id else None
    if before is not None:
        return before
    due_on = dt.date.fromisoformat(str(given["due_on"])[:10])
    owner = User.objects.active().filter(pk=int(given["owner"]), grants__role__in=DOERS).first()
    problems = [Problem("owner", NOBODY)] if owner is None else []
    if due_on < local_day(at):
        problems.append(Problem("due_on", PAST))
    reporter = _reporter(case) if given.get("for_reporter") else None
    if given.get("for_reporter") and reporter is None:
        problems.append(Problem("for_reporter", NO_REPORTER))
    if case is not None and KINDS[case.kind].sealed:
        problems.append(Problem("text", SEALED))
    if problems or owner is None:
        raise Invalid(problems)
    if case is not None:
        Case.objects.select_for_update().get(pk=case.pk)
    area = int(given["area"]) if given.get("area") and int(given["area"]) in places().areas else None
    row = Promise.objects.create(
        client_id=client_id, case=case, area_id=area or (case.area_id if case else None), owner=owner,
        made_by_id=actor.staff_id, made_at=at, where=given["where"], to=given["to"], text=given["text"],
        for_reporter=bool(reporter), due_on=due_on,
        task=_remind(case, owner, given["text"], due_on, actor=actor, at=at),
    )  # fmt: skip
    _record(row, "promise_made", actor=actor, at=at, data={"due": close_of(due_on)}, personal={"text": row.text})
    return row


def _reporter(case: Case | None) -> Participant | None:
    rows = Participant.objects.filter(case=case, role=Participant.Role.REPORTER) if case else Participant.objects.none()
    return rows.select_related("person").first()


def _remind(case: Case | None, owner: User, text: str, due_on: dt.date, *, actor: Actor, at: dt.datetime) -> Task:
    """The task that reminds of it on the day before, or today where that is over."""
    due = close_of(max(due_on - dt.timedelta(days=1), local_day(at)))
    if case is not None:
        return Task.objects.create(case=case, sort=REMINDER, text="", owner=owner, due_at=due, created_at=at)
    return Task.objects.create(
        sort="admin", text=text[:300], owner=owner, due_at=due, created_at=at, created_by_id=actor.staff_id
    )


@transaction.atomic
def end_promise(row: Promise, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    """Say what became of it; whoever it was made to reads it. Not kept needs a reason. Raises `Invalid`."""
    given = clean(END_FIELDS, data)
    if given["state"] != Promise.State.KEPT and not given.get("reason"):
        raise Invalid([Problem("reason", REQUIRED)])
    columns = {"state": given["state"], "reason": given.get("reason") or "", "ended_at": at,
               "ended_by": actor.user_id, **_told(given, at=at)}  # fmt: skip
    if row.case_id:
        Case.objects.select_for_update().get(pk=row.case_id)
    if not Promise.objects.filter(pk=row.pk, state=Promise.State.OPEN).update(**columns):
        raise Invalid([Problem("state", ENDED)])
    if row.task_id:
        Task.objects.filter(pk=row.task_id, done_at=None).update(done_at=at, done_by=actor.user_id)
    row.refresh_from_db()
    _record(row, f"promise_{row.state}", actor=actor, at=at, data={}, personal={"text": row.text, "reason": row.reason})


def last_end(row: Promise, *, actor: Actor, at: dt.datetime) -> Entry | None:
    """The entry that ended a promise, as long as who wrote it can take it back and nothing has left the house."""
    entry = Entry.objects.about(*_subject(row)).filter(data__promise=row.pk).order_by("-number").first()
    if entry is None or row.state == Promise.State.OPEN or not entry.verb.endswith(f".promise_{row.state}"):
        return None
    mine = (entry.actor_sort, entry.actor_id) == (actor.sort, actor.user_id)
    fresh = entry.at + dt.timedelta(minutes=float(setting("undo_minutes"))) > at
    gone = entry.deliveries.exclude(state__in=[Delivery.State.PENDING, Delivery.State.CANCELLED]).exists()
    return entry if mine and fresh and not gone else None


@transaction.atomic
def reopen_promise(row: Promise, *, actor: Actor, at: dt.datetime) -> None:
    """Take back what was said of its end: it is open again with its task, and nobody is told. Raises `Invalid`."""
    if row.case_id:
        Case.objects.select_for_update().get(pk=row.case_id)
    locked = Promise.objects.select_for_update().get(pk=row.pk)
    entry = last_end(locked, actor=actor, at=at)
    if entry is None:
        raise Invalid([Problem("", TOO_LATE)])
    entry.deliveries.update(state=Delivery.State.CANCELLED)
    Promise.objects.filter(pk=row.pk).update(
        state=Promise.State.OPEN, reason="", ended_at=None, ended_by=None, reported="", reported_on=None
    )
    Task.objects.filter(pk=locked.task_id or 0, done_at=entry.at).update(done_at=None, done_by=None)
    row.refresh_from_db()
    data = {"undone": entry.verb}
    _record(row, "promise_undone", actor=actor, at=at, data=data, personal={"text": row.text}, tell=False)


@transaction.atomic
def report_back(row: Promise, data: Mapping[str, Any], *, actor: Actor, at: dt.datetime) -> None:
    """Note what they were told of it, and on which day. Raises `Invalid`."""
    columns = _told(clean(BACK_FIELDS, data), at=at)
    Promise.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    _record(row, "promise_reported", actor=actor, at=at, data={}, personal={"text": row.reported}, tell=False)


@transaction.atomic
def unreport(
    row: Promise, *, reported: str, on: dt.date | None, actor: Actor, at: dt.datetime, quiet: bool = False
) -> None:
    """Put back what they had been told before; `quiet` where another entry of the same deed says so already."""
    Promise.objects.filter(pk=row.pk).update(reported=reported, reported_on=on)
    row.refresh_from_db()
    if not quiet:
        _record(row, "promise_unreported", actor=actor, at=at, data={}, personal={"text": row.text}, tell=False)


def _told(given: Mapping[str, Any], *, at: dt.datetime) -> dict[str, Any]:
    if not given.get("reported"):
        return {}
    on = dt.date.fromisoformat(str(given["reported_on"])[:10]) if given.get("reported_on") else local_day(at)
    if on > local_day(at):
        raise Invalid([Problem("reported_on", NOT_YET)])
    return {"reported": given["reported"], "reported_on": on}


def _record(
    row: Promise, verb: str, *, actor: Actor, at: dt.datetime, data: dict[str, Any], personal: dict[str, Any],
    tell: bool = True,
) -> None:  # fmt: skip
    """One entry: on the case where there is one, which the reporter may read; on the promise itself otherwise."""
    subject = _subject(row)
    told = [replace(one, not_before=at + HELD) for one in _tell(row)] if tell else []
    record(
        subject[0], subject[1], f"{subject[0]}.{verb}", actor=actor, at=at, data=data | {"promise": row.pk},
        personal=personal, tell=told,
    )  # fmt: skip


def _subject(row: Promise) -> tuple[str, int]:
    """What the journal writes about: the case, or the promise where it has none."""
    return ("case", row.case_id) if row.case_id else ("promise", row.pk)


def _tell(row: Promise) -> list[Tell]:
    """The reporter hears of a promise that was made to them, unless the matter is sensitive (RULES 6)."""
    reporter = _reporter(row.case) if row.for_reporter else None
    if reporter is None or row.case is None or is_sensitive(row.case) or "step" not in KINDS[row.case.kind].notices:
        return []
    template = KINDS[row.case.kind].notices["step"]
    return tell_participant(reporter, row.case, template, words={"said": SAID[row.state], "text": ""})


def promised_to_reporter(case: Case) -> list[Promise]:
    """What the reporter of a case reads on their page, the latest first."""
    return list(
        Promise.objects.filter(case=case, for_reporter=True).select_related("owner").order_by("-made_at", "-pk")
    )


def forget_promises(*, at: dt.datetime) -> int:
    """Remove ended promises without a case when their time is over, and shred their words; returns how many."""
    gone = 0
    for row in Promise.objects.filter(case=None, ended_at__lt=at - dt.timedelta(days=KEPT_DAYS))[:AT_ONCE]:
        with transaction.atomic():
            shred_entries("promise", row.pk)
            row.delete()
        gone += 1
    return gone
