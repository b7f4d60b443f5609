"""What public pages read: cards and published outcomes, page by page, never a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, Min, Model, Q, QuerySet

from commonbeat.community.agency import setting
from commonbeat.core.geography import Point, box_around, distance_m
from commonbeat.core.numbers import Suppressed, suppress
from commonbeat.core.public_places import grid_side
from commonbeat.publishing.models import Publication, PublicCase

Row = TypeVar("Row", bound=Model)
PAGE = 20


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the marks of the pages before and after them (None where there is none)."""

    rows: Sequence[Row]
    newer: str | None
    older: str | None


class BadMark(ValueError):
    """The mark of a page is not one that we gave out."""


def _read_mark(mark: str) -> tuple[str, dt.datetime, int]:
    direction, _, rest = mark.partition(".")
    moment, _, number = rest.partition(".")
    try:
        at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(moment))
        pk = int(number)
    except (ValueError, OverflowError):
        raise BadMark(mark[:40]) from None
    if direction not in {"older", "newer"} or not 0 <= pk < 2**63:
        raise BadMark(mark[:40])
    return direction, at, pk


def _write_mark(direction: str, at: dt.datetime, pk: int) -> str:
    since = at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return f"{direction}.{since // dt.timedelta(microseconds=1)}.{pk}"


def page_of(rows: QuerySet[Row], mark: str, *, moment: str, size: int = PAGE) -> Page[Row]:
    """One page, newest first by (`moment`, primary key): no count, no offset, one statement. Raises `BadMark`."""
    direction, backwards = "", False
    if mark:
        direction, at, pk = _read_mark(mark)
        backwards = direction == "newer"
        compare = "gt" if backwards else "lt"
        rows = rows.filter(Q(**{f"{moment}__{compare}": at}) | Q(**{moment: at, f"pk__{compare}": pk}))
    order = (moment, "pk") if backwards else (f"-{moment}", "-pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()

    def mark_of(which: str, row: Row) -> str:
        return _write_mark(which, getattr(row, moment), row.pk)

    has_older = more if not backwards else bool(found)
    has_newer = more if backwards else direction == "older"
    return Page(
        found,
        mark_of("newer", found[0]) if found and has_newer else None,
        mark_of("older", found[-1]) if found and has_older else None,
    )


def cards(
    *, at: dt.datetime, area: int | None = None, category: int | None = None, closed: bool | None = None
) -> QuerySet[PublicCase]:
    """Cards that the public sees, narrowed."""
    rows = PublicCase.objects.shown(at)
    if area is not None:
        rows = rows.filter(area_id=area)
    if category is not None:
        rows = rows.filter(category_id=category)
    if closed is not None:
        rows = rows.filter(closed=closed)
    return rows


def count_cards(area: int, *, at: dt.datetime) -> tuple[int | Suppressed, int | Suppressed]:
    """How many concerns of an area are open and solved; small numbers are suppressed (RULES 6)."""
    found = cards(at=at, area=area).aggregate(
        open=Count("pk", filter=Q(closed=False)), solved=Count("pk", filter=Q(closed=True))
    )
    minimum = int(setting("minimum_count"))
    return suppress(found["open"], minimum=minimum), suppress(found["solved"], minimum=minimum)


def next_shown_at(area: int | None, *, at: dt.datetime) -> dt.datetime | None:
    """When the next card of an area comes out of its delay: until then nothing changes by itself."""
    rows = PublicCase.objects.filter(hidden=False, visible_at__gt=at)
    if area is not None:
        rows = rows.filter(area_id=area)
    return rows.aggregate(first=Min("visible_at"))["first"]  # type: ignore[no-any-return]


def open_nearby(
    lat: float, long: float, *, category: int, area: int | None, precision_m: int, at: dt.datetime, most: int = 3
) -> list[PublicCase]:
    """Open cards of a category around a point, nearest first.

    Measured from the blurred points that the public sees, so that asking tells nothing more than the map does; the
    reach is widened by the blur, or reports next door would be missed.
    """
    reach = float(setting("nearby_metres")) + grid_side(precision_m or 25)
    box = box_around(lat, long, reach)
    rows = cards(at=at, area=area, category=category, closed=False).filter(
        lat__gte=box.south, lat__lte=box.north, long__gte=box.west, long__lte=box.east
    )
    here = Point(lat, long)
    measured = [(distance_m(here, Point(c.lat, c.long)), c) for c in rows.order_by("-opened_at", "-pk")[:200]]  # type: ignore[arg-type]
    return [card for metres, card in sorted(measured, key=lambda m: m[0]) if metres <= reach][:most]


def outcomes(
    *,
    area: int | None = None,
    category: int | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> QuerySet[Publication]:
    """Published outcomes, narrowed by place, matter and time."""
    rows = Publication.objects.filter(state=Publication.State.PUBLISHED, kind="outcome")
    narrowed: dict[str, Any] = {
        "area_id": area, "category_id": category, "published_at__gte": since, "published_at__lt": until
    }  # fmt: skip
    return rows.filter(**{name: value for name, value in narrowed.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Words:
    """A publication's words in the best language there is for a reader; `machine` says that no person wrote them."""

    language: str
    title: str
    said: str
    did: str
    machine: bool


def words_of(publication: Publication, *, language: str, by_people: bool = False) -> Words:
    """The words in the reader's language, else in the publication's own.

    `by_people` leaves out what a machine translated, for places that cannot say so beside it (RULES 20).
    """
    written = publication.words
    for code in (language, language.split("-")[0], publication.language, *written):
        fields = written.get(code)
        if by_people and fields and fields.get("machine"):
            continue
        if fields and (fields.get("did") or fields.get("title")):
            return Words(
                code,
                fields.get("title", ""),
                fields.get("said", ""),
                fields.get("did", ""),
                bool(fields.get("machine")),
            )
    return Words(publication.language, "", "", "", False)
