"""Everything at a place: cases of every kind that a reader may see, near a point or under the same address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import FloatField, Q, Value
from django.db.models.functions import Lower, Round

from commonbeat.cases.inbox import Cut, beyond, cut_of, place_of
from commonbeat.cases.models import Case
from commonbeat.cases.near import Near, distance, within
from commonbeat.cases.queries import NOTHING, CaseQuerySet, among
from commonbeat.core.actor import Actor
from commonbeat.core.geography import cells_within

REACHES = (50, 100, 200, 500, 1000)
"""Metres that can be chosen; the first that is not below the agency's own is taken when nobody chooses."""
PAGE = 50
COLUMNS = ("id", "kind", "state", "outcome", "category_id", "address", "opened_at", "closed_at", "metres")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody looks: a point with how far around it, an address, or both. `case` itself is not found."""

    lat: float | None = None
    long: float | None = None
    metres: int = 200
    address: str = ""
    case: int | None = None

    @property
    def near(self) -> Near | None:
        """The circle around the point."""
        if self.lat is None or self.long is None:
            return None
        return Near(self.lat, self.long, float(self.metres))


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cases at a place, the newest first, and where the pages beside it begin."""

    rows: list[dict[str, Any]]
    newer: str
    older: str


def spoken(address: str) -> str:
    """An address as it is compared: without case and doubled spaces."""
    return " ".join(address.split()).lower()


def at_place(place: Place, *, actor: Actor) -> CaseQuerySet:
    """Cases of every kind at a place, open and past, as far as this actor may see them; unordered.

    Sealed cases lie nowhere: their place is under their key.
    """
    near, here = place.near, NOTHING
    if near:
        here |= Q(among("cell", cells_within(near.lat, near.long, near.metres)), cell__isnull=False) & within(near)
    if address := spoken(place.address):
        here |= Q(same=address) & ~Q(address="")
    rows = Case.objects.visible_to(actor).alias(same=Lower("address")).filter(here)
    return rows.exclude(pk=place.case) if place.case else rows


def page(place: Place, *, actor: Actor, kind: str = "", state: str = "", older: str = "", newer: str = "") -> Found:
    """One page, in one statement. There is no total: it would be counted for nobody's use."""
    rows = at_place(place, actor=actor)
    if kind:
        rows = rows.filter(kind=kind)
    if state in {"open", "closed"}:
        rows = rows.filter(closed_at__isnull=state == "open")
    cut: Cut = cut_of("newest", older, newer)
    if cut.place:
        rows = beyond(rows, cut.column, cut.place, down=cut.falls)
    order = ("-opened_at", "-id") if cut.falls else ("opened_at", "id")
    far: Any = Round(distance(place.near)) if place.near else Value(None, output_field=FloatField())
    found = list(rows.annotate(metres=far).order_by(*order).values(*COLUMNS)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if cut.backwards:
        found.reverse()
    if not found:
        return Found([], "", "")
    before = more if cut.backwards else cut.place is not None
    after = True if cut.backwards else more
    begins, ends = place_of(found[0], "opened_at"), place_of(found[-1], "opened_at")
    return Found(found, begins if before else "", ends if after else "")


def point_of(address: str, *, actor: Actor) -> tuple[float, float] | None:
    """Where the newest case under an address lies that this actor may see and that has a point."""
    rows = Case.objects.visible_to(actor).alias(same=Lower("address")).filter(same=spoken(address)).exclude(address="")
    found = rows.filter(lat__isnull=False).order_by("-opened_at", "-id").values_list("lat", "long").first()
    return (float(found[0] or 0), float(found[1] or 0)) if found else None
