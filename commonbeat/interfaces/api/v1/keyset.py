"""Paging by place: the next page begins behind the last row that was read, however much comes in meanwhile."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from commonbeat.core.ids import BadReference, parse_reference, reference
from commonbeat.interfaces.api.v1.problems import Refusal

Row = TypeVar("Row", bound=Model)


def encode(moment: dt.datetime, number: int) -> str:
    """A place in a list as one opaque word."""
    text = f"{moment.astimezone(dt.UTC).isoformat()}|{reference(number)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[dt.datetime, int]:
    """The place that a word stands for. Raises `Refusal` (422)."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        moment, _bar, ref = raw.partition("|")
        found = dt.datetime.fromisoformat(moment)
        if found.tzinfo is None or found.year < 1900:
            raise ValueError(moment)
        return found, parse_reference(ref)
    except (ValueError, OverflowError, binascii.Error, BadReference):
        said = _("cursor comes from “next” of the page before. Leave it out to begin at the start.")
        raise Refusal(422, said, errors=[{"field": "cursor", "message": said}]) from None


def page(rows: QuerySet[Row], *, cursor: str, limit: int) -> tuple[list[Row], str | None]:
    """One page of rows ordered by newest `opened_at`, then number, and the cursor of the next page."""
    if cursor:
        moment, number = decode(cursor)
        rows = rows.filter(Q(opened_at__lt=moment) | Q(opened_at=moment, pk__lt=number))
    found = list(rows.order_by("-opened_at", "-pk")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return found, encode(found[-1].opened_at, found[-1].pk) if more else None  # type: ignore[attr-defined]
