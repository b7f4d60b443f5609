"""The scorecard as page, picture, table and the words to read aloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.core.text import N_
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.looks.asking import Shown
from commonbeat.evidence.readings import UNITS, Reading, change_words, interval_words, value_words
from commonbeat.evidence.scorecard.cards import Card

HIDDEN = ""
NO_TOTAL = N_("Five numbers, each with its own limits: they are never added up to one.")
CHANCE = N_("With five numbers, one change in twenty looks clear by chance alone.")
_SAYS = N_("%(title)s: “%(name)s”, %(period)s: %(value)s (%(interval)s); %(change)s.")
_NO_INTERVAL = N_("%(title)s: “%(name)s”, %(period)s: %(value)s; %(change)s.")
_REFUSED = N_("%(title)s: “%(name)s”: %(why)s")
_EMPTY = N_("%(title)s: %(why)s")
_NAVY, _GREY = "#1b3a5c", "#5b6468"


def say(card: Card) -> str:
    """One of the five in a sentence."""
    told = card.reading
    words = {"title": _(card.dimension.title), "name": card.name, "period": told.period, "why": told.refused}
    if told.value is None:
        return _(_REFUSED if card.name else _EMPTY) % words
    words |= {"value": value_words(told), "interval": interval_words(told), "change": change_words(told).rstrip(".")}
    return _(_SAYS if words["interval"] else _NO_INTERVAL) % words


def heading(where: str) -> str:
    """The title of files: the scorecard of the city or of an area."""
    return _("Scorecard: %(where)s") % {"where": where}


def show(cards: Sequence[Card], areas: AreaSet | None, *, where: str, whole: bool) -> Shown:
    """The five of one place. With `whole`, the table goes on with every area, for files."""
    columns = [_("Area"), _("Of what"), _("What stands behind it"), _("Value"), _("Unit"), _("from"), _("to"),
               _("How many"), _("Period"), _("Before"), _("Period before"), _("Change"), _("from"), _("to"),
               _("Unit of the change"), _("What is missing")]  # fmt: skip
    rows = [_row(where, card, card.reading) for card in cards]
    if whole and areas is not None:
        for place, row in enumerate(areas.rows):
            rows += [_row(row.name, card, card.of(place)) for card in cards if card.of]
    periods = list(dict.fromkeys(card.reading.period for card in cards if card.reading.period))
    left_out = [f"{_(card.dimension.title)}: {line}" for card in cards for line in card.reading.left_out]
    said = [_(NO_TOTAL), _(CHANCE), *dict.fromkeys(f"{_(card.dimension.title)}: {text}" for card in cards
                                                  for text in (*card.says, card.credit) if text)]  # fmt: skip
    n = sum(card.reading.n or 0 for card in cards)
    return Shown(
        " ".join(say(card) for card in cards), columns, rows, picture(cards), n, "; ".join(periods), left_out, said,
        frozenset({3, 5, 6, 7, 9, 11, 12, 13}),
    )  # fmt: skip


def _row(where: str, card: Card, told: Reading) -> list[Any]:
    moved = told.change
    change = [round(moved.value, 2), round(moved.low, 2), round(moved.high, 2),
              _("points") if moved.points else _("percent")] if moved else ["", "", "", ""]  # fmt: skip
    missing = told.refused or told.alone
    return [where, _(card.dimension.title), card.name, _plain(told, told.value), _(UNITS[told.unit]) if card.name else
            "", _plain(told, told.low), _plain(told, told.high), "" if told.n is None else told.n, told.period,
            _plain(told, told.before), told.before_period, *change, missing]  # fmt: skip


def _plain(told: Reading, value: float | None) -> Any:
    if value is None:
        return HIDDEN
    return round(value) if told.unit == "number" else round(value, max(told.decimals, 1))


def picture(cards: Sequence[Card]) -> dict[str, Any] | None:
    """A small picture for each that has a number: before and now with their intervals, each on its own scale."""
    parts = [part for card in cards if (part := _part(card))]
    return {"vconcat": parts, "spacing": 14} if parts else None


def _part(card: Card) -> dict[str, Any] | None:
    told = card.reading
    if told.value is None:
        return None
    points = [(told.before_period, told.before, told.before_low, told.before_high),
              (told.period, told.value, told.low, told.high)]  # fmt: skip
    values = [{"name": name, "value": value, "low": value if low is None else low,
               "high": value if high is None else high} for name, value, low, high in points
              if value is not None]  # fmt: skip
    y = {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 0, "minExtent": 190}}
    x = {"field": "value", "type": "quantitative", "title": _(UNITS[told.unit]), "scale": {"zero": False},
         "axis": {"tickCount": 5}}  # fmt: skip
    rule = {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}}
    title = {"text": _(card.dimension.title), "subtitle": _short(card.name), "anchor": "start", "fontSize": 12,
             "subtitleFontSize": 10, "subtitleColor": _GREY}  # fmt: skip
    return {
        "width": 360, "height": {"step": 22}, "title": title, "data": {"values": values},
        "layer": [
            {"mark": {"type": "rule", "color": _GREY, "strokeWidth": 2}, "encoding": rule},
            {"mark": {"type": "point", "filled": True, "size": 70, "color": _NAVY}, "encoding": {"y": y, "x": x}},
        ],
    }  # fmt: skip


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


def as_data(cards: Sequence[Card], areas: AreaSet | None, *, where: str) -> dict[str, Any]:
    """The scorecard for programs: the five of one place, and of every area."""
    told = [_data(card, card.reading) | {"says": list(card.says), "credit": card.credit} for card in cards]
    inside = [
        {"area": row.name, "code": row.code,
         "measures": [_data(card, card.of(place)) for card in cards if card.of]}
        for place, row in enumerate(areas.rows)
    ] if areas is not None else []  # fmt: skip
    return {"where": where, "note": _(NO_TOTAL), "measures": told, "areas": inside}


def _data(card: Card, told: Reading) -> dict[str, Any]:
    moved = told.change
    return {
        "dimension": card.dimension.slug, "name": card.name, "answer": card.noun, "unit": told.unit,
        "value": told.value, "low": told.low, "high": told.high, "n": told.n, "period": told.period,
        "before": told.before, "before_period": told.before_period,
        "change": None if moved is None else {"value": moved.value, "low": moved.low, "high": moved.high,
                                              "unit": "points" if moved.points else "percent"},
        "missing": told.refused or told.alone or None, "left_out": list(told.left_out),
    }  # fmt: skip
