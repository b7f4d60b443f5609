"""The record of what was held: how many came, what was said, and what was reported of earlier promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from commonbeat.activities.actions import ENDED, locked, state_of, write
from commonbeat.activities.agenda import agenda_of, settle
from commonbeat.activities.models import Activity, AgendaItem
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import ENDINGS, end_promise, report_back
from commonbeat.community.agency import local_day
from commonbeat.core.actor import Actor
from commonbeat.core.fields import REQUIRED, Choice, Field, Invalid, Problem, ShowWhen, clean
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry

OPEN, TOLD, SKIPPED = "open", "told", "skipped"
STILL_OPEN = Choice(OPEN, N_("Still open"))
NOT_REACHED = Choice(SKIPPED, N_("Not reached: it comes back at the next meeting"))
OF_OPEN = (*ENDINGS, STILL_OPEN, NOT_REACHED)
OF_ENDED = (Choice(TOLD, N_("We told them how it ended")), NOT_REACHED)
FIELDS = (
    Field("people", N_("How many people came?"), "number", required=True, minimum=0, maximum=20000,
          hint=N_("Count them without the department's own. Write down no names.")),
    Field("new", N_("How many were there for the first time?"), "number", minimum=0),
)  # fmt: skip
WORDS = (
    Field("raised", N_("What people raised"), "text", maximum=4000,
          hint=N_("Everybody reads this once a second person has published it. No names, no house numbers.")),
    Field("answered", N_("What we said, and what was decided"), "text", maximum=4000,
          hint=N_("Everybody reads this as well. Promises are written down one by one, below on the page.")),
    Field("note", N_("Note for colleagues"), "text", maximum=4000, hint=N_("It is never published.")),
)  # fmt: skip
NOT_YET = N_("This has not begun yet. Write its record afterwards.")
WHOLE = N_("Enter a whole number, for example 24.")
MORE_THAN_CAME = N_("These are more people than came.")


def language_field(code: str) -> str:
    """The name of the field that counts who spoke a language."""
    return f"spoke_{code}"


def key_of(item: AgendaItem) -> str:
    """The key of a point in forms, the same before and after it is stored."""
    return f"p{item.promise_id}" if item.promise_id else str(item.pk)


def _of_promise(item: AgendaItem, promise: Promise, language: str) -> tuple[Field, ...]:
    key, short = key_of(item), {language: f"{promise.text} ({promise.owner.name})"}
    choices = OF_OPEN if promise.state == Promise.State.OPEN else OF_ENDED
    return (
        Field(f"result_{key}", N_("What was reported?"), "singlevaluelist", choices=choices, labels=short),
        Field(f"reason_{key}", N_("Why?"), maximum=500,
              show_when=ShowWhen(f"result_{key}", frozenset({"missed", "released"}))),
        Field(f"said_{key}", N_("What they were told"), maximum=500),
    )  # fmt: skip


def fields_of(row: Activity, items: Iterable[AgendaItem], *, language: str, names: Mapping[str, str]) -> list[Field]:
    """The questions of the record: counts, each point of the agenda, the minutes. `names` are those of languages."""
    spoken = dict.fromkeys((*row.languages, *row.interpreters, *row.attendance.get("languages", {})))
    asked = [*FIELDS]
    asked += [
        Field(language_field(code), N_("How many spoke it?"), "number", minimum=0,
              labels={language: gettext("How many spoke %(language)s?") % {"language": names.get(code, code)}})
        for code in spoken
    ]  # fmt: skip
    for item in items:
        if item.promise is not None and item.result in {"", SKIPPED}:
            asked += _of_promise(item, item.promise, language)
        elif item.promise is None:
            asked.append(Field(f"said_{key_of(item)}", item.text, maximum=500, labels={language: item.text}))
    return [*asked, *WORDS]


def values_of(row: Activity, items: Iterable[AgendaItem]) -> dict[str, Any]:
    """What the form shows of a record that was written already."""
    counts = row.attendance
    return {
        "people": counts.get("people"), "new": counts.get("new"),
        **{language_field(code): n for code, n in counts.get("languages", {}).items()},
        **{f"said_{key_of(item)}": item.said for item in items},
        "raised": row.raised, "answered": row.answered, "note": row.note,
    }  # fmt: skip


def _counted(given: Mapping[str, Any]) -> dict[str, Any]:
    """Attendance as whole numbers that fit each other. Raises `Invalid`."""
    prefix = language_field("")
    numbers = {
        name: value for name, value in given.items()
        if name in {"people", "new"} or name.startswith(prefix)
    }  # fmt: skip
    problems = [Problem(name, WHOLE) for name, value in numbers.items() if not isinstance(value, int)]
    if problems:
        raise Invalid(problems)
    spoken = {name.removeprefix(prefix): n for name, n in numbers.items() if name.startswith(prefix)}
    if numbers.get("new", 0) > numbers["people"]:
        problems.append(Problem("new", MORE_THAN_CAME))
    if sum(spoken.values()) > numbers["people"]:
        problems.append(Problem(language_field(next(iter(spoken))), MORE_THAN_CAME))
    if problems:
        raise Invalid(problems)
    return {"people": numbers["people"], "new": numbers.get("new"), "languages": spoken}


@transaction.atomic
def hold(row: Activity, data: Mapping[str, Any], *, version: int, actor: Actor, at: dt.datetime) -> Entry:
    """Write the record of what was held, or write it anew; promises that were reported learn of it. Raises `Invalid`.

    A promise that is still open can end here. What was told of it, and that it was told on the day of the meeting, is
    written onto the promise, with an entry of its own there.
    """
    found = locked(row, actor=actor, version=version)
    if found.state == Activity.State.OFF:
        raise Invalid([Problem("", ENDED)])
    if found.starts_at > at:
        raise Invalid([Problem("", NOT_YET)])
    before, first = state_of(found), found.held_at is None
    items = settle(found, at=at) if first else agenda_of(found, at=at)
    given = clean(fields_of(found, items, language="", names={}), data)
    counts = _counted(given)
    told = [done for item in items if (done := _report(found, item, given, actor=actor, at=at)) is not None]
    columns: dict[str, Any] = {"state": Activity.State.HELD, "held_at": found.held_at or at, "attendance": counts}
    columns |= {item.code: given.get(item.code) or "" for item in WORDS}
    facts = {"people": counts["people"], "promises": told}
    entry = write(found, "held" if first else "record_changed", before, actor=actor, at=at, columns=columns,
                  data=facts, calendar=False)  # fmt: skip
    row.refresh_from_db()
    return entry


def _report(
    row: Activity, item: AgendaItem, given: Mapping[str, Any], *, actor: Actor, at: dt.datetime
) -> dict[str, Any] | None:
    """Store what was said of one point; for a promise that was reported, what it was before, for whoever undoes it."""
    key = key_of(item)
    said = given.get(f"said_{key}") or ""
    if item.promise is None:
        AgendaItem.objects.filter(pk=item.pk).update(said=said)
        return None
    if item.result not in {"", SKIPPED}:
        return None
    result = given.get(f"result_{key}") or SKIPPED
    AgendaItem.objects.filter(pk=item.pk).update(result=result, said=said)
    if result == SKIPPED:
        return None
    promise = Promise.objects.get(pk=item.promise.pk)
    kept = {"promise": promise.pk, "reported": promise.reported, "reported_on": promise.reported_on}
    back = {"reported": said or _told_at(row), "reported_on": min(local_day(row.starts_at), local_day(at)).isoformat()}
    if result in {OPEN, TOLD}:
        report_back(promise, back, actor=actor, at=at)
        return kept | {"ended": False}
    reason = given.get(f"reason_{key}") or ""
    if result != Promise.State.KEPT and not reason:
        raise Invalid([Problem(f"reason_{key}", REQUIRED)])
    end_promise(promise, back | {"state": result, "reason": reason}, actor=actor, at=at)
    return kept | {"ended": True}


def _told_at(row: Activity) -> str:
    with translation.override(row.language):
        return gettext("Reported at “%(title)s”.") % {"title": row.title}
