"""The demo's observations, field reports and calls from dispatch: played through the product's own verbs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonbeat.cases import files
from commonbeat.cases.actions import act
from commonbeat.cases.models import Case
from commonbeat.community.access import actor_for
from commonbeat.community.agency import zone
from commonbeat.community.models import Organisation, User
from commonbeat.core.actor import SYSTEM, Actor
from commonbeat.interfaces.demo.pictures import draw
from commonbeat.interfaces.demo.stories import send_until
from commonbeat.kinds.field_report.actions import start_report
from commonbeat.kinds.field_report.call_intake import NewCall, take_call
from commonbeat.kinds.observation.actions import note_observation

HANDED = ("number", "sort", "text", "address", "lat", "long", "caller", "phone", "in_progress", "unfit")
"""What dispatch says of a call."""


def play_field(folder: Path, *, now: dt.datetime) -> None:
    """Let every observation and report happen up to `now`, in one transaction of the caller."""
    told = json.loads((folder / "field.json").read_text(encoding="utf-8"))
    stage = Stage(json.loads((folder / "cast.json").read_text(encoding="utf-8")), now)
    for story in told["observations"]:
        stage.observe(story)
    for story in told["reports"]:
        stage.report(story)
    for story in told["calls"]:
        stage.call(story)
    send_until(now)


class Stage:
    """The people and organisations that the stories name."""

    def __init__(self, cast: Mapping[str, Any], now: dt.datetime) -> None:
        emails = {row["email"]: row["username"] for row in cast["users"]}
        self._users = {emails[user.email]: user for user in User.objects.filter(email__in=emails)}
        names = {row["name"]: row["key"] for row in cast["organisations"]}
        self._bodies = {names[body.name]: body.pk for body in Organisation.objects.filter(name__in=names)}
        self._now = now

    def observe(self, story: Mapping[str, Any]) -> None:
        """An observation, with a photo where there is one, and its steps."""
        at = self._then(story["days_ago"], story["hour"])
        uploads = (self._photo(story["photo"], at),) if "photo" in story else ()
        actor = self._actor(story["by"], at)
        case = note_observation(story["answers"], uploads=uploads, actor=actor, at=at).case
        self._steps(case, story, at)

    def report(self, story: Mapping[str, Any]) -> None:
        """A field report, begun with a call for sworn officers where there is one, and its steps."""
        at = self._then(story["days_ago"], story["hour"])
        happened = f"{(at - dt.timedelta(minutes=30)).astimezone(zone()):%Y-%m-%dT%H:%M}"
        answers = {**story["answers"], "happened_at": happened}
        case = start_report(answers, call=story.get("call"), actor=self._actor(story["by"], at), at=at).case
        self._steps(case, story, at, draft={"happened_at": happened, "text": story["answers"]["text"]})

    def call(self, story: Mapping[str, Any]) -> None:
        """A call from dispatch with its steps, and what was done in the report that it became."""
        at = self._then(story["days_ago"], story["hour"])
        sent = {name: story[name] for name in HANDED if name in story}
        new = NewCall(happened_at=at - dt.timedelta(minutes=5), **sent)
        row = take_call(new, source="Demo dispatch", actor=SYSTEM, at=at).call
        self._steps(row.case, story, at)
        row.refresh_from_db()
        if row.report:
            happened = f"{row.happened_at.astimezone(zone()):%Y-%m-%dT%H:%M}"
            draft = {"happened_at": happened, "text": story["text"], "told": story["text"]}
            told = {"steps": story["report"], "hour": story["hour"] + 1}
            self._steps(row.report.case, told, at + dt.timedelta(minutes=30), draft=draft)

    def _steps(
        self, case: Case, story: Mapping[str, Any], at: dt.datetime, *, draft: Mapping[str, Any] | None = None
    ) -> None:
        for number, (days, by, step, data) in enumerate(story["steps"], 1):
            then = min(max(self._then(days, story["hour"]), at) + dt.timedelta(minutes=7 * number), self._now)
            given: dict[str, Any] = {
                name: self._bodies[value] if name == "organisation" else value for name, value in data.items()
            }
            if "photo" in given:
                given["photos"] = [self._photo(given.pop("photo"), then)]
            if step == "write":
                given = {**(draft or {}), **given}
            case = Case.objects.get(pk=case.pk)
            act(case, step, data=given, actor=self._actor(by, then), at=then)

    def _photo(self, scene: str, at: dt.datetime) -> str:
        return files.accept(f"{scene}.jpg", draw(scene), at=at)

    def _actor(self, by: str, at: dt.datetime) -> Actor:
        return actor_for(self._users[by], at=at)

    def _then(self, days: int, hour: int) -> dt.datetime:
        day = self._now.astimezone(zone()).date() - dt.timedelta(days=days)
        then = dt.datetime.combine(day, dt.time(hour), zone()).astimezone(dt.UTC)
        return min(then, self._now - dt.timedelta(hours=1))
