"""Entries about an administrative task in words: what was done, by whom, to what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from commonbeat.community.models import User
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.words import Words
from commonbeat.journal.models import Entry

DEEDS: dict[str, str] = {
    "task.added": N_("Task added"),
    "task.changed": N_("Task changed"),
    "task.done": N_("Task done"),
    "task.reopened": N_("Not done after all"),
    "task.reminded": N_("Reminded"),
    "task.undone": N_("Taken back"),
    "task.passed_on": N_("Passed on to a successor"),
}
ICONS = {"task.added": "add", "task.changed": "edit", "task.done": "check_circle", "task.undone": "undo"}


def history_of(entries: Iterable[Entry], words: Words) -> list[dict[str, Any]]:
    """Items for the component `timeline`, the latest first. One statement, for the names of owners."""
    rows = list(entries)
    numbers = {row.data["owner"] for row in rows if row.data.get("owner")}
    names = dict(User.objects.filter(pk__in=numbers).values_list("pk", "name")) if numbers else {}
    return [
        {
            "what": _what(row, names, words), "iso": row.at.isoformat(), "when": words.local(row.at),
            "who": row.actor_name, "text": (row.personal or {}).get("text", ""),
            "icon": ICONS.get(row.verb, "schedule"),
        }
        for row in rows
    ][::-1]  # fmt: skip


def _what(entry: Entry, names: dict[int, str], words: Words) -> str:
    label = gettext(DEEDS.get(entry.verb, entry.verb))
    facts = []
    if owner := names.get(entry.data.get("owner") or 0):
        facts.append(gettext("to %(value)s") % {"value": owner})
    if due := entry.data.get("due"):
        facts.append(gettext("by %(value)s") % {"value": words.local(dt.datetime.fromisoformat(due))})
    if entry.data.get("no_day"):
        facts.append(gettext("without a day"))
    if undone := DEEDS.get(entry.data.get("undone", "")):
        facts.append(gettext(undone))
    return f"{label} ({', '.join(facts)})" if facts else label
