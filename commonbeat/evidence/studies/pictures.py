"""Draws the pictures of a study's report as SVG, in every language of the product. Works without Django."""

from __future__ import annotations

import gettext
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from commonbeat.evidence import stats
from commonbeat.evidence.stats.effect import Effect, Result
from commonbeat.evidence.stats.phrase import N_
from commonbeat.evidence.stats.plot import COLOURS

Say = Callable[[str], str]
WIDTH, HEIGHT = 460, 260
"""Narrow, with large letters, so that a picture can be read on a telephone."""
LETTERS = 14
ROOM = {"left": 30, "right": 12, "top": 8, "bottom": 8}
"""Letters of a browser may be wider than those that were measured."""
LABELS = {
    "treated": N_("Areas with the programme"),
    "scaled": N_("Areas compared with, at the same level before"),
    "first": N_("Named first in the plan"),
    "second": N_("Second opinion"),
    "naive": N_("Mere before and after"),
    "change": N_("Change in percent"),
    "dose": N_("Delivered: {dose}"),
    "rings": N_("Change in events"),
}


def pictures(
    job: Mapping[str, Any], result: Mapping[str, Any], locale: Path, languages: Iterable[str]
) -> dict[str, dict[str, str]]:
    """SVG by language and name. A picture for which there are no numbers is left out."""
    return {language: _drawn(job, result, _speaker(locale, language)) for language in languages}


def _speaker(locale: Path, language: str) -> Say:
    folder = language.replace("-", "_")
    return gettext.translation("django", str(locale), [folder], fallback=True).gettext


def _drawn(job: Mapping[str, Any], result: Mapping[str, Any], say: Say) -> dict[str, str]:
    made: dict[str, alt.TopLevelMixin | None] = {
        "course": _course(job, result["course"], say),
        "estimates": _estimates(job, result, say),
        "dose": _dose(job, result["course"], say),
        "path": _of(result["path"], "effect", say),
        "rings": _rings(result["rings"], say),
        "first": _of(result["first"], None, say),
        "second": _of(result["second"], None, say),
    }
    return {name: _svg(chart) for name, chart in made.items() if chart is not None}


def _svg(chart: alt.TopLevelMixin) -> str:
    styled = (
        chart.configure(background="white", font="sans-serif", padding=ROOM)  # type: ignore[attr-defined]
        .configure_axis(labelFontSize=LETTERS, titleFontSize=LETTERS, titleFontWeight="normal")
        .configure_legend(labelFontSize=LETTERS)
        .configure_title(fontSize=LETTERS, fontWeight="normal")
    )
    spec = styled.to_dict()
    return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


def _result(stored: Mapping[str, Any] | None) -> Result | None:
    return None if stored is None else stats.from_json(json.dumps(stored))


def _of(stored: Mapping[str, Any] | None, axis: str | None, say: Say) -> alt.TopLevelMixin | None:
    found = _result(stored)
    if not isinstance(found, Effect) or not found.series:
        return None
    if axis and axis not in {series.axis for series in found.series}:
        return None
    return found.plot(axis, say).properties(width=WIDTH, height=HEIGHT, title="")  # type: ignore[attr-defined,no-any-return]


