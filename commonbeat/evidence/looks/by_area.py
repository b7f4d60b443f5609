"""Looks by area: the map, and areas compared with the whole."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import (
    LOOKS,
    PER,
    Ask,
    CannotLook,
    Look,
    Painted,
    Shown,
    cautions,
    is_count,
    left_out,
    number,
)

_TOLERANCE = 0.0008
_CLASSES = 5
SHADES = ("#e6eff8", "#b5d0ea", "#73a5d4", "#2f6fad", "#123f6e")
_SHOWN = 25
LEGEND = {"orient": "top", "titleLimit": 0, "columns": 3, "labelLimit": 0, "symbolType": "square"}


def outlines(areas: AreaSet, properties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Areas as features in flat coordinates, so that the picture needs no projection."""
    shapes = shapely.simplify(areas.shapes, _TOLERANCE)
    squeeze = float(np.cos(np.radians(np.mean(shapely.total_bounds(shapes)[1::2]))))
    flat = shapely.transform(shapes, lambda points: np.round(points * [squeeze, 1], 4))
    return [
        {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(outline)}
        for outline, told in zip(flat, properties, strict=True)
    ]


def painted_picture(areas: AreaSet, painted: Painted, title: str) -> dict[str, Any]:
    """A map of areas with a legend of their classes."""
    told = [{"class": painted.classes[place][1]} for place in painted.place]
    colour = {
        "field": "properties.class", "type": "nominal", "title": title, "legend": LEGEND,
        "scale": {"domain": [words for _colour, words in painted.classes],
                  "range": [colour for colour, _words in painted.classes]},
    }  # fmt: skip
    return area_picture(areas, told, colour)


def area_picture(areas: AreaSet, told: list[dict[str, Any]], colour: dict[str, Any]) -> dict[str, Any]:
    """A map of areas; `told` has the properties of each, `colour` says how they are filled."""
    return {
        "width": 560, "height": 620, "projection": {"type": "identity", "reflectY": True},
        "data": {"values": outlines(areas, told)},
        "mark": {"type": "geoshape", "stroke": "#5b6468", "strokeWidth": 0.6},
        "encoding": {"color": colour},
    }  # fmt: skip


