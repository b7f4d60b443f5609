"""The demo's invented tips and requests for services, played as people would have sent and worked them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commonbeat.cases.actions import Opened, Report, act, open_case
from commonbeat.cases.categories import by_code
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.returning import reporter_actor
from commonbeat.community.access import actor_for
from commonbeat.community.agency import current
from commonbeat.community.models import Area, User
from commonbeat.community.reference import touch
from commonbeat.core.actor import ANONYMOUS, Actor
from commonbeat.interfaces.cli.import_.categories import store as store_categories
from commonbeat.interfaces.demo.stories import send_until

COUNTER = "sam"
"""Whoever writes down what callers say."""
_NAMESPACE = uuid.UUID("7b9e5e5c-2f43-5b4c-9a7d-0d3c8f2b6a11")


def load(folder: Path, name: str, *, now: dt.datetime) -> str:
    """Make the categories of a file and play its cases up to `now`; returns the code of one that waits."""
    told = json.loads((folder / name).read_text(encoding="utf-8"))
    store_categories(told["categories"])
    touch("categories")
    names = {row["username"]: row["email"] for row in json.loads((folder / "cast.json").read_text())["users"]}
    users = {user.email: user for user in User.objects.filter(email__in=names.values())}
    people = {name: users[email] for name, email in names.items() if email in users}
    areas = dict(Area.objects.filter(serves=True, retired_at__isnull=True).values_list("code", "pk"))
    code = ""
    for row in told["cases"]:
        opened = _play(row, people, areas, now=now)
        if opened and opened.code and KINDS[opened.case.kind].workflow.state(opened.case.state).waits:
            code = opened.code
    send_until(now)
    return code


def _play(
    row: Mapping[str, Any], people: Mapping[str, User], areas: Mapping[str, int], *, now: dt.datetime
) -> Opened | None:
    zone = ZoneInfo(current().timezone)
    day = now.astimezone(zone).date() + dt.timedelta(days=row["offset_days"])
    opened = dt.datetime.combine(day, dt.time(row["hour"]), zone).astimezone(dt.UTC)
    known = by_code(row["category"])
    if known is None or opened > now:
        return None
    report = Report(
        category_id=known.row.pk, text=row["text"], area_id=areas[row["area"]], address=row.get("address", ""),
        answers={code: _then(value, opened) for code, value in row["answers"].items()}, language=row["language"],
        channel=row["channel"], **row.get("contact", {}),
    )  # fmt: skip
    by_staff = row["channel"] not in {"tip", "web"}
    opener = actor_for(people[COUNTER], at=opened) if by_staff else ANONYMOUS
    number = uuid.uuid5(_NAMESPACE, f"{opened.date()} {row['text']}")
    done = open_case(known.row.kind, report, actor=opener, at=opened, client_id=number)
    case = done.case
    for step in row["steps"]:
        at = opened + dt.timedelta(hours=step["after_hours"])
        if at <= now:
            case = Case.objects.get(pk=case.pk)
            act(
                case,
                step["step"],
                data=_data(step["data"], people, areas, at),
                actor=_actor(step, case, people, at),
                at=at,
            )
    return replace(done, case=case)


def _actor(step: Mapping[str, Any], case: Case, people: Mapping[str, User], at: dt.datetime) -> Actor:
    if step["by"] == "reporter":
        return reporter_actor(Participant.objects.get(case=case, role=Participant.Role.REPORTER))
    return actor_for(people[step["by"]], at=at)


def _then(value: Any, at: dt.datetime) -> Any:
    """`{"days": 3}` is a day, `{"hours": -1}` a day with a time, both counted from `at`."""
    local = at.astimezone(ZoneInfo(current().timezone))
    match value:
        case {"days": days}:
            return (local.date() + dt.timedelta(days=days)).isoformat()
        case {"hours": hours}:
            return f"{local + dt.timedelta(hours=hours):%Y-%m-%dT%H:%M}"
    return value


def _data(
    data: Mapping[str, Any], people: Mapping[str, User], areas: Mapping[str, int], at: dt.datetime
) -> dict[str, Any]:
    """A step's data with names turned into numbers, and days and hours counted from then."""
    found = {name: _then(value, at) for name, value in data.items()}
    if "user" in found:
        found["user"] = people[found["user"]].pk
    if "area" in found:
        found["area"] = areas[found["area"]]
    if "category" in found and (known := by_code(found["category"])):
        found["category"] = known.row.pk
    return found
