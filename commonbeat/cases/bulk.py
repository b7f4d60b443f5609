"""One step on many cases: each its own deed with its own entry, and all of it can be taken back together (F07)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Bulk, Case
from commonbeat.cases.telling import is_sensitive
from commonbeat.cases.undoing import CannotUndo, undo
from commonbeat.community.agency import setting
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.core.workflow import NotAllowed
from commonbeat.journal.models import Entry

MOST = 200
NOT_IN_BULK = N_("This step is taken on one case at a time.")
CHANGED = N_("Somebody else changed this case at the same moment.")


def chosen_cases(numbers: Iterable[int], *, actor: Actor) -> list[Case]:
    """The cases behind row numbers that this actor may see, no more than `MOST`."""
    wanted = list(dict.fromkeys(numbers))[:MOST]
    return list(Case.objects.visible_to(actor).filter(pk__in=wanted).order_by("-opened_at", "-id"))


def take_many(cases: Iterable[Case], step: str, *, data: Mapping[str, Any], actor: Actor, at: dt.datetime) -> Bulk:
    """Take one step on each case; what does not work on one stops none of the others.

    Messages wait until the time to take it back is over. In sensitive matters nobody is told from here: that
    needs a person's decision for that very case (RULES 6).
    """
    hold = dt.timedelta(minutes=float(setting("undo_minutes")))
    done: list[list[int]] = []
    refused: list[list[Any]] = []
    for case in cases:
        given = {**data, "tell": False} if is_sensitive(case) else data
        declared = KINDS[case.kind].workflow.named(step)
        try:
            if declared is None or not declared.bulk:
                raise NotAllowed(NOT_IN_BULK)
            done.append([case.pk, act(case, step, data=given, actor=actor, at=at, hold=hold).pk])
        except (NotAllowed, Invalid) as reason:
            refused.append([case.pk, _words(reason)])
        except Stale:
            refused.append([case.pk, CHANGED])
    return Bulk.objects.create(user_id=actor.staff_id, step=step, at=at, done=done, refused=refused)


def _words(reason: Exception) -> str:
    if isinstance(reason, Invalid):
        return " ".join(str(problem) for problem in reason.problems)
    return str(reason)


def undo_many(bulk: Bulk, *, actor: Actor, at: dt.datetime) -> tuple[int, list[tuple[int, str]]]:
    """Take back what a bulk did; returns how many, and the cases where it was too late with the reason."""
    if bulk.user_id != actor.user_id:
        raise CannotUndo(N_("Only the person who did this can take it back."))
    entries = Entry.objects.in_bulk([entry for _, entry in bulk.done])
    cases = Case.objects.visible_to(actor).in_bulk([number for number, _ in bulk.done])
    back, kept = 0, []
    for number, entry in reversed(bulk.done):
        try:
            if number not in cases:
                raise CannotUndo(N_("You may not see this case any more."))
            undo(cases[number], entries[entry], actor=actor, at=at)
            back += 1
        except CannotUndo as reason:
            kept.append((number, str(reason)))
    Bulk.objects.filter(pk=bulk.pk).update(undone_at=at)
    return back, kept
