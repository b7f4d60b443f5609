"""Named reads of public cards: the one way in which programs, feeds and exports find what everybody may know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.db.models.lookups import LessThanOrEqual

from commonbeat.cases.categories import categories
from commonbeat.publishing.models import PublicCase, PublicCaseQuerySet

EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres."""
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Near:
    """Within `metres` of a point (degrees, EPSG:4326)."""

    lat: float
    long: float
    metres: float


@dataclass(frozen=True, slots=True)
class Box:
    """Inside a box of degrees; west may be larger than east where the box crosses the date line."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class CardQuery:
    """Which cards; None means that it does not matter. Bounds include `since` and exclude `before`.

    `numbers` names cards and overrides everything else but visibility. `after` is the place (opened_at, number) of
    the last card that was read: the next page begins behind it.
    """

    numbers: tuple[int, ...] | None = None
    category_ids: tuple[int, ...] | None = None
    area_ids: tuple[int, ...] | None = None
    closed: bool | None = None
    opened_since: dt.datetime | None = None
    opened_before: dt.datetime | None = None
    changed_since: dt.datetime | None = None
    changed_before: dt.datetime | None = None
    near: Near | None = None
    box: Box | None = None
    words: str = ""
    after: tuple[dt.datetime, int] | None = None


def find_cards(query: CardQuery, *, at: dt.datetime) -> PublicCaseQuerySet:
    """Cards that are public at `at`, newest first, in an order that never changes under a reader."""
    cards = PublicCase.objects.shown(at).order_by("-opened_at", "-case_id")
    if query.numbers is not None:
        return cards.filter(pk__in=query.numbers)
    return cards.filter(_condition(query))


def _condition(query: CardQuery) -> Q:
    parts = Q()
    plain = {
        "category_id__in": query.category_ids, "area_id__in": query.area_ids, "closed": query.closed,
        "opened_at__gte": query.opened_since, "opened_at__lt": query.opened_before,
        "changed_at__gte": query.changed_since, "changed_at__lt": query.changed_before,
    }  # fmt: skip
    parts &= Q(**{name: value for name, value in plain.items() if value is not None})
    if query.box:
        parts &= Q(lat__gte=query.box.south, lat__lte=query.box.north) & _between(query.box.west, query.box.east)
    if query.near:
        parts &= _near(query.near)
    if query.words:
        parts &= _saying(query.words)
    if query.after:
        moment, number = query.after
        parts &= Q(opened_at__lt=moment) | Q(opened_at=moment, pk__lt=number)
    return parts


def _between(west: float, east: float) -> Q:
    if west <= east:
        return Q(long__gte=west, long__lte=east)
    return Q(long__gte=west) | Q(long__lte=east)


def _near(near: Near) -> Q:
    reach = near.metres / METRES_PER_DEGREE * 1.001
    box = Q(lat__gte=near.lat - reach, lat__lte=near.lat + reach)
    return box & _at_most(near)


def _at_most(near: Near) -> Q:
    """The great-circle distance (haversine) between a card and a point is at most so many metres."""
    lat, long = Radians(F("lat")), Radians(F("long"))
    here_lat, here_long = (Radians(Value(v, output_field=FloatField())) for v in (near.lat, near.long))
    half = _square(Sin((lat - here_lat) / 2.0)) + Cos(lat) * Cos(here_lat) * _square(Sin((long - here_long) / 2.0))
    metres = 2.0 * EARTH_M * ASin(Sqrt(Least(half, Value(1.0))))
    return Q(LessThanOrEqual(metres, Value(near.metres)))


def _square(value: Combinable) -> Power:
    return Power(value, Value(2.0))


def _saying(words: str) -> Q:
    """Public text, answer or category name contain these words; `%` and `_` are just characters."""
    sought = words.casefold()
    named = [
        known.row.pk
        for known in categories().values()
        if any(sought in text.name.casefold() for text in known.texts.values())
    ]
    return Q(text__icontains=words) | Q(answer__icontains=words) | Q(category_id__in=named)
