"""Plays the demo's worked concerns through the product's own verbs, at the moments at which they happened."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from commonbeat.cases.actions import Report, act, open_case
from commonbeat.cases.admin_tasks import add_admin_task, finish_admin_task
from commonbeat.cases.categories import by_code
from commonbeat.cases.files import accept
from commonbeat.cases.models import Case, CaseFile, Participant
from commonbeat.cases.tags import Tag
from commonbeat.community.access import actor_for
from commonbeat.community.agency import current, local_day
from commonbeat.community.models import ApiKey, Area, Team, User
from commonbeat.core.actor import ANONYMOUS, SYSTEM, Actor
from commonbeat.interfaces.demo import pictures
from commonbeat.journal import history
from commonbeat.journal.deliver import send_due
from commonbeat.journal.models import Delivery, OutboxMessage
from commonbeat.publishing.following import confirm, follow
from commonbeat.publishing.models import Publication
from commonbeat.publishing.outcomes import edit, publish
from commonbeat.publishing.photos import redact_photo, release_photo

_NAMESPACE = uuid.UUID("2b0f6a52-98a4-5a41-8d0c-6f4f0f1d9a11")
COUNTER = "cso.dalia"
"""Enters what comes by telephone, at the counter, on paper or at a meeting."""


@dataclass(frozen=True)
class Stories:
    """The demo's concerns and the residents who tell them."""

    stories: Sequence[Mapping[str, Any]]
    residents: Mapping[str, Mapping[str, Any]]
    users: Mapping[str, Mapping[str, Any]]
    photos: Sequence[Mapping[str, Any]]
    followers: Sequence[Mapping[str, Any]]
    tags: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, order=True)
class Event:
    """One thing that happens at a moment."""

    at: dt.datetime
    number: int
    do: Callable[[dt.datetime], None] = field(compare=False)


def load_stories(folder: Path) -> Stories:
    """The demo's files about concerns."""

    def read(name: str) -> Any:
        return json.loads((folder / name).read_text(encoding="utf-8"))

    cast = read("cast.json")
    return Stories(
        read("stories.json"),
        {row["key"]: row for row in cast["residents"]},
        {row["username"]: row for row in cast["users"]},
        read("photos.json"),
        read("followers.json"),
        read("tags.json"),
        read("tasks.json"),
    )


def send_until(at: dt.datetime) -> None:
    """Send what fell due before `at`, each at its own moment, as the worker would have done."""
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING, next_at__lte=at)
    while due := waiting.order_by("next_at").values_list("next_at", flat=True).first():
        last = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        send_due(at=due)
        OutboxMessage.objects.filter(pk__gt=last).update(at=due)  # the outbox notes when it ran, not when it was


