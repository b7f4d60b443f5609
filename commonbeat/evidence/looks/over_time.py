"""Looks over time: months beside what earlier years lead to expect, and hours of the week."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.looks.asking import (
    LOOKS,
    Ask,
    CannotLook,
    Look,
    Shown,
    cautions,
    is_incidents,
    left_out,
    number,
)

_EARLIER = 5
_REACH = 1.96
_MEDIAN_OF_CHI2 = 0.4549
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))


def trend(ask: Ask) -> Shown:
    """Months, and the range in which earlier years lead to expect them: their mean, give or take their scatter."""
    if ask.is_share:
        return _share_trend(ask)
    counts, months = ask.seen.n.sum(axis=0), ask.seen.months
    expected, low, high = expected_range(counts)
    expected, low, high = (np.where(ask.whole, line, np.nan) for line in (expected, low, high))
    days = [months.first_day(index) for index in range(months.count)]
    rows = [
        [date_format(day, "F Y"), int(counts[i]), *([None] * 3 if np.isnan(expected[i]) else
         [round(float(expected[i])), round(float(low[i])), round(float(high[i]))]),
         _beside(counts[i], low[i], high[i]) if ask.whole[i] else _("not complete")]
        for i, day in enumerate(days)
    ]  # fmt: skip
    columns = [_("Month"), _(ask.measure.noun).capitalize(), _("Expected"), _("from"), _("to"), _("What stands out")]
    values = [{"month": days[i].isoformat(), "n": int(counts[i])} |
              ({} if np.isnan(low[i]) else {"low": float(low[i]), "high": float(high[i])})
              for i in np.flatnonzero(ask.whole)]  # fmt: skip
    return Shown(
        _say_trend(ask, counts, expected, low, high), columns, rows[::-1], _lines(values, ask.unit), ask.seen.events,
        ask.period, left_out(ask), cautions(ask), frozenset({1, 2, 3, 4}), 24,
    )  # fmt: skip


def expected_range(counts: Any) -> tuple[Any, Any, Any]:
    """What earlier years lead to expect of each month: the twelve months before it, times the month's usual share.

    The usual share is that of up to five earlier years, each beside the twelve months before it, so a slow rise or
    fall is carried on. The range holds 95 of 100 months if the scatter stays as it was, never less than Poisson's.
    NaN where there are not two years before.
    """
    n = len(counts)
    expected = np.full(n, np.nan)
    before = np.concatenate([[0.0], np.cumsum(counts)])
    year = np.array([before[m] - before[m - 12] if m >= 12 else np.nan for m in range(n)])
    for month in range(24, n):
        earlier = [m for m in range(month - 12, 11, -12)][:_EARLIER]
        shares = [counts[m] / year[m] for m in earlier if year[m] > 0]
        if shares:
            expected[month] = np.mean(shares) * year[month]
    known = ~np.isnan(expected)
    if not known.any():
        return expected, expected, expected
    scale = np.maximum(expected[known], 1)
    spread = max(1.0, float(np.median((counts[known] - expected[known]) ** 2 / scale) / _MEDIAN_OF_CHI2))
    reach = np.full(n, np.nan)
    reach[known] = _REACH * np.sqrt(spread * scale)
    return expected, np.maximum(expected - reach, 0), expected + reach


def _beside(count: float, low: float, high: float) -> str:
    if np.isnan(low):
        return ""
    return _("more than expected") if count > high else _("fewer than expected") if count < low else ""


def _say_trend(ask: Ask, counts: Any, expected: Any, low: Any, high: Any) -> str:
    whole = np.flatnonzero(ask.whole)
    noun, last = _(ask.measure.noun), int(whole[-1]) if len(whole) else ask.seen.months.count - 1
    month = date_format(ask.seen.months.first_day(last), "F Y")
    if np.isnan(expected[last]):
        return _("In %(month)s there were %(n)s %(noun)s. Two earlier years are needed to say what was expected.") % {
            "month": month, "n": number(counts[last]), "noun": noun,
        }  # fmt: skip
    values = {"month": month, "n": number(counts[last]), "noun": noun, "low": number(low[last]),
              "high": number(high[last])}  # fmt: skip
    if counts[last] > high[last]:
        return _("In %(month)s there were %(n)s %(noun)s, more than the expected %(low)s to %(high)s.") % values
    if counts[last] < low[last]:
        return _("In %(month)s there were %(n)s %(noun)s, fewer than the expected %(low)s to %(high)s.") % values
    return _("In %(month)s there were %(n)s %(noun)s, within the expected %(low)s to %(high)s.") % values


def _lines(values: list[dict[str, Any]], title: str) -> dict[str, Any]:
    x = {"field": "month", "type": "temporal", "title": None}
    band = {"transform": [{"filter": "isValid(datum.low)"}],
            "mark": {"type": "area", "color": "#b5d0ea", "opacity": 0.7},
            "encoding": {"x": x, "y": {"field": "low", "type": "quantitative", "title": title},
                         "y2": {"field": "high"}}}  # fmt: skip
    line = {"mark": {"type": "line", "color": "#123f6e", "point": {"color": "#123f6e", "size": 14}},
            "encoding": {"x": x, "y": {"field": "n", "type": "quantitative", "scale": {"zero": True}}}}  # fmt: skip
    return {"width": 620, "height": 280, "data": {"values": values}, "layer": [band, line]}


def _share_trend(ask: Ask) -> Shown:
    months, behind = ask.seen.months, ask.seen.n.sum(axis=0)
    met = (ask.seen.value * ask.seen.n).sum(axis=0)
    known = np.flatnonzero(behind)
    share = {int(i): float(100 * met[i] / behind[i]) for i in known}
    rows = [[date_format(months.first_day(i), "F Y"), round(share[i], 1), int(behind[i])] for i in reversed(share)]
    values = [{"month": months.first_day(i).isoformat(), "n": value} for i, value in share.items()]
    whole = float(100 * met.sum() / behind.sum())
    sentence = _("From %(period)s, %(share)s percent: %(met)s of %(n)s (%(noun)s).") % {
        "period": ask.period, "share": number(whole, 1), "met": number(met.sum()), "n": number(behind.sum()),
        "noun": _(ask.measure.noun),
    }  # fmt: skip
    columns = [_("Month"), _("Percent"), _("Cases")]
    return Shown(sentence, columns, rows, _lines(values, ask.unit), ask.seen.events, ask.period, left_out(ask), (),
                 frozenset({1, 2}), 24)  # fmt: skip


def clock(ask: Ask) -> Shown:
    """Hours of the week, all areas together."""
    source = ask.source
    if source.precision != "moment":
        raise CannotLook(_("This source tells the day of an incident, but not the hour."))
    table = hours_of_week(ask)
    days, hours = [_(day) for day in WEEKDAYS], [f"{hour:02}" for hour in range(24)]
    rows = [[days[day], *(int(n) for n in table[day])] for day in range(7)]
    values = [{"day": days[day], "hour": hours[hour], "n": int(table[day, hour])} for day in range(7) for hour in
              range(24)]  # fmt: skip
    top = np.unravel_index(int(table.argmax()), table.shape)
    night = table[:, 22:].sum() + table[:, :4].sum()
    sentence = _("From %(period)s, most %(noun)s fell on %(day)s between %(hour)s and %(next)s o'clock; %(share)s percent fell between 22 and 4 o'clock.") % {  # noqa: E501
        "period": ask.period, "noun": _(ask.measure.noun), "day": days[int(top[0])], "hour": int(top[1]),
        "next": int(top[1]) + 1, "share": number(100 * night / max(table.sum(), 1)),
    }  # fmt: skip
    spec = {
        "width": 620, "height": 220, "data": {"values": values}, "mark": {"type": "rect", "stroke": "white"},
        "encoding": {
            "x": {"field": "hour", "type": "nominal", "title": _("Hour"), "axis": {"labelAngle": 0}},
            "y": {"field": "day", "type": "nominal", "sort": days, "title": None},
            "color": {"field": "n", "type": "quantitative", "title": _(ask.measure.noun), "scale": {"scheme": "blues"}},
        },
    }  # fmt: skip
    midnight = table[:, 0].sum()
    odd = [_("Midnight stands for “time not known” in many systems. Look whether that hour stands out.")]
    return Shown(sentence, [_("Day"), *hours], rows, spec, int(table.sum()), ask.period, left_out(ask),
                 [*(odd if midnight > 1.5 * table.sum() / 24 else []), *cautions(ask)],
                 frozenset(range(1, 25)))  # fmt: skip


def hours_of_week(ask: Ask) -> Any:
    """Events by weekday (Monday first) and hour, inside the areas."""
    from commonbeat.evidence import counting

    source, months = ask.source, ask.seen.months
    facts = counting.connect().read_parquet(counting.facts_of(source.slug, source.content, ask.areas))
    rows = counting.chosen(facts, chosen_categories(ask), months.start, months.end)
    found = counting.by_hour_of_week(rows).to_pyarrow()
    table = np.zeros((7, 24))
    table[found["day"].to_numpy(), found["hour"].to_numpy()] = found["n"].to_numpy()
    return table


def chosen_categories(ask: Ask) -> tuple[str, ...] | None:
    """The categories that the measure counts; None for all."""
    from commonbeat.evidence.models import CountedMeasure

    row = CountedMeasure.objects.filter(slug=ask.measure.slug).first()
    return tuple(row.categories) or None if row else None


LOOKS.add(Look("trend", N_("Trend"), N_("Months, beside what earlier years lead to expect."), trend))
LOOKS.add(Look("clock", N_("Time of week"), N_("On which days and at which hours."), clock, is_incidents))