def features(areas: AreaSet, painted: Painted) -> dict[str, Any]:
    """Areas as GeoJSON, with the class, the colour and the words that a map shows of them. Never a point."""
    shapes = shapely.set_precision(shapely.simplify(areas.shapes, _TOLERANCE / 2), 1e-5, mode="pointwise")
    told = []
    for row, outline, place, said in zip(areas.rows, shapes, painted.place, painted.said, strict=True):
        fill, words = painted.classes[place]
        properties = {"name": row.name, "code": row.code, "class": words, "fill": fill, "said": said}
        told.append({"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(outline)})
    return {"type": "FeatureCollection", "features": told}


def class_edges(values: Any) -> list[float]:
    """Borders between classes of about as many areas each.

    Where many areas have the same value, such as none at all, of about as many different values each: otherwise one
    class would hold them all, and the map would tell nothing.
    """
    known, cuts = values[np.isfinite(values)], np.linspace(0, 1, _CLASSES + 1)
    edges = np.unique(np.quantile(known, cuts))
    if len(edges) < len(cuts):
        edges = np.unique(np.quantile(np.unique(known), cuts, method="nearest"))
    return [float(edge) for edge in edges]


def class_names(edges: list[float], decimals: int) -> list[str]:
    """Classes in words: from the lower border to the upper."""
    return [f"{number(low, decimals)} – {number(high, decimals)}" for low, high in pairwise(edges)]


def area_map(ask: Ask) -> Shown:
    """Each area's value, in five classes of about as many areas."""
    values, decimals = ask.values, 1 if ask.rate or ask.is_share else 0
    if not np.isfinite(values).any():
        raise CannotLook(_("No area has enough cases for a percentage. Choose more months, or look at the trend."))
    edges = class_edges(values)
    names = class_names(edges, decimals) or [number(edges[0], decimals)]
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(names) - 1)
    unknown = _("not known")
    classes = list(zip(SHADES[-len(names) :], names, strict=True))
    painted = Painted(
        [int(k) if np.isfinite(v) else len(names) for k, v in zip(place, values, strict=True)],
        [f"{number(v, decimals)} ({ask.unit})" if np.isfinite(v) else unknown for v in values],
        classes if np.isfinite(values).all() else [*classes, ("#ffffff", unknown)],
    )
    order = np.argsort(-np.nan_to_num(values, nan=-1), kind="stable")
    rows = [
        [ask.areas.rows[i].name, ask.areas.rows[i].code, int(ask.seen.n[i].sum()), _rounded(values[i], decimals)]
        for i in order
    ]
    columns = [_("Area"), _("Code"), _("Events") if not ask.is_share else _("Cases"), ask.unit]
    if not ask.rate and not ask.is_share:
        columns, rows = columns[:3], [row[:3] for row in rows]
    return Shown(
        _say_highest(ask, values, decimals), columns, rows, painted_picture(ask.areas, painted, ask.unit),
        ask.seen.events, ask.period, left_out(ask), cautions(ask), frozenset({2, 3}), _SHOWN, painted=painted,
    )  # fmt: skip


def _rounded(value: float, decimals: int) -> float | int | None:
    if not np.isfinite(value):
        return None
    return round(float(value), decimals) if decimals else int(value)


def _say_highest(ask: Ask, values: Any, decimals: int) -> str:
    best, worst = int(np.nanargmax(values)), int(np.nanargmin(values))
    return _("From %(period)s, %(high)s had the highest number of the %(count)s areas, %(most)s (%(unit)s), and %(low)s the lowest, %(least)s.") % {  # noqa: E501
        "period": ask.period, "high": ask.areas.rows[best].name, "low": ask.areas.rows[worst].name,
        "most": number(values[best], decimals), "least": number(values[worst], decimals), "unit": ask.unit,
        "count": number(len(values)),
    }  # fmt: skip


def compare(ask: Ask) -> Shown:
    """Rates with their 95 % intervals beside the common rate, and drawn to it as far as small areas need."""
    from scipy.special import gammaincinv  # the web process starts without it

    from commonbeat.evidence.stats.hot_spots import shrunken_rates

    people, years = ask.residents, ask.seen.months.count / 12
    if (people <= 0).any():
        raise CannotLook(_("Some of these areas have no residents. Look at counts instead."))
    events, exposure = ask.totals, people * years / PER
    rate, low = events / exposure, np.nan_to_num(gammaincinv(events, 0.025)) / exposure
    high = gammaincinv(events + 1, 0.975) / exposure
    common, steady = float(events.sum() / exposure.sum()), shrunken_rates(events, exposure)
    above, below = low > common, high < common
    words = [_("above") if a else _("below") if b else _("about the same") for a, b in zip(above, below, strict=True)]
    order = np.argsort(-rate, kind="stable")
    rows = [
        [ask.areas.rows[i].name, int(events[i]), int(people[i]), round(float(rate[i]), 1), round(float(low[i]), 1),
         round(float(high[i]), 1), round(float(steady[i]), 1), words[i]]
        for i in order
    ]  # fmt: skip
    columns = [_("Area"), _("Events"), _("Residents"), _("Per 1,000 and year"), _("from"), _("to"),
               _("Steadied"), _("Beside the whole")]  # fmt: skip
    sentence = _("From %(period)s there were %(rate)s %(noun)s per 1,000 residents and year in all. %(above)s of %(count)s areas lie clearly above that, %(below)s clearly below.") % {  # noqa: E501
        "period": ask.period, "rate": number(common, 1), "noun": _(ask.measure.noun), "above": number(above.sum()),
        "below": number(below.sum()), "count": number(len(rate)),
    }  # fmt: skip
    return Shown(
        sentence, columns, rows, _intervals(rows[:40], common, ask), ask.seen.events, ask.period, left_out(ask),
        [_("Intervals are for one area at a time. Residents stand for who is there by day only roughly."),
         *cautions(ask)], frozenset(range(1, 7)), _SHOWN,
    )  # fmt: skip


def _intervals(rows: list[list[Any]], common: float, ask: Ask) -> dict[str, Any]:
    values = [{"area": r[0], "rate": r[3], "low": r[4], "high": r[5], "beside": r[7]} for r in rows]
    y = {"field": "area", "type": "nominal", "sort": None, "title": None}
    kinds = list(dict.fromkeys(str(row[7]) for row in rows))
    colour = {"field": "beside", "type": "nominal", "title": None, "legend": {"orient": "top"},
              "scale": {"domain": kinds, "range": ["#a8201a", "#5b6468", "#1d5a91"][: len(kinds)]}}  # fmt: skip
    point = {"mark": {"type": "point", "filled": True, "size": 60},
             "encoding": {"y": y, "x": {"field": "rate", "type": "quantitative", "title": _("Per 1,000 and year")},
                          "color": colour, "shape": colour | {"scale": {"domain": kinds}}}}  # fmt: skip
    line = {"mark": "rule", "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"},
                                         "color": colour}}  # fmt: skip
    whole = {"mark": {"type": "rule", "strokeDash": [4, 3]}, "encoding": {"x": {"datum": common}}}
    return {"width": 440, "height": {"step": 15}, "data": {"values": values}, "layer": [whole, line, point]}


LOOKS.add(Look("map", N_("Map"), N_("Which areas have most, and which least."), area_map))
LOOKS.add(
    Look("compare", N_("Compare areas"), N_("Rates with what chance allows, beside the whole city."), compare, is_count)
)
