"""The demo's invented department: agency, teams, people, partners, routing rules and form letters."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import holidays as public_holidays
from django.contrib.auth.hashers import make_password

from commonbeat.cases.models import ResponseTemplate, RoutingRule, SavedSearch
from commonbeat.community.agency import local_day
from commonbeat.community.models import Agency, Area, Holiday, Organisation, Team, User
from commonbeat.community.reference import touch
from commonbeat.core.actor import ROLE_LABELS, SYSTEM
from commonbeat.journal import history
from commonbeat.journal.systems import create_key

GRANTED_DAYS_AGO = 1200
SHOWN = ("omar", "rafael", "cso.bea", "liaison.farah", "sam", "editor.noor", "records.hana", "pat", "analyst.devi",
         "ruth.partner", "board.elaine", "admin.gil")  # fmt: skip
"""One of each role, in the order in which a visitor meets them."""


@dataclass(frozen=True)
class People:
    """Rows by the names that the demo's files use."""

    users: Mapping[str, User]
    teams: Mapping[str, Team]


@cache
def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def agency(folder: Path) -> dict[str, Any]:
    """The agency as the demo's file has it."""
    return dict(_read(folder, "cast.json")["agency"])


def sign_ins(folder: Path) -> Iterator[tuple[str, str, str]]:
    """E-mail, name and role of one person per role."""
    known = {user["username"]: user for user in _read(folder, "cast.json")["users"]}
    for username in SHOWN:
        user = known[username]
        yield user["email"], f"{user['name']}, {user['rank']}", ROLE_LABELS[user["roles"][0]]


def is_incomplete(folder: Path) -> bool:
    """Whether somebody is missing who plays a part in the stories of this version."""
    everybody = {user["email"] for user in _read(folder, "cast.json")["users"]}
    return User.objects.filter(email__in=everybody).count() < len(everybody)


def load_people(folder: Path, *, password: str, at: dt.datetime) -> People:
    """The agency, its holidays, organisations, teams and everybody who signs in."""
    cast = _read(folder, "cast.json")
    values = {name: value for name, value in cast["agency"].items() if name != "note"}
    history.add(Agency(pk=1, changed_at=at), values, actor=SYSTEM, at=at)
    _add_holidays(cast["agency"], at=at)
    areas = {area.code: area.pk for area in Area.objects.filter(serves=True, retired_at__isnull=True)}
    organisations = {
        row["key"]: history.add(
            Organisation(),
            {name: row[name] for name in ("name", "sector", "email", "phone", "url")},
            actor=SYSTEM,
            at=at,
        ).pk
        for row in cast["organisations"]
    }
    teams: dict[str, Team] = {}
    for row in cast["teams"]:
        fields = {
            "slug": row["slug"], "name": row["name"], "email": row["email"],
            "organisation": organisations.get(row["organisation"]), "areas": [areas[code] for code in row["areas"]],
        }  # fmt: skip
        teams[row["slug"]] = history.add(Team(), fields, actor=SYSTEM, at=at)  # type: ignore[assignment]
    users = _add_users(cast, areas, teams, password=password, at=at)
    _add_searches(users, areas, at=at)
    return People(users, teams)


def _add_holidays(values: Mapping[str, Any], *, at: dt.datetime) -> None:
    years = range(at.year - 1, at.year + 2)
    known = public_holidays.country_holidays(values["country"], subdiv=values["subdivision"], years=years)
    for day, name in sorted(known.items()):
        history.add(Holiday(), {"on": day, "name": name}, actor=SYSTEM, at=at)


def _add_users(
    cast: Mapping[str, Any], areas: Mapping[str, int], teams: Mapping[str, Team], *, password: str, at: dt.datetime
) -> dict[str, User]:
    """Everybody has the demo's one password, so its slow hash is computed once."""
    stored, today = make_password(password), local_day(at)
    since = today - dt.timedelta(days=GRANTED_DAYS_AGO)
    users: dict[str, User] = {}
    for row in cast["users"]:
        team = teams.get(row["team"])
        grants = [
            {"role": role, "areas": [areas[code] for code in row["areas"]], "since": since, "until": None,
             "team": team.pk if team and role == "partner" else None}
            for role in row["roles"]
        ]  # fmt: skip
        assigned = [
            {"area": areas[a["area"]], "since": today + dt.timedelta(days=a["since_days"]), "until": None}
            for a in cast["assignments"] if a["user"] == row["username"]
        ]  # fmt: skip
        fields = {
            name: row[name]
            for name in ("email", "name", "rank", "badge", "sworn", "languages", "phone", "bio", "listed")
        }
        values = fields | {"team": team, "is_active": True, "language": "en", "grants": grants, "assignments": assigned}
        user = history.add(User(joined_at=at, password=stored), values, actor=SYSTEM, at=at)
        users[row["username"]] = user  # type: ignore[assignment]
    absences: dict[str, list[dict[str, Any]]] = {}
    for row in cast["cover"]:
        absences.setdefault(row["user"], []).append(
            {"by": users[row["by"]].pk, "since": today + dt.timedelta(days=row["from_days"]),
             "until": today + dt.timedelta(days=row["to_days"]), "note": row["note"]}
        )  # fmt: skip
    for username, rows in absences.items():
        history.change(users[username], {"absences": rows}, actor=SYSTEM, at=at)
    touch("officers")
    return users


def _add_searches(users: Mapping[str, User], areas: Mapping[str, int], *, at: dt.datetime) -> None:
    wanted = (
        ("sam", "Overdue in my areas", "view=overdue", None, None),
        ("sam", "Written in Spanish", "view=all&language=es", None, None),
        ("omar", "New in Rogers Park", f"view=all&area={areas['1']}&state=new", 5, 7),
    )
    for username, name, query, threshold, days in wanted:
        SavedSearch.objects.create(
            user=users[username], name=name, query=query, threshold=threshold, within_days=days, created_at=at
        )


def load_rules(folder: Path, people: People, *, at: dt.datetime) -> None:
    """Routing rules, with area codes turned into areas, and form letters in every language."""
    areas = {area.code: area.pk for area in Area.objects.filter(serves=True, retired_at__isnull=True)}
    for row in _read(folder, "routing.json"):
        when, then = dict(row["when"]), row["then"]
        if "area" in when:
            when["area"] = [areas[code] for code in when["area"]]
        values = {
            "order": row["order"], "name": row["name"], "when": when, "active": True,
            "team": people.teams[then["team"]] if "team" in then else None,
            "user": people.users[then["user"]] if "user" in then else None,
            "area_officer": bool(then.get("area_officer")),
        }  # fmt: skip
        history.add(RoutingRule(), values, actor=SYSTEM, at=at)
    for letter in _read(folder, "templates.json")["templates"]:
        for language, title in letter["name"].items():
            values = {
                "slug": letter["code"].replace("_", "-"), "language": language, "title": title,
                "body": letter["body"][language], "steps": [letter["step"]] if letter["step"] else [],
            }  # fmt: skip
            history.add(ResponseTemplate(), values, actor=SYSTEM, at=at)


def make_api_key(*, at: dt.datetime) -> str:
    """A key for the city's app, for Open311 and the JSON API."""
    scopes = ["open311", "open311:updates", "cases:read", "cases:write", "categories:read", "areas:read", "cards:read"]
    return create_key("City app (demo)", scopes=scopes, contact="app@demo.example", actor=SYSTEM, at=at)[1]
