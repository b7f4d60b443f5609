"""Draws the series of an effect with Altair. Imported only when somebody asks for a picture."""

from __future__ import annotations

import math
import textwrap
from typing import Any

import altair as alt

from .effect import Effect, Series
from .phrase import Translate, as_written

COLOURS = ("#005ea2", "#c05600", "#146947", "#6f3331")
"""Dark enough on white for lines and text."""


def chart(effect: Effect, axis: str | None = None, translate: Translate = as_written) -> alt.TopLevelMixin:
    """Lines with their intervals; shape and dash differ with the colour, so that nothing relies on it alone."""
    axes = list(dict.fromkeys(series.axis for series in effect.series))
    if not axes:
        raise LookupError(f"The design “{effect.design}” has no series to draw.")
    chosen = axis or axes[0]
    if chosen not in axes:
        raise LookupError(f"There is no axis “{chosen}”. Axes: {', '.join(axes)}.")
    drawn = [series for series in effect.series if series.axis == chosen]
    order = list(dict.fromkeys(at for series in drawn for at in series.at))
    rows = [row for series in drawn for row in _rows(series, translate)]
    names = [series.label.said(translate) for series in drawn]
    colours = alt.Scale(domain=names, range=[COLOURS[i % len(COLOURS)] for i in range(len(names))])
    legend = alt.Legend(orient="top", columns=1, labelLimit=0, symbolType="stroke", symbolStrokeWidth=2, symbolSize=300)
    x = alt.X("at:N", sort=order, title=None, axis=alt.Axis(labelOverlap=True))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    value = alt.Y("value:Q", title=effect.outcome if chosen == "outcome" else None, scale=alt.Scale(zero=False))
    line = base.mark_line(point=True).encode(
        y=value,
        color=alt.Color("series:N", title=None, scale=colours, legend=legend),
        strokeDash=alt.StrokeDash("series:N", title=None, scale=alt.Scale(domain=names), legend=legend),
    )
    layers = [*_bands(drawn, x), line, *_rules(effect, chosen, order, x)]
    title = alt.TitleParams(textwrap.wrap(_capital(effect.estimand.said(translate)), 90), anchor="start", fontSize=12)
    return alt.layer(*layers).properties(width=560, height=280, title=title)


def _bands(drawn: list[Series], x: alt.X) -> list[alt.Chart]:
    """The interval of each series; a colour without an encoding, so that the legend shows the lines alone."""
    return [
        alt.Chart(alt.InlineData(values=_rows(series, as_written)))
        .mark_area(opacity=0.2, color=COLOURS[number % len(COLOURS)])
        .encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
        for number, series in enumerate(drawn)
        if series.low
    ]


def _rules(effect: Effect, axis: str, order: list[str], x: alt.X) -> list[alt.Chart]:
    """A line where the programme starts, and one at “no difference” where effects are shown."""
    rules = []
    if effect.start in order:
        start = alt.Chart(alt.InlineData(values=[{"at": effect.start}]))
        rules.append(start.mark_rule(strokeWidth=1, color="gray").encode(x=x))
    if axis == "effect":
        nothing = alt.Chart(alt.InlineData(values=[{"value": effect.scale.nothing}]))
        rules.append(nothing.mark_rule(strokeWidth=1, color="gray").encode(y="value:Q"))
    return rules


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rows(series: Series, translate: Translate) -> list[dict[str, Any]]:
    bounds = series.low and series.high
    return [
        {
            "series": series.label.said(translate),
            "at": at,
            "value": _number(series.values[i]),
            "low": _number(series.low[i]) if bounds else None,
            "high": _number(series.high[i]) if bounds else None,
        }
        for i, at in enumerate(series.at)
    ]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