class Player:
    """Plays every event up to `now` in the order of time, and sends the mail that was due in between.

    Runs inside one transaction, so that an interrupted load leaves no half-told story.
    """

    def __init__(self, stories: Stories, *, now: dt.datetime) -> None:
        self._told, self._now = stories, now
        self._zone = ZoneInfo(current().timezone)
        emails = {row["email"]: username for username, row in stories.users.items()}
        self._users = {emails[u.email]: u for u in User.objects.filter(email__in=emails)}
        self._areas = dict(Area.objects.filter(serves=True, retired_at__isnull=True).values_list("code", "pk"))
        self._teams = dict(Team.objects.values_list("slug", "pk"))
        self._actors: dict[str, Actor] = {}
        self._cases: dict[str, int] = {}
        self._codes: dict[str, str] = {}

    def play(self) -> None:
        """Let everything happen."""
        for tag in self._told.tags:
            history.add(Tag(), tag, actor=SYSTEM, at=self._now)
        for event in self._events():
            send_until(event.at)
            event.do(event.at)
        send_until(self._now)

    def receipt(self) -> tuple[str, str]:
        """Reference and return code of a concern that a resident would want to look at: open, with an answer."""
        for story in reversed(self._told.stories):
            if story["key"] in self._codes and story["state"] in {"waiting", "rechecking"}:
                return Case(pk=self._cases[story["key"]]).reference, self._codes[story["key"]]
        return "", ""

    def _events(self) -> list[Event]:
        events: list[Event] = []

        def add(at: dt.datetime, do: Callable[[dt.datetime], None]) -> None:
            events.append(Event(at, len(events), do))

        for story in self._told.stories:
            opened = self._moment(story)
            add(opened, partial(self._open, story))
            for step in story["steps"]:
                add(opened + dt.timedelta(hours=step["after_hours"]), partial(self._step, story, step))
            for photo in self._photos(story):
                if shown := photo.get("public"):
                    add(opened + dt.timedelta(hours=shown["after_hours"]), partial(self._show_photo, photo))
        for follower in self._told.followers:
            at = self._moment(follower)
            add(at, partial(self._follow, follower))
            add(at + dt.timedelta(minutes=30), partial(self._confirm, follower))
        for task in self._told.tasks:
            add(self._now + dt.timedelta(days=task["offset_days"]), partial(self._task, task))
        return sorted(event for event in events if event.at <= self._now)

    def _moment(self, row: Mapping[str, Any]) -> dt.datetime:
        """Local time of the day that lies `offset_days` from the day of loading."""
        today = self._now.astimezone(self._zone).date()
        day = dt.datetime.combine(today + dt.timedelta(days=row["offset_days"]), dt.time(), self._zone)
        return (day + dt.timedelta(hours=row["hour"])).astimezone(dt.UTC)

    def _photos(self, story: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [photo for photo in self._told.photos if photo["story"] == story["key"]]

    def _actor(self, by: str, case: Case | None, at: dt.datetime) -> Actor:
        if by == "reporter" and case:
            who = Participant.objects.get(case=case, role=Participant.Role.REPORTER)
            return Actor(sort="reporter", case_id=case.pk, participant_id=who.pk)
        if by not in self._actors:  # the cast's roles do not change in these two months
            self._actors[by] = actor_for(self._users[by], at=at)
        return self._actors[by]

    def _opener(self, channel: str, at: dt.datetime) -> Actor:
        if channel == "web":
            return ANONYMOUS
        if channel == "open311":
            key = ApiKey.objects.order_by("pk").first()
            return Actor(sort="key", name=key.name, key_id=key.pk) if key else ANONYMOUS
        return self._actor(COUNTER, None, at)

    def _open(self, story: Mapping[str, Any], at: dt.datetime) -> None:
        who = self._told.residents.get(story["contact"], {})
        known = by_code(story["category"])
        if known is None:
            raise LookupError(f"Story {story['key']} names an unknown category {story['category']}.")
        point = {"lat": story["lat"], "long": story["long"]} if story.get("lat") is not None else {}
        report = Report(
            category_id=known.row.pk, text=story["description"], address=story.get("address") or "",
            area_id=self._areas[story["area"]], answers=story["answers"], language=story["language"],
            channel=story["channel"], name=who.get("name", ""), email=who.get("email", ""), phone=who.get("phone", ""),
            told_by=who.get("told_by", "none"), **point,
            uploads=tuple(accept(p["name"], pictures.draw(p["scene"]), at=at) for p in self._photos(story)),
        )  # fmt: skip
        opened = open_case(
            "concern", report, actor=self._opener(story["channel"], at), at=at,
            client_id=uuid.uuid5(_NAMESPACE, f"{at.date()} {story['key']}"),
        )  # fmt: skip
        self._cases[story["key"]] = opened.case.pk
        if opened.code and story["contact"] != "anonymous":
            self._codes[story["key"]] = opened.code

    def _step(self, story: Mapping[str, Any], step: Mapping[str, Any], at: dt.datetime) -> None:
        case = Case.objects.get(pk=self._cases[story["key"]])
        actor = self._actor(step["by"], case, at)
        match step["step"]:
            case "draft":
                found = Publication.objects.get(case_number=case.pk)
                edit(found, words=step["data"]["words"], actor=actor, at=at, version=found.version)
            case "publish":
                found = Publication.objects.get(case_number=case.pk)
                publish(found, actor=actor, at=at, version=found.version)
            case slug:
                entry = act(case, slug, data=self._data(step["data"], at), actor=actor, at=at)
                if "key" in step["data"]:
                    self._cases[step["data"]["key"]] = entry.data["child"]

    def _task(self, row: Mapping[str, Any], at: dt.datetime) -> None:
        """A task without a case is made, and done by its owner where the story says so."""
        day = local_day(self._now) + dt.timedelta(days=row["due_days"]) if row["due_days"] is not None else None
        data = {"text": row["text"], "owner": self._users[row["owner"]].pk, "due": day.isoformat() if day else ""}
        task = add_admin_task(data, actor=self._actor(row["by"], None, at), at=at)
        if row.get("done"):
            finish_admin_task(task, actor=self._actor(row["owner"], None, at), at=at + dt.timedelta(days=1))

    def _show_photo(self, photo: Mapping[str, Any], at: dt.datetime) -> None:
        """Cover what is personal, and let the public see the photo."""
        shown = photo["public"]
        row = CaseFile.objects.get(case=self._cases[photo["story"]], name=photo["name"])
        actor = self._actor(shown["by"], None, at)
        if shown["cover"]:
            redact_photo(row, regions=[tuple(region) for region in shown["cover"]], actor=actor, at=at)
        release_photo(row, nothing_personal=not shown["cover"], actor=actor, at=at)

    def _follow(self, follower: Mapping[str, Any], at: dt.datetime) -> None:
        who = self._told.residents[follower["resident"]]
        known = by_code(follower.get("category", ""))
        follow(
            email=who["email"], language=who["language"], at=at, every=follower["every"],
            area=self._areas.get(follower.get("area", "")), category=known.row.pk if known else None,
            case=self._cases.get(follower.get("case", "")),
        )  # fmt: skip

    def _confirm(self, follower: Mapping[str, Any], at: dt.datetime) -> None:
        """Open the link of the mail that asked, as the resident did."""
        to = self._told.residents[follower["resident"]]["email"]
        asked = OutboxMessage.objects.filter(recipient=to, body__contains="/follow/confirm/").latest("pk")
        found = re.search(r"/follow/confirm/([^/\s]+)/", asked.body)
        if found:
            confirm(found[1], at=at)

    def _data(self, data: Mapping[str, Any], at: dt.datetime) -> dict[str, Any]:
        """A step's data with names, and days and hours from then, turned into what the step's form would send."""
        values = {name: self._then(value, at) for name, value in data.items()}
        if "reference" in values:
            values["reference"] = Case(pk=self._cases[values["reference"]]).reference
        if "user" in values:
            values["user"] = self._users[values["user"]].pk
        if "team" in values:
            values["team"] = self._teams[values["team"]]
        if "category" in values and (known := by_code(values["category"])):
            values["category"] = known.row.pk
        return values

    def _then(self, value: Any, at: dt.datetime) -> Any:
        """`{"days": 3}` is a day, `{"hours": -1}` a day with a time, both counted from the step."""
        match value:
            case {"days": days}:
                return (at.astimezone(self._zone).date() + dt.timedelta(days=days)).isoformat()
            case {"hours": hours}:
                return f"{(at + dt.timedelta(hours=hours)).astimezone(self._zone):%Y-%m-%dT%H:%M}"
        return value
