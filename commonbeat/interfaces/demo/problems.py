"""The demo's problems: played through the product's own verbs, over concerns of the two years before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commonbeat.cases.actions import act
from commonbeat.cases.categories import by_code
from commonbeat.cases.importing import ImportRun
from commonbeat.cases.models import Case, ImportedRecord
from commonbeat.community.access import actor_for
from commonbeat.community.agency import current
from commonbeat.community.models import Area, Organisation, Team, User
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.core.georeport import Record
from commonbeat.journal.deliver import send_due
from commonbeat.kinds.problem.actions import start_joint, start_problem
from commonbeat.kinds.problem.alerts import dismiss, look_for_recurring
from commonbeat.kinds.problem.models import Action, Hypothesis, Option, Permit
from commonbeat.publishing.models import Publication
from commonbeat.publishing.outcomes import publish

SOURCE = "demo problems"
ROWS = {"hypothesis": Hypothesis, "option": Option, "action": Action, "after": Action, "permit": Permit}
"""Answers that name a row of the problem by its place among those of its table."""
ASKED = ("title", "text", "type", "priority", "origin", "address")


def play_problems(folder: Path, *, now: dt.datetime) -> None:
    """Let every problem happen up to `now`, in one transaction of the caller."""
    told = json.loads((folder / "problems.json").read_text(encoding="utf-8"))
    cast = json.loads((folder / "cast.json").read_text(encoding="utf-8"))
    stage = Stage(cast, now)
    for story in told:
        stage.play(story)
    for story in json.loads((folder / "joint.json").read_text(encoding="utf-8")):
        stage.work_together(story)
    stage.keep_coming_back(json.loads((folder / "recurring.json").read_text(encoding="utf-8")))
    send_due(at=now)


class Stage:
    """The people and places that the stories name."""

    def __init__(self, cast: Mapping[str, Any], now: dt.datetime) -> None:
        emails = {row["email"]: row["username"] for row in cast["users"]}
        self._users = {emails[user.email]: user for user in User.objects.filter(email__in=emails)}
        names = {row["name"]: row["key"] for row in cast["organisations"]}
        self._bodies = {names[body.name]: body.pk for body in Organisation.objects.filter(name__in=names)}
        self._areas = dict(Area.objects.filter(serves=True, retired_at__isnull=True).values_list("code", "pk"))
        self._zone, self._now = ZoneInfo(current().timezone), now

    def play(self, story: Mapping[str, Any]) -> None:
        """Concerns first, then the problem and its steps."""
        cases = self._file(story)
        before = [case for case in cases if case.opened_at <= self._ago(story["days_ago"])][-story["from"] :]
        answers = {name: story[name] for name in ASKED} | {"area": self._areas[story["area"]]}
        at = self._ago(story["days_ago"])
        actor = self._actor(story["by"], at)
        case = start_problem(before, answers=answers, actor=actor, at=at).case
        known = by_code(story["history"]["category"])
        assert known is not None
        counted = {"categories": [known.row.pk], "areas": [self._areas[story["area"]]], "radius_m": story["radius_m"]}
        act(case, "gather", data=counted, actor=actor, at=at)
        for number, (days, step, by, data) in enumerate(story["steps"]):
            self._take(case, step, data, by=by, at=self._ago(days) + dt.timedelta(minutes=10 * number + 10))

    def work_together(self, story: Mapping[str, Any]) -> None:
        """A joint project or a review, with its steps."""
        at = self._ago(story["days_ago"])
        answers = {"area": self._areas[story["area"]], **story["asked"]}
        actor = self._actor(story["by"], at)
        case = start_joint(story["kind"], answers=answers, actor=actor, at=at).case
        for number, (days, step, by, data) in enumerate(story["steps"]):
            self._take(case, step, data, by=by, at=self._ago(days) + dt.timedelta(minutes=10 * number + 10))

    def keep_coming_back(self, stories: Sequence[Mapping[str, Any]]) -> None:
        """Concerns that nobody works on as one; the nightly look finds them, and some findings are dismissed."""
        for story in stories:
            self._file(story)
        for found in look_for_recurring(at=self._now):
            for story in stories:
                if "dismissed" in story and found.address == story["history"]["address"]:
                    told = story["dismissed"]
                    actor = self._actor(told["by"], self._now)
                    dismiss(found, reason=told["reason"], actor=actor, at=self._now)

    def _take(self, case: Case, step: str, data: Mapping[str, Any], *, by: str, at: dt.datetime) -> None:
        case.refresh_from_db()
        actor = self._actor(by, at)
        if step == "publish":
            found = Publication.objects.get(case_number=case.pk)
            publish(found, actor=actor, at=at, version=found.version)
            return
        if step == "describe" and "text" not in data:
            problem = case.problem  # type: ignore[attr-defined]
            stands = {"title": case.detail("title"), "text": case.text, "type": problem.type}
            data = stands | {"priority": problem.priority, "origin": problem.origin} | dict(data)
        act(
            case,
            step,
            data={name: self._value(case, name, value, at) for name, value in data.items()},
            actor=actor,
            at=at,
        )

    def _value(self, case: Case, name: str, value: Any, at: dt.datetime) -> Any:
        if name in ROWS:
            return ROWS[name].objects.filter(problem_id=case.pk).order_by("pk")[value].pk  # type: ignore[attr-defined]
        if name == "user":
            return self._users[value].pk
        if name == "team":
            return Team.objects.get(slug=value).pk
        if name == "organisation":
            return self._bodies[value]
        if isinstance(value, dict):
            return (at.astimezone(self._zone).date() + dt.timedelta(days=value["days"])).isoformat()
        return value

    def _actor(self, by: str, at: dt.datetime) -> Actor:
        return actor_for(self._users[by], at=at)

    def _ago(self, days: int) -> dt.datetime:
        day = self._now.astimezone(self._zone).date() - dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(9), self._zone).astimezone(dt.UTC)

    def _file(self, story: Mapping[str, Any]) -> Sequence[Case]:
        """The concerns of the story as history of another system, the oldest first."""
        told, records = story["history"], []
        for number, days in enumerate(told["days_ago"]):
            opened = self._ago(days) + dt.timedelta(hours=number % 9)
            # Spread over a block, always in the same way.
            lat, long = told["lat"] + (number % 5 - 2) * 0.0003, told["long"] + (number % 3 - 1) * 0.0004
            records.append(
                Record(
                    key=f"{story['key']}-{number + 1}", service_code=told["category"], service_name="", closed=True,
                    status_notes="", text=told["texts"][number % len(told["texts"])], agency="",
                    address=told["address"], lat=lat, long=long, opened_at=opened, changed_at=None,
                    closed_at=opened + dt.timedelta(days=3), media_url="", fingerprint="",
                )
            )  # fmt: skip
        ImportRun(SOURCE, actor=SYSTEM, at=self._now, archive=True).take(records)
        numbers = ImportedRecord.objects.filter(source=SOURCE, key__startswith=f"{story['key']}-").values("case_id")
        return list(Case.objects.filter(pk__in=numbers).order_by("opened_at"))
