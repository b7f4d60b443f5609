"""Named reads of public cards: the one way in which programs, feeds and exports find what everybody may know."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from commonbeat.cases.categories import categories
from commonbeat.cases.near import Near, within
from commonbeat.publishing.models import PublicCase, PublicCaseQuerySet


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
        parts &= within(query.near)
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


def _saying(words: str) -> Q:
    """Public text, answer or category name contain these words; `%` and `_` are just characters."""
    sought = words.casefold()
    named = [
        known.row.pk
        for known in categories().values()
        if any(sought in text.name.casefold() for text in known.texts.values())
    ]
    return Q(text__icontains=words) | Q(answer__icontains=words) | Q(category_id__in=named)
