"""What the steps of an observation do: it is confirmed, looked at again, handed on, cleared, or it runs out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases import effects
from commonbeat.cases.custody import take_photos
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Task
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.observation.checking import check_words
from commonbeat.kinds.observation.models import Hazard
from commonbeat.kinds.observation.vocabulary import LOOK_AGAIN, LOOK_AGAIN_OTHERWISE

STAYS_DAYS = 60
"""So long after the day of looking again a hazard stays on the register when nobody does."""
LONGEST_DAYS = 365
PAST = N_("Choose a day after today.")
TOO_FAR = N_("Choose a day within a year: what nobody looks at for longer is not known any more.")


def recheck_day(sort: str, given: str | None, *, today: dt.date) -> dt.date:
    """The day somebody looks again: the one that was given, or the usual one of this sort. Raises `Invalid`."""
    if not given:
        return today + dt.timedelta(days=LOOK_AGAIN.get(sort, LOOK_AGAIN_OTHERWISE))
    day = dt.date.fromisoformat(given[:10])
    if day <= today:
        raise Invalid([Problem("recheck_on", PAST)])
    if day > today + dt.timedelta(days=LONGEST_DAYS):
        raise Invalid([Problem("recheck_on", TOO_FAR)])
    return day


def days_of(recheck_on: dt.date) -> dict[str, dt.date]:
    """When it is looked at, and when it leaves the register without that."""
    return {"recheck_on": recheck_on, "expires_on": recheck_on + dt.timedelta(days=STAYS_DAYS)}


def _words(deed: Deed, name: str = "note") -> None:
    text = str(deed.data.get(name) or "")
    check_words(text, code=name, place_only=bool(deed.data.get("place_only")), language=deed.case.language)
    deed.personal["text"] = text


def _finish_rechecks(deed: Deed) -> None:
    Task.objects.filter(case=deed.case, sort="recheck", done_at=None).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )


def _seen(deed: Deed, **more: Any) -> None:
    """Somebody was there today: what they found, and who looks again when."""
    hazard, today = Hazard.objects.get(case=deed.case), local_day(deed.at)
    again = recheck_day(hazard.sort, deed.data.get("recheck_on"), today=today)
    values = {"seen_on": today, **days_of(again), **more}
    if deed.data.get("harm"):
        values["harm"] = deed.data["harm"]
    Hazard.objects.filter(case=deed.case).update(**values)
    _finish_rechecks(deed)
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(Task(case=deed.case, sort="recheck", text="", owner_id=owner, due_at=close_of(again), created_at=deed.at))
    deed.facts |= {"due": close_of(again), "harm": values.get("harm", hazard.harm)}


def confirm(deed: Deed) -> None:
    """Somebody saw it with their own eyes, and knows who has to see to it."""
    owner = deed.data.get("organisation")
    _words(deed)
    _seen(
        deed, confirmed_at=deed.at, charge=deed.data["charge"], owner_id=int(owner) if owner else None,
    )  # fmt: skip


def look(deed: Deed) -> None:
    """It is still there."""
    _words(deed)
    take_photos(deed)
    _seen(deed)


def hand_over(deed: Deed) -> None:
    """Another agency has it; we look again all the same."""
    effects.hand_over(deed)
    _seen(deed)


def clear(deed: Deed) -> None:
    """It is gone: put right, gone by itself, or never there."""
    _words(deed)
    take_photos(deed)
    _finish_rechecks(deed)
    Hazard.objects.filter(case=deed.case).update(seen_on=local_day(deed.at))
    deed.columns["outcome"] = deed.data["how"]
    deed.facts["outcome"] = deed.data["how"]


def expire(deed: Deed) -> None:
    """Nobody looked for so long that nobody knows."""
    _finish_rechecks(deed)
    deed.columns["outcome"] = "expired"
    deed.facts["outcome"] = "expired"


def reopen(deed: Deed) -> None:
    """It is there again."""
    effects.reopen(deed)
    _seen(deed)


def note(deed: Deed) -> None:
    """Words for colleagues, about the place as well."""
    _words(deed, "text")
