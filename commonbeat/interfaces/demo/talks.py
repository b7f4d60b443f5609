"""The demo's mediations: neighbours who were asked, who agreed, whom nobody reached; what was settled on the spot."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.models import Case
from commonbeat.cases.returning import reporter_actor
from commonbeat.core.actor import ANONYMOUS, SYSTEM
from commonbeat.interfaces.demo.staging import Staging
from commonbeat.journal.deliver import send_due
from commonbeat.kinds.conference.deeds import refer
from commonbeat.kinds.mediation.actions import settle_on_the_spot
from commonbeat.talks.agreeing import EVERYBODY, points_of
from commonbeat.talks.models import Session
from commonbeat.talks.sides import sides_of

_NAMESPACE = uuid.UUID("7a1f5d0e-2f0b-5a7c-8d27-5d0a3c9b1f42")


def play_talks(folder: Path, *, now: dt.datetime) -> None:
    """Let every mediation happen up to `now`, in one transaction of the caller."""
    told = json.loads((folder / "mediations.json").read_text(encoding="utf-8"))
    stage = Stage(json.loads((folder / "cast.json").read_text(encoding="utf-8")), now)
    for row in told["quick_years"]:
        for number in range(row["count"]):
            stage.past(row, number)
    for row in told["quick"]:
        stage.quick(row["given"], by=row["by"], area=row["area"], at=stage.ago(row["days_ago"], 18))
    for row in told["talks"]:
        stage.mediation(row)
    for row in told["conferences"]:
        stage.conference(row)
    send_due(at=now)


class Stage(Staging):
    """What happens in these stories."""

    def quick(self, given: Mapping[str, Any], *, by: str, area: str, at: dt.datetime) -> None:
        """Something that was settled on the street."""
        number = uuid.uuid5(_NAMESPACE, f"{at.isoformat()} {by} {given['text']}")
        settle_on_the_spot({**given, "area": self._areas.get(area)}, actor=self._actor(by, at), at=at, client_id=number)

    def past(self, row: Mapping[str, Any], number: int) -> None:
        """One of the year before: public numbers count it."""
        year = self._now.astimezone(self._zone).year - row["years_ago"]
        at = dt.datetime(year, 1 + number % 12, 3 + number, 17, tzinfo=self._zone)
        given = {"text": f"Settled in the street in {year}.", "about": row["about"], "outcome": row["outcome"],
                 "agreed": "They keep to it." if row["outcome"] == "agreement" else ""}  # fmt: skip
        self.quick(given, by=row["by"], area="", at=at)

    def conference(self, row: Mapping[str, Any]) -> None:
        """A restorative conference, as far as it has come."""
        opened = self.ago(row["days_ago"], row["hour"])
        given = row["given"] | {"area": self._areas.get(row["area"])}
        number = uuid.uuid5(_NAMESPACE, f"{opened.date()} {row['given']['text']}")
        case = refer(given, actor=self._actor(row["by"], opened), at=opened, client_id=number).case
        self._play(case, row, opened)

    def mediation(self, row: Mapping[str, Any]) -> None:
        """A mediation, as far as it has come."""
        opened = self.ago(row["days_ago"], row["hour"])
        told_by = "email" if row.get("email") else "call" if row.get("phone") else "none"
        report = Report(
            text=row["text"], answers=row["answers"], area_id=self._areas.get(row["area"]), name=row["name"],
            email=row.get("email", ""), phone=row.get("phone", ""), told_by=told_by, language=row["language"],
            channel=row["channel"],
        )  # fmt: skip
        actor = self._actor(row["by"], opened) if row.get("by") else ANONYMOUS
        number = uuid.uuid5(_NAMESPACE, f"{opened.date()} {row['text']}")
        case = open_case("mediation", report, actor=actor, at=opened, client_id=number).case
        self._play(case, row, opened)

    def _play(self, case: Case, row: Mapping[str, Any], opened: dt.datetime) -> None:
        for place, step in enumerate(row["steps"]):
            at = opened + dt.timedelta(days=step["after_days"], minutes=7 * place + 5)
            if at <= self._now:
                self._act(case, step, at=at)

    def _act(self, case: Case, step: Mapping[str, Any], *, at: dt.datetime) -> None:
        case.refresh_from_db()
        sides = {side.role: side for side in sides_of(case)}
        data = dict(step["data"])
        if "user" in data:
            data["user"] = self._users[data["user"]].pk
        if "side" in data:
            data["side"] = sides[data["side"]].pk
        if "who" in data and data["who"] != EVERYBODY:
            data["who"] = sides[data["who"]].pk
        if "point" in data:
            data["point"] = points_of(case)[data["point"]].pk
        if "sides" in data:
            data["sides"] = [str(sides[one].pk) for one in data["sides"]]
        if step["step"] == "plan":
            starts = at + dt.timedelta(days=data.pop("starts_in_days"))
            data["starts"] = starts.astimezone(self._zone).strftime("%Y-%m-%dT18:00")
        if step["step"] == "hold":
            data |= {
                "session": Session.objects.get(case=case, held_at=None).pk,
                "came": [str(sides[one].pk) for one in data["came"]],
            }
        by = step["by"]
        actor = SYSTEM if by == "system" else (
            reporter_actor(sides[by].participant) if by in sides else self._actor(by, at)
        )  # fmt: skip
        act(case, step["step"], data=data, actor=actor, at=at)
