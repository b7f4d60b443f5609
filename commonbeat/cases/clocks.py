"""The clocks of a case, as a value: started, met, paused while waiting, due in working time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from commonbeat.core.working_time import WorkingCalendar, add_working, working_between

Clocks = dict[str, Any]
"""`{name: {"hours": 24, "due": iso, "met": iso|None, "left": working seconds|None}}`; `left` is set while paused."""


def start(hours: dict[str, float], *, at: dt.datetime, calendar: WorkingCalendar) -> Clocks:
    """Clocks that run from `at`, each due after so many working hours."""
    return {
        name: {
            "hours": h,
            "due": add_working(at, dt.timedelta(hours=h), calendar).isoformat(),
            "met": None,
            "left": None,
        }
        for name, h in hours.items()
    }


def start_until(clocks: Clocks, name: str, due: dt.datetime) -> Clocks:
    """Start a clock that runs to a moment that somebody chose, such as the day by which something is put right."""
    return clocks | {name: {"hours": None, "due": due.isoformat(), "met": None, "left": None}}


def _running(clock: dict[str, Any]) -> bool:
    return clock["met"] is None and clock["left"] is None


def meet(clocks: Clocks, names: Iterable[str], *, at: dt.datetime) -> Clocks:
    """Stop clocks that were answered by now; one already met keeps its first moment."""
    return {
        name: ({**c, "met": at.isoformat(), "left": None} if name in set(names) and c["met"] is None else c)
        for name, c in clocks.items()
    }


def pause(clocks: Clocks, *, at: dt.datetime, calendar: WorkingCalendar) -> Clocks:
    """Stand still while somebody else has to answer; working time that is left is kept (negative when overdue)."""

    def left(clock: dict[str, Any]) -> float:
        due = dt.datetime.fromisoformat(clock["due"])
        if due >= at:
            return working_between(at, due, calendar).total_seconds()
        return -working_between(due, at, calendar).total_seconds()

    return {name: ({**c, "left": left(c)} if _running(c) else c) for name, c in clocks.items()}


def resume(clocks: Clocks, *, at: dt.datetime, calendar: WorkingCalendar) -> Clocks:
    """Run on with the working time that was left; what was overdue is due now."""

    def due(clock: dict[str, Any]) -> str:
        return add_working(at, dt.timedelta(seconds=max(0.0, clock["left"])), calendar).isoformat()

    return {
        name: ({**c, "due": due(c), "left": None} if c["met"] is None and c["left"] is not None else c)
        for name, c in clocks.items()
    }


def restart(clocks: Clocks, name: str, *, at: dt.datetime, calendar: WorkingCalendar) -> Clocks:
    """Start one clock again with its full time, as a reopened case does."""
    if name not in clocks:
        return clocks
    return clocks | start({name: clocks[name]["hours"]}, at=at, calendar=calendar)


def next_due(clocks: Clocks) -> dt.datetime | None:
    """The earliest moment at which a running clock is due."""
    due = [dt.datetime.fromisoformat(c["due"]) for c in clocks.values() if _running(c)]
    return min(due, default=None)
