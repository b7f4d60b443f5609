"""Places that come again: addresses with many events, and whether one event is soon followed by another near by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from commonbeat.core.text import N_
from commonbeat.evidence import store
from commonbeat.evidence.looks.asking import LOOKS, Ask, CannotLook, Look, Shown, cautions, is_incidents, number
from commonbeat.evidence.looks.kept import COUNTERS, Counted, Tell, keep, kept, leave_to_worker, raise_if_counting
from commonbeat.evidence.looks.over_time import chosen_categories

_MOST = 200
_MOST_POINTS = 12_000
_MOST_AT_ONCE = 200_000
"""So many pairs within reach, each counted twice, are dealt out anew in about a tenth of a second."""
_MOST_ROWS_AT_ONCE = 20_000
NEAR, PLACES = "near-repeats", "repeats"
_SEED = 1964
_METRES = 111_195.0
DISTANCES, DAYS = (1.0, 100.0, 200.0, 400.0), (7, 14, 28)


def _points(ask: Ask) -> Any:
    """The points that the measure counts in the stretch of time, as an Ibis table."""
    import ibis

    from commonbeat.evidence import counting

    source, months = ask.source, ask.seen.months
    points = counting.connect().read_parquet(store.points_of(source.slug, source.content))
    start, end = (dt.datetime.combine(day, dt.time()) for day in (months.start, months.end))
    rows = points.filter(points.moment >= ibis.literal(start), points.moment < ibis.literal(end), points.lat.notnull())
    chosen = chosen_categories(ask)
    return rows if chosen is None else rows.filter(rows.category.isin(list(chosen)))


def _count_places(ask: Ask, tell: Tell) -> Counted:
    """The places with the most events. A place is the address as recorded, or the point to about ten metres."""
    rows = _points(ask)
    place = (rows.address == "").ifelse(
        rows.lat.round(4).cast("string") + ", " + rows.long.round(4).cast("string"), rows.address
    )
    grouped = rows.group_by(place=place).aggregate(n=rows.count(), last=rows.moment.max())
    found = grouped.order_by([grouped.n.desc(), grouped.place]).limit(_MOST).to_pyarrow().to_pylist()
    tell(0.4)
    totals = grouped.aggregate(places=grouped.count(), events=grouped.n.sum()).to_pyarrow().to_pylist()[0]
    tell(0.7)
    tenth = max(1, round(totals["places"] / 10))
    top = grouped.order_by(grouped.n.desc()).limit(tenth).n.sum().to_pyarrow().as_py() if found else 0
    table = [[row["place"], row["n"], row["last"].date().isoformat()] for row in found]
    return {"table": table, "places": totals["places"], "events": totals["events"], "top": top}


COUNTERS[PLACES] = _count_places


def repeat_places(ask: Ask) -> Shown:
    """Places with the most events, and what share of all the busiest tenth has. Raises `BeingCounted`."""
    totals = kept(PLACES, ask)
    if totals is None:
        raise_if_counting(PLACES, ask)
        if ask.source.rows > _MOST_ROWS_AT_ONCE:
            leave_to_worker(PLACES, ask)
        totals = keep(PLACES, ask, _count_places(ask, lambda share: None))
    table = totals["table"]
    if not table:
        raise CannotLook(_("Nothing is counted for this stretch of time yet. Choose other months or areas."))
    sentence = _("From %(period)s, the busiest tenth of %(places)s places had %(share)s percent of the %(noun)s; the busiest, %(place)s, had %(n)s.") % {  # noqa: E501
        "period": ask.period, "places": number(totals["places"]), "noun": _(ask.measure.noun), "n": number(table[0][1]),
        "share": number(100 * totals["top"] / totals["events"]), "place": table[0][0],
    }  # fmt: skip
    spec = {
        "width": 440, "height": {"step": 16}, "mark": {"type": "bar", "color": "#2f6fad"},
        "data": {"values": [{"place": row[0], "n": row[1]} for row in table[:25]]},
        "encoding": {"y": {"field": "place", "type": "nominal", "sort": None, "title": None},
                     "x": {"field": "n", "type": "quantitative", "title": _(ask.measure.noun)}},
    }  # fmt: skip
    return Shown(
        sentence, [_("Place"), _("Events"), _("Last")], table, spec, totals["events"], ask.period,
        [_("Rows without coordinates are not counted here.")],
        [_("For the staff only: an address points at people. Publish areas, never these places."), *cautions(ask)],
        frozenset({1}), 25,
    )  # fmt: skip


@dataclass(frozen=True)
class _Newest:
    """Where and when the newest events of the stretch were, in metres and days."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    day: NDArray[np.int64]