def _course(job: Mapping[str, Any], course: Mapping[str, Any], say: Say) -> alt.TopLevelMixin:
    """Totals of the treated areas and of the others, scaled to the same level before the start."""
    names = [say(LABELS["treated"]), say(LABELS["scaled"])]
    rows = [
        {"period": period, "events": value, "series": name}
        for name, values in zip(names, (course["treated"], course["scaled"]), strict=True)
        for period, value in zip(course["periods"], values, strict=True)
        if any(values)
    ]
    legend = alt.Legend(orient="top", columns=1, labelLimit=0, symbolType="stroke", symbolSize=300)
    scale = alt.Scale(domain=names, range=list(COLOURS[:2]))
    x = alt.X("period:N", sort=course["periods"], title=None, axis=alt.Axis(labelOverlap=True))
    line = alt.Chart(alt.InlineData(values=rows)).mark_line().encode(
        x=x, y=alt.Y("events:Q", title=job["names"]["outcome_name"], scale=alt.Scale(zero=True)),
        color=alt.Color("series:N", title=None, scale=scale, legend=legend),
        strokeDash=alt.StrokeDash("series:N", title=None, scale=alt.Scale(domain=names), legend=legend),
    )  # fmt: skip
    layers = [line]
    if course["start"] in course["periods"]:
        start = alt.Chart(alt.InlineData(values=[{"period": course["start"]}]))
        layers.append(start.mark_rule(color="gray").encode(x=x))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def _estimates(job: Mapping[str, Any], result: Mapping[str, Any], say: Say) -> alt.TopLevelMixin | None:
    """Both designs and the naive answer as points with intervals, around “no difference”."""
    shares = dict(result["shares"])
    naive = _result(result["naive"])
    if isinstance(naive, Effect) and naive.percent is not None and naive.percent_interval is not None:
        shares["naive"] = (naive.percent, *naive.percent_interval)
    rows = [
        {"who": say(LABELS[name]), "value": share[0], "low": share[1], "high": share[2]}
        for name in ("first", "second", "naive")
        if (share := shares.get(name)) and all(math.isfinite(value) for value in share)
    ]
    if not rows:
        return None
    y = alt.Y("who:N", sort=[row["who"] for row in rows], title=None, axis=alt.Axis(labelLimit=200))
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=y)
    spread = base.mark_rule(strokeWidth=3, color=COLOURS[0]).encode(
        x=alt.X("low:Q", title=say(LABELS["change"]), axis=alt.Axis(labelOverlap=True, tickCount=5)), x2="high:Q"
    )
    point = base.mark_point(filled=True, size=120, color=COLOURS[0]).encode(x="value:Q")
    zero = alt.Chart(alt.InlineData(values=[{"x": 0}])).mark_rule(color="gray").encode(x="x:Q")
    return alt.layer(zero, spread, point).properties(width=WIDTH - 190, height=50 * len(rows))


def _dose(job: Mapping[str, Any], course: Mapping[str, Any], say: Say) -> alt.TopLevelMixin | None:
    """What was delivered, by period."""
    rows = [
        {"period": period, "amount": amount}
        for period, amount in zip(course["periods"], course["dose"], strict=True)
        if amount is not None
    ]
    if not rows:
        return None
    title = say(LABELS["dose"]).format(dose=job["plan"]["dose"])
    x = alt.X("period:N", sort=course["periods"], title=None, axis=alt.Axis(labelOverlap=True))
    bars = alt.Chart(alt.InlineData(values=rows)).mark_bar(color=COLOURS[2])
    return bars.encode(x=x, y=alt.Y("amount:Q", title=title)).properties(width=WIDTH, height=180)


def _rings(stored: Mapping[str, Any] | None, say: Say) -> alt.TopLevelMixin | None:
    """Change inside and in each ring around, with intervals."""
    found = _result(stored)
    if not isinstance(found, Effect) or not found.series:
        return None
    series = found.series[0]
    names = [say(at) for at in series.at]
    rows = [
        {"ring": name, "value": series.values[n], "low": series.low[n], "high": series.high[n]}
        for n, name in enumerate(names)
    ]
    x = alt.X("ring:N", sort=names, title=None, axis=alt.Axis(labelAngle=0))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    spread = base.mark_rule(strokeWidth=3, color=COLOURS[0]).encode(
        y=alt.Y("low:Q", title=say(LABELS["rings"])), y2="high:Q"
    )
    point = base.mark_point(filled=True, size=120, color=COLOURS[0]).encode(y="value:Q")
    zero = alt.Chart(alt.InlineData(values=[{"y": 0}])).mark_rule(color="gray").encode(y="y:Q")
    return alt.layer(zero, spread, point).properties(width=WIDTH - 60, height=220)
