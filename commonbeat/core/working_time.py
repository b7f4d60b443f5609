"""Working time: how long the office was open between two moments, and when so much of it will have passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

Span: TypeAlias = tuple[dt.time, dt.time]
Pause: TypeAlias = tuple[dt.datetime, dt.datetime | None]

MIDNIGHT: Final = dt.time(0)
WHOLE_DAY: Final[Span] = (MIDNIGHT, MIDNIGHT)
_UTC: Final = ZoneInfo("UTC")
_DAY: Final = dt.timedelta(days=1)
_HORIZON: Final = 366 * 20  # days without a result after which a calendar counts as never open


class NeverOpen(ValueError):
    """The calendar has no opening hours within twenty years, so a deadline cannot be told."""


@dataclass(frozen=True)
class WorkingCalendar:
    """When the office works: weekly opening hours in local time, less the holidays.

    `opening` maps the weekday (0 is Monday) to spans of local times. A span that ends at or before its
    start runs past midnight into the next day, so (22:00, 06:00) is a night shift and (00:00, 00:00) the
    whole day; it belongs to the day it starts on, which is also the day that a holiday takes away.
    Overlapping spans count once.
    """

    opening: Mapping[int, Sequence[Span]]
    holidays: frozenset[dt.date] = field(default_factory=frozenset)
    timezone: ZoneInfo = _UTC
    _days: dict[dt.date, list[tuple[dt.datetime, dt.datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The spans of days that were asked for, since reckoning them takes longer than all the rest."""

    def __post_init__(self) -> None:
        if not set(self.opening) <= set(range(7)):
            raise ValueError(f"weekdays are 0 (Monday) to 6, not {sorted(set(self.opening) - set(range(7)))}")

    @property
    def always_open(self) -> bool:
        """Whether there is no closed moment at all."""
        return not self.holidays and all(WHOLE_DAY in self.opening.get(day, ()) for day in range(7))


def round_the_clock(timezone: ZoneInfo) -> WorkingCalendar:
    """The calendar of a desk that never closes."""
    return WorkingCalendar(opening={day: (WHOLE_DAY,) for day in range(7)}, timezone=timezone)


def is_open(at: dt.datetime, calendar: WorkingCalendar) -> bool:
    """Whether the office works at this moment; the closing moment itself is closed."""
    return any(opens <= at < closes for opens, closes in _open_spans(_aware(at), at + _DAY, calendar))


def next_opening(at: dt.datetime, calendar: WorkingCalendar) -> dt.datetime:
    """The first moment from `at` on at which the office works; `at` itself when it does. Raises NeverOpen."""
    at = _aware(at)
    if calendar.always_open:
        return at
    for opens, closes in _open_spans(at, at + _DAY * _HORIZON, calendar):
        if closes > at:
            return max(opens, at)
    raise NeverOpen("no opening hours")


def add_working(start: dt.datetime, duration: dt.timedelta, calendar: WorkingCalendar) -> dt.datetime:
    """The moment (UTC) at which the office will have worked for `duration` since `start`.

    Real hours are counted, so a shift across a change of clocks has seven or nine. Work that fits to the
    minute is due at closing, not at the next opening; nothing to do is due at once. Cost: a few
    microseconds per day passed. Raises NeverOpen, and ValueError for a naive moment or a negative duration.
    """
    start = _aware(start)
    if duration < dt.timedelta(0):
        raise ValueError("a duration cannot be negative")
    if not duration or calendar.always_open:
        return start + duration
    remaining = duration
    for opens, closes in _open_spans(start, start + _DAY * _HORIZON, calendar):
        opens = max(opens, start)
        if closes - opens >= remaining:
            return opens + remaining
        remaining -= max(closes - opens, dt.timedelta(0))
    raise NeverOpen("too few opening hours")


def working_day_after(day: dt.date, days: int, calendar: WorkingCalendar) -> dt.date:
    """The day that is so many working days later; weekends and holidays don't count. Raises NeverOpen."""
    if calendar.always_open:
        return day + _DAY * days
    if not any(calendar.opening.values()):
        raise NeverOpen("no opening hours")
    while days > 0:
        day += _DAY
        days -= bool(calendar.opening.get(day.weekday())) and day not in calendar.holidays
    return day


def working_between(a: dt.datetime, b: dt.datetime, calendar: WorkingCalendar) -> dt.timedelta:
    """How long the office worked from `a` to `b`; negative when `b` comes first."""
    a, b = _aware(a), _aware(b)
    if b < a:
        return -working_between(b, a, calendar)
    if calendar.always_open:
        return b - a
    worked = dt.timedelta(0)
    for opens, closes in _open_spans(a, b, calendar):
        worked += max(min(closes, b) - max(opens, a), dt.timedelta(0))
    return worked


def due(
    started_at: dt.datetime,
    duration: dt.timedelta,
    calendar: WorkingCalendar,
    paused: Sequence[Pause],
    now: dt.datetime,
) -> dt.datetime:
    """When a clock of `duration` working time runs out, not counting the pauses.

    A pause is (from, to), or (from, None) while it lasts: then the answer moves on with `now`, so a paused
    clock is never overdue unless it ran out before the pause. Pauses may overlap and come in any order.
    """
    cursor, remaining = _aware(started_at), duration
    for begins, ends in sorted((begins, ends or max(begins, now)) for begins, ends in paused):
        if ends <= cursor:
            continue
        worked = max(working_between(cursor, begins, calendar), dt.timedelta(0))
        if worked >= remaining and begins > cursor:
            return add_working(cursor, remaining, calendar)
        remaining -= worked
        cursor = ends
    return add_working(cursor, remaining, calendar)


def _open_spans(a: dt.datetime, b: dt.datetime, calendar: WorkingCalendar) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Disjoint opening spans in UTC, from the day before `a` (its night shift) to the day of `b`."""
    first = a.astimezone(calendar.timezone).date() - _DAY
    last = b.astimezone(calendar.timezone).date()
    reached = dt.datetime.min.replace(tzinfo=dt.UTC)
    day = first
    while day <= last:
        for opens, closes in _spans_of(day, calendar):
            opens = max(opens, reached)
            if closes > opens:
                yield opens, closes
                reached = closes
        day += _DAY


def _spans_of(day: dt.date, calendar: WorkingCalendar) -> list[tuple[dt.datetime, dt.datetime]]:
    """When the office opens and closes on a day, in UTC; every deadline asks for the same few days again."""
    known = calendar._days.get(day)
    if known is None:
        spans = () if day in calendar.holidays else calendar.opening.get(day.weekday(), ())
        known = sorted((_moment(day, span[0], calendar), _end(day, span, calendar)) for span in spans)
        if len(calendar._days) < _HORIZON:
            calendar._days[day] = known
    return known


def _end(day: dt.date, span: Span, calendar: WorkingCalendar) -> dt.datetime:
    return _moment(day + _DAY if span[1] <= span[0] else day, span[1], calendar)


def _moment(day: dt.date, time: dt.time, calendar: WorkingCalendar) -> dt.datetime:
    # fold=0 on both ends: a local time that happens twice means its first, so neighbouring spans still meet,
    # and one that is skipped is the moment at which the clocks jump over it.
    return dt.datetime.combine(day, time, tzinfo=calendar.timezone).astimezone(dt.UTC)


def _aware(at: dt.datetime) -> dt.datetime:
    if at.utcoffset() is None:
        raise ValueError("working time needs moments with a time zone")
    return at.astimezone(dt.UTC)
