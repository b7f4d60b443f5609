"""Draws the series of an effect with Altair. Imported only when somebody asks for a picture."""

from __future__ import annotations

import math
from typing import Any

import altair as alt

from .effect import Effect, Series


def chart(effect: Effect, axis: str | None = None) -> alt.TopLevelMixin:
    """Lines with their intervals; shape and dash differ with the colour, so that nothing relies on it alone."""
    axes = list(dict.fromkeys(series.axis for series in effect.series))
    if not axes:
        raise LookupError(f"The design “{effect.design}” has no series to draw.")
    chosen = axis or axes[0]
    if chosen not in axes:
        raise LookupError(f"There is no axis “{chosen}”. Axes: {', '.join(axes)}.")
    drawn = [series for series in effect.series if series.axis == chosen]
    order = list(dict.fromkeys(at for series in drawn for at in series.at))
    rows = [row for series in drawn for row in _rows(series)]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("at:N", sort=order, title=None, axis=alt.Axis(labelOverlap=True)),
        color=alt.Color("series:N", title=None),
    )
    value = alt.Y("value:Q", title=effect.outcome if chosen == "outcome" else None, scale=alt.Scale(zero=False))
    band = base.mark_area(opacity=0.2).encode(y="low:Q", y2="high:Q").transform_filter("isValid(datum.low)")
    line = base.mark_line(point=True).encode(y=value, strokeDash=alt.StrokeDash("series:N", title=None))
    layers = alt.layer(band, line).properties(width=560, height=280, title=effect.estimand.said())
    return layers


def _rows(series: Series) -> list[dict[str, Any]]:
    bounds = series.low and series.high
    return [
        {
            "series": series.label.said(),
            "at": at,
            "value": _number(series.values[i]),
            "low": _number(series.low[i]) if bounds else None,
            "high": _number(series.high[i]) if bounds else None,
        }
        for i, at in enumerate(series.at)
    ]


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
