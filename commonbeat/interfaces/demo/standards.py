"""The demo's complaints and commendations: a few that are being worked, and the years that public numbers count."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.returning import reporter_actor
from commonbeat.core.actor import ANONYMOUS, Actor
from commonbeat.interfaces.demo.staging import Staging
from commonbeat.journal.deliver import send_due
from commonbeat.kinds.complaint import lessons
from commonbeat.kinds.complaint.deeds import standing
from commonbeat.kinds.complaint.models import Recommendation

_NAMESPACE = uuid.UUID("c1b6b1de-6a1e-5f0e-9c53-0d0a4b0e5b7a")
LOOKS_INTO = "pat"


def play_standards(folder: Path, *, now: dt.datetime) -> None:
    """Let every complaint and commendation happen up to `now`, in one transaction of the caller."""
    told = json.loads((folder / "standards.json").read_text(encoding="utf-8"))
    stage = Stage(json.loads((folder / "cast.json").read_text(encoding="utf-8")), now)
    for row in told["years"]:
        for number in range(row["count"]):
            stage.past(row, number)
    for row in told["complaints"]:
        stage.complaint(row)
    for row in told["commendations"]:
        stage.commendation(row)
    send_due(at=now)


class Stage(Staging):
    """What happens in these stories."""

    def complaint(self, row: Mapping[str, Any]) -> None:
        """One that is being worked, as far as it has come."""
        opened = self.ago(row["days_ago"], row["hour"])
        case = self._open("complaint", row, at=opened)
        for step in row["steps"]:
            at = opened + dt.timedelta(days=step["after_days"])
            if at <= self._now:
                self._act(case, step, at=at)
        answer = row.get("recommendation")
        at = opened + dt.timedelta(days=answer["after_days"]) if answer else self._now
        if answer and at <= self._now:
            lesson = Recommendation.objects.get(case=case)
            given = {"answer": answer["answer"], "text": answer["text"]}
            lessons.answer(lesson, data=given, version=1, actor=self._actor(answer["by"], at), at=at)

    def commendation(self, row: Mapping[str, Any]) -> None:
        """Thanks, approved where somebody has read them."""
        opened = self.ago(row["days_ago"], row["hour"])
        case, approve = self._open("commendation", row, at=opened), row.get("approve")
        at = opened + dt.timedelta(days=approve["after_days"]) if approve else self._now
        if approve and at <= self._now:
            officers = [str(self._users[name].pk) for name in approve["officers"]]
            data = {"officers": officers, "words": row["text"], "public": approve["public"], "tell": True}
            act(case, "approve", data=data, actor=self._actor(approve["by"], at), at=at)

    def past(self, row: Mapping[str, Any], number: int) -> None:
        """One of an earlier year, short: public numbers count it."""
        year = self._now.astimezone(self._zone).year - row["years_ago"]
        opened = dt.datetime(year, 1 + number * 2 % 10, 3 + number, 10, tzinfo=self._zone)
        text = f"Taken over from the paper file of {year}."
        case = self._open("complaint", {"text": text, "answers": {"behalf": "self"}, "channel": "paper"},
                          at=opened, key=json.dumps([row, number], sort_keys=True))  # fmt: skip
        steps: tuple[dict[str, Any], ...] = (
            {"step": "classify", "data": {"level": row["level"]}},
            {"step": "allege", "data": {"allegation": row["allegation"], "described": "on paper", "text": text}},
            {"step": "find", "data": {"which": 0, "finding": row["finding"], "reason": "See the paper file."}},
            {"step": "decide", "data": {"message": "See the letter in the paper file."}},
        )  # fmt: skip
        for days, step in enumerate(steps, start=1):
            self._act(case, {"by": LOOKS_INTO, **step}, at=opened + dt.timedelta(days=days * 9))

    def _open(self, kind: str, row: Mapping[str, Any], *, at: dt.datetime, key: str = "") -> Case:
        told_by = "email" if row.get("email") else "call" if row.get("phone") else "none"
        report = Report(
            text=row["text"], answers=row["answers"], area_id=self._areas.get(row.get("area", "")),
            name=row.get("name", ""), email=row.get("email", ""), phone=row.get("phone", ""), told_by=told_by,
            language=row.get("language", "en"), channel=row["channel"],
        )  # fmt: skip
        actor = self._actor(row["by"], at) if row.get("by") else ANONYMOUS
        number = uuid.uuid5(_NAMESPACE, key or f"{at.date()} {row['text']}")
        return open_case(kind, report, actor=actor, at=at, client_id=number).case

    def _act(self, case: Case, step: Mapping[str, Any], *, at: dt.datetime) -> None:
        data = dict(step["data"])
        for name in {"user", "officer"} & data.keys():
            data[name] = str(self._users[data[name]].pk)
        if "which" in data:
            data["which"] = str(standing(case.pk)[data["which"]].pk)
        if step["step"] == "interview":
            data["held_at"] = (at - dt.timedelta(hours=2)).astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")
        case.refresh_from_db()
        act(case, step["step"], data=data, actor=self._doer(step["by"], case, at), at=at)

    def _doer(self, name: str, case: Case, at: dt.datetime) -> Actor:
        if name == "reporter":
            return reporter_actor(Participant.objects.get(case=case, role=Participant.Role.REPORTER))
        return self._actor(name, at)
