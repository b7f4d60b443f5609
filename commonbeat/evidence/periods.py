"""Periods of a panel: days, weeks from its first day, months, quarters."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from commonbeat.core.text import N_


class Period(StrEnum):
    """How long one column of a panel is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


PERIOD_NAMES = {
    Period.DAY: N_("days"), Period.WEEK: N_("weeks"), Period.MONTH: N_("months"), Period.QUARTER: N_("quarters"),
}  # fmt: skip
_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3}


class BadPeriods(ValueError):
    """The stretch of time cannot be cut so; the message says what to change."""


@dataclass(frozen=True)
class Calendar:
    """`count` periods from `start` on. Weeks begin on the weekday of `start`; months and quarters on the first."""

    start: dt.date
    count: int
    period: Period

    def __post_init__(self) -> None:
        object.__setattr__(self, "period", Period(self.period))
        if self.count < 1:
            raise BadPeriods("At least one period is needed.")
        if self.period in _MONTHS and self.start.day != 1:
            raise BadPeriods(f"A {self.period} begins on the first of a month, not on {self.start.isoformat()}.")
        if self.period == Period.QUARTER and self.start.month % 3 != 1:
            raise BadPeriods("A quarter begins in January, April, July or October.")

    def first_day(self, index: int) -> dt.date:
        """The day on which a period begins; the one after the last tells where the stretch ends."""
        if self.period in _MONTHS:
            return month_after(self.start, index * _MONTHS[self.period])
        return self.start + dt.timedelta(days=index * (7 if self.period == Period.WEEK else 1))

    @property
    def end(self) -> dt.date:
        """The first day after the last period."""
        return self.first_day(self.count)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name of each period that sorts in time's order."""
        days = [self.first_day(index) for index in range(self.count)]
        if self.period == Period.MONTH:
            return tuple(f"{day:%Y-%m}" for day in days)
        if self.period == Period.QUARTER:
            return tuple(f"{day.year}-Q{(day.month + 2) // 3}" for day in days)
        return tuple(day.isoformat() for day in days)

    @property
    def years(self) -> tuple[float, ...]:
        """The middle of each period in years, for what changes slowly."""
        return tuple(_year_of(self.first_day(i) + (self.first_day(i + 1) - self.first_day(i)) / 2)
                     for i in range(self.count))  # fmt: skip


def _year_of(day: dt.date) -> float:
    length = 366 if calendar.isleap(day.year) else 365
    return day.year + (day.timetuple().tm_yday - 1) / length


def month_after(day: dt.date, months: int) -> dt.date:
    """The first of the month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def months_between(first: dt.date, last: dt.date) -> int:
    """How many months a stretch touches, both ends included."""
    return (last.year - first.year) * 12 + last.month - first.month + 1
