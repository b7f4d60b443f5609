"""The plan of a problem: actions with whoever does them, their tasks, how far they are, and what partners answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Question, Task
from commonbeat.cases.telling import tell_staff
from commonbeat.community.agency import close_of, local_day
from commonbeat.community.models import Organisation, User
from commonbeat.core.fields import Invalid
from commonbeat.core.fields import Problem as Wrong
from commonbeat.core.text import N_
from commonbeat.kinds.problem.effects import row_of, say
from commonbeat.kinds.problem.models import Action
from commonbeat.kinds.problem.vocabulary import ACTION_STATES, label

TASK = "action"
"""The sort of task that an action is for whoever does it here."""
ENDED = ("done", "dropped")
NO_OWNER = N_("Choose who does it: a person or an organisation.")
ENDS_FIRST = N_("It must be due after it starts.")
WHY_DROPPED = N_("Say why it is dropped.")
WAITS = N_("“%(other)s” comes first and is not done yet.")


def plan(deed: Deed) -> None:
    """Add an action to the plan."""
    given = deed.data
    starts = dt.date.fromisoformat(str(given["starts_on"])[:10]) if given.get("starts_on") else local_day(deed.at)
    due = dt.date.fromisoformat(str(given["due_on"])[:10])
    if due < starts:
        raise Invalid([Wrong("due_on", ENDS_FIRST)])
    actions = Action.objects.filter(problem_id=deed.case.pk)
    after = row_of(deed, actions, "after") if given.get("after") else None
    owner = User.objects.active().filter(pk=int(given["user"])).first() if given.get("user") else None
    body = Organisation.objects.filter(pk=int(given["organisation"])).first() if given.get("organisation") else None
    if owner is None and body is None:
        raise Invalid([Wrong("user", NO_OWNER)])
    task = None
    if owner:
        task = Task(
            case=deed.case, sort=TASK, text=given["action_text"], owner=owner, due_at=close_of(due), created_at=deed.at
        )
        deed.make(task)
    deed.make(
        Action(
            problem_id=deed.case.pk, text=given["action_text"], owner=owner, organisation=body, starts_on=starts,
            due_on=due, after=after, task=task,
        )
    )  # fmt: skip
    deed.facts |= {"user": owner.name if owner else None, "partner": body.name if body else None}
    say(deed, given["action_text"])
    if owner:
        tell_staff(deed, owner, "staff_assigned", by=deed.actor.name)


def progress(deed: Deed) -> None:
    """Say how far an action is; done follows what it waits for, and dropping it needs a reason."""
    row = row_of(deed, Action.objects.filter(problem_id=deed.case.pk), "action")
    state, note = deed.data["state"], str(deed.data.get("note") or "")[:400]
    if state == "dropped" and not note:
        raise Invalid([Wrong("note", WHY_DROPPED)])
    if state == "done" and row.after and row.after.state in {"planned", "doing"}:
        raise Invalid([Wrong("state", WAITS, {"other": row.after.text})])
    values: dict[str, Any] = {"state": state, "note": note, "done_on": local_day(deed.at) if state == "done" else None}
    if deed.data.get("due_on"):
        values["due_on"] = dt.date.fromisoformat(str(deed.data["due_on"])[:10])
        if values["due_on"] < row.starts_on:
            raise Invalid([Wrong("due_on", ENDS_FIRST)])
    Action.objects.filter(pk=row.pk).update(**values)
    _follow(row, values, deed)
    deed.facts["progress"] = label(ACTION_STATES, state)
    say(deed, "\n".join(part for part in (row.text, note) if part))


def _follow(row: Action, values: dict[str, Any], deed: Deed) -> None:
    """The task of an action ends with it, comes back with it, and is due when it is."""
    if row.task_id is None:
        return
    ended = values["state"] in ENDED
    changed: dict[str, Any] = {"done_at": deed.at if ended else None, "done_by": deed.actor.user_id if ended else None}
    if "due_on" in values:
        changed["due_at"] = close_of(values["due_on"])
    Task.objects.filter(pk=row.task_id).update(**changed)


def ask_partner(deed: Deed) -> None:
    """Ask a partner about an action through a one-time link; the answer stands beside the action."""
    row = row_of(deed, Action.objects.filter(problem_id=deed.case.pk), "action")
    deed.data = {**deed.data, "whom": "other"}
    effects.ask(deed)
    question = next(made for made in deed.made if isinstance(made, Question))
    Action.objects.filter(pk=row.pk).update(question=question, reply="")


def answer(deed: Deed) -> None:
    """Take a partner's answer, and put it beside the action that it is about."""
    effects.answer(deed)
    asked = deed.facts.get("question")
    if asked:
        Action.objects.filter(question_id=asked).update(reply=deed.data["text"])
