"""Repeats: how often the same place had such a concern in the last twelve months, by what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower

from commonbeat.cases.categories import procedures_of
from commonbeat.cases.models import Case
from commonbeat.cases.queries import among, newest_of_few
from commonbeat.community.agency import setting
from commonbeat.community.kept import Kept, keep
from commonbeat.core.actor import Actor
from commonbeat.core.geography import Point, cells_within, distance_m

PROCEDURE = "repeats"
WITHIN = dt.timedelta(days=365)
MOST = 200
"""Cases that are looked at; a place with more has trouble enough."""
SHOWN = 10

_A_CASE, _A_CATEGORY, _AN_AREA, _SOME_CELLS = -314159, -314160, -314161, [-314162]
_SINCE = dt.datetime(1999, 12, 31, 23, 59, 59, 314159, tzinfo=dt.UTC)
_AN_ADDRESS = "\x01 an address"
"""Stand for values that come with each run of a kept statement; no row has them."""
_COLUMNS = ("id", "kind", "state", "outcome", "opened_at", "address", "lat", "long", "area_id")


@dataclass(frozen=True, slots=True)
class Repeats:
    """Earlier and later concerns of the same category at the same place, the newest first."""

    count: int
    more: bool
    rows: tuple[Mapping[str, Any], ...]


def _address(text: str) -> str:
    return " ".join(text.split()).lower()


@lru_cache(maxsize=512)
def _statement(actor: Actor) -> Kept:
    """Cases at the same place: near the point, or under the same address of the same area."""
    near = Q(among("cell", _SOME_CELLS), cell__isnull=False)
    alike = Q(same=_AN_ADDRESS, area_id=_AN_AREA) & ~Q(address="")
    rows = Case.objects.visible_to(actor).alias(same=Lower("address"))
    rows = rows.filter(near | alike, category_id=_A_CATEGORY, opened_at__gte=_SINCE).exclude(pk=_A_CASE)
    coming = (_A_CASE, _A_CATEGORY, _AN_AREA, _SOME_CELLS, _SINCE, _AN_ADDRESS)
    return keep(newest_of_few(rows).values_list(*_COLUMNS)[: MOST + 1], by=coming)


def repeats(case: Case, *, actor: Actor, at: dt.datetime) -> Repeats | None:
    """Other such concerns at this place since a year ago; one statement. None where the category does not count."""
    if PROCEDURE not in procedures_of(case.category_id):
        return None
    here = Point(case.lat, case.long) if case.lat is not None and case.long is not None else None
    metres = float(setting("repeat_metres"))
    cells = cells_within(here.lat, here.long, metres) if here else [0]
    values = {
        _A_CASE: case.pk, _A_CATEGORY: case.category_id, _AN_AREA: case.area_id, _SINCE: at - WITHIN,
        _AN_ADDRESS: _address(case.address) or _AN_ADDRESS, tuple(_SOME_CELLS): cells,
    }  # fmt: skip
    found = [dict(zip(_COLUMNS, row, strict=True)) for row in _statement(actor).run(values)]
    same = [row for row in found if _at_same_place(row, case, here, metres)]
    return Repeats(min(len(same), MOST), len(found) > MOST, tuple(same[:SHOWN]))


def _at_same_place(row: Mapping[str, Any], case: Case, here: Point | None, metres: float) -> bool:
    """Two points tell by their distance; where one has none, the address does."""
    if here and row["lat"] is not None and row["long"] is not None:
        return distance_m(here, Point(row["lat"], row["long"])) <= metres
    return row["area_id"] == case.area_id and _address(row["address"]) == _address(case.address)
