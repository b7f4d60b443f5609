"""What the desk says about moments, clocks, states and entries, in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext, ngettext

from commonbeat.cases.categories import Known, categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.tags import tags_of
from commonbeat.community.agency import current
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.core.text import N_

CHANNELS: dict[str, str] = {
    "web": N_("Website"),
    "phone": N_("Telephone"),
    "counter": N_("At the counter"),
    "paper": N_("Letter or paper form"),
    "text": N_("Text message"),
    "meeting": N_("At a meeting"),
    "desk": N_("Noticed by staff"),
    "tip": N_("Page for tips"),
    "open311": N_("Open311"),
    "api": N_("Other program"),
    "dispatch": N_("Dispatch"),
    "import": N_("Imported"),
}


@dataclass(frozen=True)
class Words:
    """Names from memory, taken once for a request: a list asks for hundreds of them."""

    language: str
    known: Mapping[int, Known]
    areas: Mapping[int, Area]
    zone: ZoneInfo
    at: dt.datetime

    def local(self, moment: dt.datetime) -> str:
        """A moment as day and time of the agency's zone: short, sortable, the same in every language."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def category(self, category_id: int | None) -> str:
        """A category's name; of what is not for the public, the kind stands before it."""
        known = self.known.get(category_id) if category_id else None
        if known is None:
            return ""
        name, kind = known.text(self.language).name, KINDS[known.row.kind]
        return name if kind.public else gettext("%(kind)s: %(name)s") % {"kind": gettext(kind.label), "name": name}

    def matter(self, category_id: int | None, kind: str) -> str:
        """What a case is about: its category, or its kind where that has none."""
        return self.category(category_id) or gettext(KINDS[kind].label)

    def area(self, area_id: int | None) -> str:
        """An area's name."""
        area = self.areas.get(area_id) if area_id else None
        return area.name if area else ""

    def clock(self, due_at: dt.datetime | None, *, waits: bool, closed: bool) -> tuple[str, str]:
        """State (overdue, soon, due, paused, or nothing) and words of the clock that runs out next."""
        if closed or (due_at is None and not waits):
            return "", ""
        if due_at is None:
            return "paused", gettext("Paused while waiting")
        left = due_at - self.at
        state = "overdue" if due_at < self.at else "soon" if left < dt.timedelta(hours=8) else "due"
        return state, _clock(state == "overdue", _minutes(abs(left)), self.language)

    @staticmethod
    def tags(numbers: Iterable[int]) -> list[str]:
        """Names of tags."""
        return [tag.name for tag in tags_of(numbers)]


def words(*, at: dt.datetime) -> Words:
    """The names for this request's language."""
    zone = ZoneInfo(current().timezone)
    return Words(get_language() or "en", categories(), places().areas, zone, at)


def span(length: dt.timedelta) -> str:
    """A length of time in one unit: 5 minutes, 3 hours, 2 days."""
    return _span(_minutes(length), get_language() or "en")


def _minutes(length: dt.timedelta) -> int:
    return max(1, int(length.total_seconds() // 60))


@lru_cache(maxsize=4096)
def _clock(over: bool, minutes: int, language: str) -> str:
    words = gettext("Overdue by %(span)s") if over else gettext("Due in %(span)s")
    return words % {"span": _span(minutes, language)}


@lru_cache(maxsize=4096)
def _span(minutes: int, language: str) -> str:
    """The words, kept: the fifty clocks of a list are asked for again and again."""
    if minutes < 90:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def tone(kind: str, state: str) -> str:
    """How a state looks, read from what it means: a word and a sign always stand beside the colour."""
    flow = KINDS[kind].workflow
    found = flow.state(state)
    if found.closed:
        return "done"
    if found.waits:
        return "waiting"
    return "new" if state == flow.start else "active"


ICONS = {"new": "star", "active": "autorenew", "waiting": "hourglass_empty", "done": "check_circle"}
"""The sign of each tone."""


def state_label(kind: str, state: str) -> str:
    """The state in the department's words."""
    return gettext(KINDS[kind].workflow.state(state).label)


@lru_cache(maxsize=1024)
def look(kind: str, state: str, outcome: str, language: str) -> tuple[str, str, str]:
    """Tone, sign and words of a state, kept: a list asks for the same ones again and again.

    An outcome that has the name of its state is said once.
    """
    label, shade = state_label(kind, state), tone(kind, state)
    ended = outcome_label(kind, outcome) if outcome else label
    return shade, ICONS[shade], label if ended == label else f"{label}: {ended}"


def outcome_label(kind: str, outcome: str) -> str:
    """The outcome in the department's words."""
    found = KINDS[kind].workflow.outcome(outcome)
    return gettext(found.label) if found else outcome


def channel_label(channel: str) -> str:
    """The way a report came in."""
    return gettext(CHANNELS.get(channel, channel))


CLOCKS: dict[str, str] = {
    "acknowledge": N_("First answer"),
    "respond": N_("Resolution"),
    "cure": N_("To be put right by the owner"),
    "review": N_("Review of the agreement"),
    "look": N_("Next look at the search"),
    "interim": N_("News to the complainant"),
    "decide": N_("Decision"),
    "answer": N_("Yes or no of every side"),
    "follow_up": N_("Is the agreement kept?"),
    "appeal": N_("Decision on the appeal"),
}


def clocks_of(clocks: Mapping[str, Mapping[str, Any]], *, closed: bool, words: Words) -> list[dict[str, Any]]:
    """Every clock of a case with its state and words, for the case page."""
    shown, local = [], words.local
    for name, ticking in clocks.items():
        due = dt.datetime.fromisoformat(ticking["due"])
        if ticking["met"]:
            met = dt.datetime.fromisoformat(ticking["met"])
            late = met > due
            said = gettext("Late, %(at)s") if late else gettext("In time, %(at)s")
            state, text = ("overdue" if late else "met"), said % {"at": local(met)}
        elif ticking["left"] is not None:
            left = dt.timedelta(seconds=abs(ticking["left"]))
            early = ticking["left"] >= 0
            said = gettext("Paused, %(span)s of work left") if early else gettext("Paused, was late by %(span)s")
            state, text = "paused", said % {"span": span(left)}
        elif closed:
            continue
        else:
            state, text = words.clock(due, waits=False, closed=False)
            text = f"{text} ({local(due)})"
        shown.append({"name": gettext(CLOCKS.get(name, name)), "state": state, "text": text})
    return shown
