"""The demo's meetings: held with minutes, coming, called off, and one whose record is missing."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonbeat.activities import actions, agenda
from commonbeat.activities.coming_of import open_at
from commonbeat.activities.kind import ACTIVITIES
from commonbeat.activities.models import Activity
from commonbeat.activities.recording import key_of, language_field
from commonbeat.cases.actions import Report, act
from commonbeat.cases.categories import by_code
from commonbeat.cases.promises import end_promise
from commonbeat.interfaces.demo.staging import Staging
from commonbeat.journal.deliver import send_due
from commonbeat.publishing import minutes
from commonbeat.publishing.outcomes import publish

_NAMESPACE = uuid.UUID("8f0c5a9e-52d7-5b0e-8a64-0b3a5ad2c7f1")
KIND = "meeting"


def play_meetings(folder: Path, *, now: dt.datetime) -> None:
    """Let every meeting happen up to `now`, the earliest first, in one transaction of the caller."""
    stage = Stage(json.loads((folder / "cast.json").read_text(encoding="utf-8")), now)
    rows = json.loads((folder / "meetings.json").read_text(encoding="utf-8"))
    for row in sorted(rows, key=lambda row: -row["days_ago"]):
        stage.meeting(row)
    send_due(at=now)


class Stage(Staging):
    """What happens around these meetings."""

    def meeting(self, row: Mapping[str, Any]) -> None:
        """Planned, then held, called off, or still to come."""
        starts = self.ago(row["days_ago"], row["hour"])
        at = min(starts - dt.timedelta(days=row["planned_before"]), self._now)
        actor, area = self._actor(row["by"], at), self._areas[row["area"]] if row["area"] else ""
        ends = starts + dt.timedelta(minutes=row["minutes"])
        given = {name: row[name] for name in ("title", "about", "place", "access", "format", "languages")} | {
            "interpreters": row["interpreters"], "area": area, "starts": f"{starts:%Y-%m-%d %H:%M}",
            "ends": f"{ends:%Y-%m-%d %H:%M}", "host": self._users[row["by"]].pk, "language": "en",
            "who": row.get("who", "public"),
        }  # fmt: skip
        made = actions.plan(ACTIVITIES[KIND], given, words=row.get("words", {}), actor=actor, at=at,
                            client_id=uuid.uuid5(_NAMESPACE, row["key"]))  # fmt: skip
        for point in row["agenda"]:
            agenda.add_item(made, point, actor=actor, at=at)
        if "off" in row:
            off = min(at + dt.timedelta(days=row["off"]["after_days"]), self._now)
            actions.call_off(made, {"reason": row["off"]["reason"]}, actor=actor, at=off)
        if "record" in row and ends < self._now:
            self._held(made, row, at=ends + dt.timedelta(hours=1))

    def _held(self, made: Activity, row: Mapping[str, Any], *, at: dt.datetime) -> None:
        """Its record, what came of it, and its minutes."""
        actor, record = self._actor(row["by"], at), row["record"]
        data = {name: record.get(name, "") for name in ("people", "new", "raised", "answered", "note")}
        data |= {language_field(code): n for code, n in record.get("spoke", {}).items()}
        for item in agenda.agenda_of(made, at=at):
            key, text = key_of(item), item.promise.text if item.promise else item.text
            data[f"said_{key}"] = record["said"].get(text, "")
            if text in record.get("results", {}):
                result, said, *reason = record["results"][text]
                data |= {f"result_{key}": result, f"said_{key}": said, f"reason_{key}": " ".join(reason)}
        minutes.record_meeting(made, data, version=made.version, actor=actor, at=at)
        for raised in row.get("concerns", ()):
            self._raised(made, raised, by=row["by"], at=at)
        for one in row.get("promises", ()):
            self._promised(made, one, by=row["by"], at=at)
        self._published(made, row, at=at)

    def _raised(self, made: Activity, row: Mapping[str, Any], *, by: str, at: dt.datetime) -> None:
        known = by_code(row["category"])
        report = Report(category_id=known.row.pk if known else None, text=row["text"], area_id=made.area_id,
                        answers=row["answers"], address=made.place, channel="meeting", told_by="none")  # fmt: skip
        number = uuid.uuid5(_NAMESPACE, row["text"])
        case = open_at(made, "concern", report, actor=self._actor(by, at), at=at, client_id=number).case
        for step in row["steps"]:
            case.refresh_from_db()
            later = at + dt.timedelta(days=step["after_days"])
            act(case, step["step"], data=step["data"], actor=self._actor(by, later), at=later)

    def _promised(self, made: Activity, row: Mapping[str, Any], *, by: str, at: dt.datetime) -> None:
        due = at.astimezone(self._zone).date() + dt.timedelta(days=row["due_in"])
        data = {"text": row["text"], "to": "The neighbors who came", "where": "meeting",
                "due_on": due.isoformat(), "owner": self._users[row["owner"]].pk, "area": made.area_id}  # fmt: skip
        number = uuid.uuid5(_NAMESPACE, row["text"])
        promise = minutes.promised_there(made, data, actor=self._actor(by, at), at=at, client_id=number)
        if "end" in row:
            ended = at + dt.timedelta(days=row["end"]["after_days"])
            end_promise(promise, {"state": row["end"]["state"]}, actor=self._actor(row["owner"], ended), at=ended)

    def _published(self, made: Activity, row: Mapping[str, Any], *, at: dt.datetime) -> None:
        draft = minutes.minutes_of(made)
        if draft is not None and "published_by" in row:
            out = at + dt.timedelta(days=row["published_after"])
            publish(draft, actor=self._actor(row["published_by"], out), at=out, version=draft.version)
