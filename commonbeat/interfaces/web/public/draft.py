"""A report while it is being written: everything travels in the form itself, so there is no session and no cookie."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict

from commonbeat.cases.actions import Report
from commonbeat.cases.categories import Known, by_code, is_offered
from commonbeat.cases.danger import Alarm, alarms_of
from commonbeat.core.fields import Field
from commonbeat.core.geography import check_place
from commonbeat.core.personal_data import Finding, find_personal
from commonbeat.interfaces.web.public.alarm import note_shown, shown_before, unanswered

PAGES = ("what", "where", "details", "contact", "summary")
ANSWERS = "a"
UNKNOWN = "unknown"
OWNED: Mapping[str, tuple[str, ...]] = {
    "what": ("q", "category"),
    "where": ("address", "lat", "long", "area"),
    "details": ("text", "photo", "asked"),
    "contact": ("who", "name", "email", "phone", "told", "language", "hidden"),
    "summary": (),
}
"""Which fields belong to which page; the others travel along in hidden inputs."""
CARRIED = ("client_id", "danger", "personal_ok", *(name for names in OWNED.values() for name in names))
_MOST_HIDDEN = 300


class Draft:
    """What has been filled in so far, as it was posted. Nothing here is trusted before `open_case` has checked it."""

    def __init__(self, data: QueryDict) -> None:
        self.data, self._own = data, False
        if not data.get("client_id"):
            self.change("client_id", str(uuid.uuid4()))

    def change(self, name: str, *values: str) -> None:
        """Put other values in place of what was posted under a name."""
        if not self._own:  # what was posted stays as it is
            self.data, self._own = copy(self.data), True
        self.data.setlist(name, list(values))

    def get(self, name: str) -> str:
        """One value without surrounding space."""
        return str(self.data.get(name, "")).strip()

    @property
    def client_id(self) -> uuid.UUID | None:
        """The id that makes sending twice harmless; None when it is not one."""
        try:
            return uuid.UUID(self.get("client_id"))
        except ValueError:
            return None

    @cached_property
    def known(self) -> Known | None:
        """The category, if it is one that can be chosen today."""
        code = self.get("category")
        found = by_code(code) if code else None
        return found if found and is_offered(found) else None

    @property
    def point(self) -> tuple[float, float] | None:
        """The point on the map, in degrees; None when there is none or it is not on the globe."""
        return read_point(self.get("lat"), self.get("long"))

    @property
    def area_id(self) -> int | None:
        """The area from the list; "I don't know" is none."""
        value = self.get("area")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None

    @property
    def language(self) -> str:
        """The language to write to the reporter in, if one of ours was chosen."""
        return self.get("language") if self.get("language") in dict(settings.LANGUAGES) else ""

    @property
    def photos(self) -> list[str]:
        """Tokens of photos that were already sent."""
        return [token for token in self.data.getlist("photo") if token][:20]

    def answers(self) -> dict[str, Any]:
        """The answers to the category's questions, by code, as typed."""
        return {item.code: self._answer(item) for item in (self.known.fields if self.known else ())}

    def _answer(self, item: Field) -> Any:
        values = self.data.getlist(f"{ANSWERS}-{item.code}")
        return values if item.datatype == "multivaluelist" else (values[-1] if values else None)

    def hidden(self, *, without: Iterable[str] = ()) -> list[tuple[str, str]]:
        """Names and values that travel along, except those that the page itself asks for."""
        left_out = set(without)
        skip_answers = "asked" in left_out
        pairs = [
            (name, str(value))
            for name in self.data
            if (name in CARRIED and name not in left_out) or (name.startswith(f"{ANSWERS}-") and not skip_answers)
            for value in self.data.getlist(name)
            if value != "" and isinstance(value, str)
        ]
        return pairs[:_MOST_HIDDEN]

    def newly_asked(self) -> list[str]:
        """Questions that the answers make relevant but that were not on the page: without scripts they come next."""
        answers, shown = self.answers(), set(self.data.getlist("asked"))
        fields = self.known.fields if self.known else ()
        return [f.code for f in fields if f.show_when and f.code not in shown and f.asked(answers)]

    # --- danger -------------------------------------------------------------------------------

    def alarm(self, *, language: str) -> Alarm | None:
        """Signs of danger that were not yet answered with "go on"."""
        return unanswered(self._alarms(language), self.get("danger"))

    def _alarms(self, language: str) -> list[Alarm]:
        return alarms_of(self.known, text=self.get("text"), answers=self.answers(), language=language)

    def may_be_dangerous(self, *, language: str) -> bool:
        """True where a reminder of the emergency number belongs on the page."""
        return bool(self.known and self.known.row.danger != "never") or bool(self._alarms(language))

    def handed_off(self) -> dict[str, Any] | None:
        """The record of the page that showed the emergency number, if it was shown and the reporter went on."""
        return shown_before(self.get("danger"))

    def hand_off(self, alarm: Alarm, *, at: dt.datetime) -> None:
        """Note in the draft that the number is being shown."""
        self.change("danger", note_shown(alarm, self.get("danger"), at=at))

    # --- what may become public -----------------------------------------------------------------

    def personal(self, *, language: str) -> list[Finding]:
        """Personal data in words that may become public, unless the reporter said to leave it."""
        known, text = self.known, self.get("text")
        if not text or (known and known.row.public_text == "none") or self.get("personal_ok") == fingerprint(text):
            return []
        return find_personal(text, language=language)

    def leave_words(self) -> None:
        """Remember that the reporter wants these very words to stay; a change of them is looked at anew."""
        self.change("personal_ok", fingerprint(self.get("text")))

    # --- sending --------------------------------------------------------------------------------

    def report(self, *, language: str) -> Report:
        """The report that this makes; contact details only of the way that was chosen."""
        known, point, who = self.known, self.point, self.get("who")
        reachable = who in {"email", "phone"}
        way = {"email": "email", "phone": "call"}.get(who, "none")
        return Report(
            category_id=known.row.pk if known else None, text=self.get("text"), address=self.get("address"),
            lat=point[0] if point else None, long=point[1] if point else None, area_id=self.area_id,
            answers=self.answers(), name=self.get("name") if reachable else "",
            email=self.get("email") if who == "email" else "", phone=self.get("phone") if who == "phone" else "",
            told_by=way if self.get("told") != "questions" else "none",
            hidden=reachable and self.get("hidden") in {"on", "1", "true"},
            language=self.language or language, uploads=tuple(self.photos), danger=self.handed_off(),
        )  # fmt: skip


def read_point(lat: str, long: str) -> tuple[float, float] | None:
    """Degrees as typed or set by the map; None when they are no place on the globe."""
    try:
        point = float(lat), float(long)
        check_place(*point)
    except ValueError:
        return None
    return point


def fingerprint(text: str) -> str:
    """A short mark of the words that somebody decided to leave as they are."""
    return uuid.uuid5(uuid.NAMESPACE_OID, text).hex[:12]
