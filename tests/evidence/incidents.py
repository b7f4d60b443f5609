"""Incidents for tests: points in the two areas of the cast, as a source that was imported."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from commonbeat.evidence import store
from commonbeat.evidence.checking import POINTS
from commonbeat.evidence.models import IncidentSource
from tests import make

Row = tuple[dt.datetime, tuple[float, float] | None, str]


def source(rows: Sequence[Row], slug: str = "burglary", **fields: Any) -> IncidentSource:
    """A source that holds these rows (moment, place, category)."""
    columns = {
        "key": [str(number) for number in range(len(rows))],
        "moment": [row[0] for row in rows],
        "lat": [row[1][0] if row[1] else None for row in rows],
        "long": [row[1][1] if row[1] else None for row in rows],
        "category": [row[2] for row in rows],
        "address": ["100 N DEMO ST"] * len(rows),
    }
    table = pa.table(columns, schema=POINTS)
    content = hashlib.sha256(f"{slug}{columns}".encode()).hexdigest()
    target = store.points_of(slug, content)
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, target)
    kinds = {name: columns["category"].count(name) for name in dict.fromkeys(columns["category"])}
    days = [row[0].date() for row in rows]
    return IncidentSource.objects.create(
        **{"slug": slug, "name": slug.title(), "noun": "burglaries", "content": content, "rows": len(rows),
           "placed": sum(row[1] is not None for row in rows), "first_on": min(days), "last_on": max(days),
           "categories": kinds, "created_at": make.NOW} | fields
    )  # fmt: skip
