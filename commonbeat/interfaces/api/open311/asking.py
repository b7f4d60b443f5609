"""What a program asks for: parameters read strictly, where empty means absent; whatever is wrong is said at once."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonbeat.community.agency import current
from commonbeat.interfaces.api.open311.replies import Refused

MOST = 1000
SPAN = dt.timedelta(days=90)
_YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of one request."""

    given: QueryDict

    def all(self, name: str) -> list[str]:
        """Every value of a parameter that is not empty."""
        values = [value.strip() for value in self.given.getlist(name)]
        if any("\x00" in value for value in values):
            raise Refused(400, _("%(name)s contains a null character. Remove it.") % {"name": name})
        return [value for value in values if value]

    def one(self, name: str) -> str:
        """The last value of a parameter; empty when it was not given."""
        values = self.all(name)
        return values[-1] if values else ""

    def many(self, name: str) -> list[str]:
        """The values of a list, separated by commas or sent several times."""
        parts = [part.strip() for value in self.all(name) for part in value.split(",")]
        return list(dict.fromkeys(part for part in parts if part))

    def number(self, name: str, *, low: float, high: float) -> float | None:
        """A number within bounds, or None."""
        text = self.one(name)
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise Refused(
                400, _("%(name)s is a number from %(low)s to %(high)s.") % {"name": name, "low": low, "high": high}
            )
        return value

    def whole(self, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number within bounds."""
        text = self.one(name)
        if not text:
            return default
        value = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else low - 1
        if not low <= value <= high:
            raise Refused(
                400,
                _("%(name)s is a whole number from %(low)s to %(high)s.") % {"name": name, "low": low, "high": high},
            )
        return value

    def moment(self, name: str, *, ends: bool = False) -> dt.datetime | None:
        """A moment in W3C date format; a day alone is the agency's day, and as an end it includes that day.

        Bounds count in whole seconds, as answers do: an end includes its second.
        """
        text = self.one(name)
        if not text:
            return None
        try:
            return _moment(text, ends=ends)
        except (ValueError, OverflowError):
            said = _("%(name)s is a moment such as 2026-03-14T09:30:00Z, or a day such as 2026-03-14.")
            raise Refused(400, said % {"name": name}) from None

    def window(self, first: str, last: str) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Both ends of a time span of at most 90 days; one end alone gives 90 days from or until it."""
        start, end = self.moment(first), self.moment(last, ends=True)
        if start and end:
            if end <= start:
                raise Refused(400, _("%(last)s lies before %(first)s. Exchange them.") % {"first": first, "last": last})
            if end - start > SPAN + dt.timedelta(days=1):
                said = _(
                    "The time from %(first)s to %(last)s is longer than 90 days. Ask for shorter spans, one by one."
                )
                raise Refused(400, said % {"first": first, "last": last})
        elif start:
            end = start + SPAN
        elif end:
            start = end - SPAN
        return start, end


def _moment(text: str, *, ends: bool) -> dt.datetime:
    if "T" in text.upper():
        if " " in text:  # a “+” that nobody encoded
            text = text.replace(" ", "+")
        value = dt.datetime.fromisoformat(text)
        if value.year not in _YEARS:
            raise ValueError(text)
        value = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(current().timezone))
        whole = ends and value.microsecond == 0
        return value.astimezone(dt.UTC) + (dt.timedelta(seconds=1) if whole else dt.timedelta())
    day = dt.date.fromisoformat(text)
    if day.year not in _YEARS:
        raise ValueError(text)
    day += dt.timedelta(days=1) if ends else dt.timedelta()
    return dt.datetime.combine(day, dt.time(), tzinfo=ZoneInfo(current().timezone)).astimezone(dt.UTC)


def check_jurisdiction(asked: Asked) -> None:
    """Refuse a jurisdiction that is not ours; one alone need not be named."""
    named = asked.one("jurisdiction_id")
    if named and named.casefold() != current().jurisdiction.casefold():
        said = _("This is not the jurisdiction “%(named)s” but “%(ours)s”.")
        raise Refused(404, said % {"named": named[:80], "ours": current().jurisdiction})


def instant(value: dt.datetime | None) -> str | None:
    """A moment as Open311 writes it: UTC in whole seconds."""
    return None if value is None else value.astimezone(dt.UTC).isoformat()[:19] + "Z"
