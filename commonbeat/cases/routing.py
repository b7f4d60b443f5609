"""Who gets a new case: ordered rules, the first that fits decides, and every decision can be explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.apps import apps

from commonbeat.community.access import with_descendants
from commonbeat.community.agency import current, local_day
from commonbeat.community.models import User
from commonbeat.community.places import officers_of
from commonbeat.community.reference import Remembered

CONDITIONS = ("kind", "category", "group", "area", "language", "channel", "hours", "weekdays", "answer")


@dataclass(frozen=True, slots=True)
class Facts:
    """What routing may look at. Nothing about who the reporter is."""

    kind: str
    category: str | None
    group: str | None
    area_id: int | None
    language: str
    channel: str
    at: dt.datetime
    answers: Mapping[str, Any] = field(default_factory=dict)


class Rule(Protocol):
    """A routing rule as stored."""

    pk: Any
    name: str
    when: dict[str, Any]
    team_id: int | None
    user_id: int | None
    area_officer: bool


@dataclass(frozen=True, slots=True)
class Look:
    """One rule that was looked at: whether it fitted, and the condition that did not."""

    rule: str
    fitted: bool
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a case goes, and why."""

    team_id: int | None = None
    user_id: int | None = None
    rule: str = ""
    looks: tuple[Look, ...] = ()

    def explained(self) -> dict[str, Any]:
        """The decision as it is kept in the journal."""
        return {
            "rule": self.rule, "team": self.team_id, "user": self.user_id,
            "looks": [[look.rule, look.fitted, look.failed] for look in self.looks],
        }  # fmt: skip


def _in_hours(span: Mapping[str, str], at: dt.datetime) -> bool:
    start, end = dt.time.fromisoformat(span["from"]), dt.time.fromisoformat(span["to"])
    clock = at.time()
    return start <= clock < end if start <= end else clock >= start or clock < end


def _answered(condition: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    given = answers.get(condition["question"])
    keys = given if isinstance(given, list) else [given]
    return any(str(key) in condition["in"] for key in keys if key is not None)


def _area(wanted: Any, facts: Facts, local: dt.datetime) -> bool:
    below = with_descendants()
    return facts.area_id is not None and any(facts.area_id in below.get(int(a), {int(a)}) for a in wanted)


_TESTS: dict[str, Callable[[Any, Facts, dt.datetime], bool]] = {
    "kind": lambda wanted, facts, local: facts.kind in wanted,
    "category": lambda wanted, facts, local: facts.category in wanted,
    "group": lambda wanted, facts, local: facts.group in wanted,
    "area": _area,
    "language": lambda wanted, facts, local: facts.language.split("-")[0] in wanted,
    "channel": lambda wanted, facts, local: facts.channel in wanted,
    "hours": lambda wanted, facts, local: _in_hours(wanted, local),
    "weekdays": lambda wanted, facts, local: local.weekday() in wanted,
    "answer": lambda wanted, facts, local: _answered(wanted, facts.answers),
}


def fits(rule: Rule, facts: Facts) -> Look:
    """Look at one rule: every condition must hold; an empty rule fits everything."""
    local = facts.at.astimezone(ZoneInfo(current().timezone))
    for name, wanted in rule.when.items():
        if wanted and not _TESTS[name](wanted, facts, local):
            return Look(rule.name, False, name)
    return Look(rule.name, True)


def decide(facts: Facts, rules: Iterable[Rule], *, at: dt.datetime) -> Decision:
    """The first rule that fits and has somebody to give the case to; nobody when none does."""
    looks: list[Look] = []
    for rule in rules:
        look = fits(rule, facts)
        if not look.fitted:
            looks.append(look)
            continue
        user_id = rule.user_id if rule.user_id in _working() else None
        if user_id is None and rule.area_officer:
            user_id = _area_officer(facts.area_id, at)
        if user_id is None and rule.team_id is None:
            looks.append(Look(rule.name, False, "area_officer" if rule.area_officer else "user"))
            continue
        return Decision(rule.team_id, user_id, rule.name, (*looks, look))
    return Decision(looks=tuple(looks))


def _assigned_today() -> dict[tuple[int, dt.date], int | None]:
    return {}


_officers = Remembered(_assigned_today, "officers", "areas")


def _area_officer(area_id: int | None, at: dt.datetime) -> int | None:
    """The first officer present for an area today, remembered until assignments or cover change."""
    if area_id is None:
        return None
    known, key = _officers(), (area_id, local_day(at))
    if key not in known:
        present = officers_of(area_id, at=at).present
        known[key] = present[0].pk if present else None
    return known[key]


def _load_working() -> frozenset[int]:
    return frozenset(User.objects.active().values_list("pk", flat=True))


_working = Remembered(_load_working, "officers")
"""Whoever has an open account: a rule that names somebody who left gives them nothing."""


def _load() -> list[Any]:
    return list(apps.get_model("cases", "RoutingRule").objects.filter(active=True).order_by("order", "id"))


rules = Remembered(_load, "routing")
"""The active rules in order, from memory."""