def _newest(ask: Ask) -> _Newest:
    rows = _points(ask)
    found = rows.order_by(rows.moment.desc()).limit(_MOST_POINTS).select("lat", "long", "moment").to_pyarrow()
    if found.num_rows < 50:
        raise CannotLook(_("Near repeats need at least 50 events. Choose more months."))
    lat, long = found["lat"].to_numpy(), found["long"].to_numpy()
    days = found["moment"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return _Newest(long * np.cos(np.radians(lat.mean())) * _METRES, lat * _METRES, days)


def _knox(newest: _Newest, tell: Tell) -> Counted:
    from commonbeat.evidence.stats.hot_spots import near_repeat

    knox = near_repeat(newest.x, newest.y, newest.day, np.random.default_rng(_SEED), distances=DISTANCES, days=DAYS,
                       tell=tell)  # fmt: skip
    return {"n": len(newest.x), "pairs": knox.pairs.tolist(), "expected": knox.expected.tolist(),
            "p": knox.p_value.tolist()}  # fmt: skip


COUNTERS[NEAR] = lambda ask, tell: _knox(_newest(ask), tell)


def _counted_near(ask: Ask) -> Counted:
    """Knox's table as it is kept; counted at once where that takes no longer than a page may."""
    from scipy.spatial import cKDTree  # the web process starts without it

    found = kept(NEAR, ask)
    if found is None:
        raise_if_counting(NEAR, ask)
        newest = _newest(ask)
        tree = cKDTree(np.column_stack([newest.x, newest.y]))
        if tree.count_neighbors(tree, DISTANCES[-1]) > _MOST_AT_ONCE:
            leave_to_worker(NEAR, ask)
        found = keep(NEAR, ask, _knox(newest, lambda share: None))
    return found


def near_repeats(ask: Ask) -> Shown:
    """Knox's test of the newest events of the stretch: does one raise the chance of another near by, soon?

    Raises `BeingCounted` while the worker is at it.
    """
    if ask.source.precision == "month":
        raise CannotLook(_("This source tells only the month of an incident. Near repeats need days."))
    knox = _counted_near(ask)
    near = [_("the same place"), *(_("up to %(n)s m") % {"n": int(d)} for d in DISTANCES[1:])]
    soon = [_("up to %(n)s days") % {"n": n} for n in DAYS]
    table: list[list[Any]] = []
    values: list[dict[str, Any]] = []
    for r, place in enumerate(near):
        for c, when in enumerate(soon):
            pairs, expected, p = (knox[name][r][c] for name in ("pairs", "expected", "p"))
            ratio, clear = pairs / max(expected, 1e-9), p <= 0.05
            table.append([place, when, pairs, round(expected, 1), round(ratio, 2), round(p, 3)])
            values.append({"place": place, "when": when, "ratio": round(float(ratio), 2),
                           "said": f"× {ratio:.2f}" + ("" if clear else " ○")})  # fmt: skip
    ratio, p = table[0][4], table[0][5]
    said = {"noun": _(ask.measure.noun), "ratio": number(ratio, 1), "n": number(knox["n"]), "days": DAYS[0]}
    sentence = (
        _("After one event, another at the same place within %(days)s days is %(ratio)s times as frequent as chance gives (newest %(n)s %(noun)s).")  # noqa: E501
        if p <= 0.05 else
        _("Another event at the same place within %(days)s days is not clearly more frequent than chance gives (newest %(n)s %(noun)s).")  # noqa: E501
    ) % said  # fmt: skip
    columns = [_("How near"), _("How soon"), _("Pairs"), _("By chance"), _("Times chance"), _("p")]
    return Shown(
        sentence, columns, table, _draw_near(values, near=near, soon=soon), knox["n"], ask.period,
        [_("Only the newest %(n)s events of the stretch are tested.") % {"n": number(_MOST_POINTS)}] *
        (knox["n"] == _MOST_POINTS),
        [_("○ marks what chance explains (199 random deals of the days)."), *cautions(ask)],
        frozenset({2, 3, 4, 5}),
    )  # fmt: skip


def _draw_near(values: list[dict[str, Any]], *, near: list[str], soon: list[str]) -> dict[str, Any]:
    """Squares by how near and how soon, the darker the more often than by chance."""
    top = max(3.0, *(row["ratio"] for row in values))
    axes = {"x": {"field": "when", "type": "nominal", "sort": soon, "title": None, "axis": {"labelAngle": 0}},
            "y": {"field": "place", "type": "nominal", "sort": near, "title": None}}  # fmt: skip
    colour = {"field": "ratio", "type": "quantitative", "title": _("times chance"),
              "scale": {"scheme": "blues", "domain": [0.8, top]}}  # fmt: skip
    black = {"condition": {"test": f"datum.ratio > {0.6 * top:.2f}", "value": "white"}, "value": "black"}
    return {
        "width": 420, "height": 220, "data": {"values": values},
        "layer": [{"mark": {"type": "rect", "stroke": "white"}, "encoding": axes | {"color": colour}},
                  {"mark": {"type": "text", "fontSize": 13}, "encoding": axes | {
                      "text": {"field": "said", "type": "nominal"}, "color": black}}],
    }  # fmt: skip


LOOKS.add(Look(PLACES, N_("Repeat places"), N_("Places with many events."), repeat_places, is_incidents))
LOOKS.add(
    Look(NEAR, N_("Near repeats"), N_("Whether one event is soon followed by another near by."),
         near_repeats, is_incidents)
)  # fmt: skip
