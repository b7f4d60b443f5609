"""When the next wave of a survey is due, and which are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from commonbeat.evidence.periods import month_after
from commonbeat.evidence.surveys.models import SurveySeries

SOON = dt.timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """A wave that has to come: `soon` within a month, `late` when its day has passed."""

    series: SurveySeries
    on: dt.date
    soon: bool
    late: bool


def next_wave(series: SurveySeries, *, today: dt.date) -> Due | None:
    """The day by which the next wave should be asked; None where a series has no cadence or no wave."""
    days = [wave.last_on for wave in series.waves.all() if wave.content]
    if not series.every_months or not days:
        return None
    last = max(days)
    first = month_after(last.replace(day=1), series.every_months)
    end = month_after(first, 1) - dt.timedelta(days=1)
    on = first.replace(day=min(last.day, end.day))
    return Due(series, on, today <= on <= today + SOON, on < today)


def pressing(*, today: dt.date) -> list[Due]:
    """Waves that are late or due within a month, the latest first."""
    rows = SurveySeries.objects.filter(retired_at=None, every_months__isnull=False).prefetch_related("waves")
    found = [due for series in rows if (due := next_wave(series, today=today)) and (due.soon or due.late)]
    return sorted(found, key=lambda due: due.on)
