"""The demo's missing persons, follow-ups and promises, in every state."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from commonbeat.cases import files
from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.models import Case
from commonbeat.cases.promises import end_promise, make_promise
from commonbeat.cases.trusted import add_contact
from commonbeat.core.actor import ANONYMOUS, SYSTEM
from commonbeat.interfaces.demo.pictures import draw
from commonbeat.interfaces.demo.staging import Staging
from commonbeat.journal.deliver import send_due
from commonbeat.kinds.follow_up.models import Referral
from commonbeat.kinds.follow_up.opening import open_follow_up
from commonbeat.kinds.missing.models import Bulletin, Sighting
from commonbeat.kinds.missing.sightings import send

_NAMESPACE = uuid.UUID("3d0f7c52-8a5e-5c1b-9b7a-6f2d41c0e9aa")


def play_care(folder: Path, *, now: dt.datetime) -> None:
    """Let every story happen up to `now`, in one transaction of the caller."""
    stage = Stage(json.loads((folder / "cast.json").read_text(encoding="utf-8")), now)
    for row in json.loads((folder / "missing.json").read_text(encoding="utf-8")):
        stage.missing(row)
    for row in json.loads((folder / "follow_ups.json").read_text(encoding="utf-8")):
        stage.follow_up(row)
    for row in json.loads((folder / "promises.json").read_text(encoding="utf-8")):
        stage.promise(row)
    for row in json.loads((folder / "contacts.json").read_text(encoding="utf-8")):
        stage.contact(row)
    send_due(at=now)


class Stage(Staging):
    """What happens in these stories."""

    def missing(self, row: Mapping[str, Any]) -> None:
        """Somebody is missing: reported, looked for, found."""
        opened = self._now - dt.timedelta(hours=row["hours_ago"])
        photos = (files.accept(f"{row['key']}.jpg", draw(row["photo"]), at=opened),) if "photo" in row else ()
        report = Report(
            text=row["text"], answers={name: self._then(value, opened) for name, value in row["answers"].items()},
            area_id=self._areas[row["area"]], address=row["address"], name=row["name"], email=row.get("email", ""),
            phone=row.get("phone", ""), told_by="email" if row.get("email") else "call", language=row["language"],
            channel=row["channel"], uploads=photos,
        )  # fmt: skip
        actor = self._actor(row["by"], opened) if "by" in row else ANONYMOUS
        case = open_case("missing", report, actor=actor, at=opened, client_id=self._number(row["key"])).case
        act(case, "alarm", data={}, actor=SYSTEM, at=opened)
        self._play(case, row["steps"], since=opened)

    def follow_up(self, row: Mapping[str, Any]) -> None:
        """Somebody was harmed, and is called when and how it is safe."""
        opened = self._now - dt.timedelta(hours=row["hours_ago"])
        answers = dict(row["answers"]) | {"area": str(self._areas[row["area"]])}
        number = self._number(row["key"])
        case = open_follow_up(answers, actor=self._actor(row["by"], opened), at=opened, client_id=number).case
        self._play(case, row["steps"], since=opened)

    def contact(self, row: Mapping[str, Any]) -> None:
        """Somebody agreed to be a contact of an area."""
        at, fields = self._now - dt.timedelta(days=row["days_ago"]), {"days_ago", "by", "area"}
        data = {name: value for name, value in row.items() if name not in fields} | {
            "agreed_on": self._then({"days": 0}, at)
        }
        add_contact(
            data, area_id=self._areas[row["area"]], actor=self._actor(row["by"], at), at=at,
            client_id=self._number(row["name"]),
        )  # fmt: skip

    def promise(self, row: Mapping[str, Any]) -> None:
        """Something was promised; some of it was kept."""
        at = self._now - dt.timedelta(days=row["days_ago"])
        data = {name: row[name] for name in ("text", "to", "where")} | {
            "owner": self._users[row["owner"]].pk, "area": self._areas[row["area"]],
            "due_on": self._then({"days": row["due_in"]}, at),
        }  # fmt: skip
        actor = self._actor(row["by"], at)
        made = make_promise(data, actor=actor, at=at, client_id=self._number(row["text"]))
        if "end" in row:
            end_promise(made, row["end"], actor=actor, at=at + dt.timedelta(days=row["end"]["after_days"]))

    def _play(self, case: Case, steps: Iterable[Mapping[str, Any]], *, since: dt.datetime) -> None:
        for step in steps:
            at = since + dt.timedelta(hours=step["after_hours"])
            if at <= self._now:
                self._go_on(case, step, at=at)

    def _go_on(self, case: Case, step: Mapping[str, Any], *, at: dt.datetime) -> None:
        case.refresh_from_db()
        if "saw" in step:
            bulletin = Bulletin.objects.get(case=case, state=Bulletin.State.PUBLIC)
            number = self._number(f"{case.pk} {step['after_hours']}")
            send(bulletin, step["saw"], client_id=number, photos=(), language="en", danger=None, at=at)
            return
        data = {name: self._then(value, at) for name, value in step["data"].items()}
        if "user" in data:
            data["user"] = self._users[data["user"]].pk
        if "referral" in data:
            data["referral"] = Referral.objects.filter(case=case).order_by("pk")[data["referral"]].pk
        if data.get("photo"):
            data["photo"] = case.files.earliest("pk").pk
        if "sighting" in data:
            data["sighting"] = Sighting.objects.filter(case=case).order_by("pk")[data["sighting"]].pk
        act(case, step["step"], data=data, actor=self._actor(step["by"], at), at=at)

    def _then(self, value: Any, at: dt.datetime) -> Any:
        """`{"days": 3}` is a day, `{"hours": -1}` a day with a time, both counted from `at`."""
        match value:
            case {"days": days}:
                return (at.astimezone(self._zone).date() + dt.timedelta(days=days)).isoformat()
            case {"hours": hours}:
                return f"{(at + dt.timedelta(hours=hours)).astimezone(self._zone):%Y-%m-%dT%H:%M}"
        return value

    @staticmethod
    def _number(key: str) -> uuid.UUID:
        return uuid.uuid5(_NAMESPACE, key)
