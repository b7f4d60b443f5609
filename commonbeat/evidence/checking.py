"""Rows of a file become incidents: dates, places and numbers are read and checked, many rows at a time, in SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from commonbeat.evidence.mapping import ColumnMapping
from commonbeat.evidence.reasons import BAD_DATE, BAD_PLACE, FUTURE, NO_DATE, NO_PLACE, TOO_OLD

UNSAID = "(none)"
"""The category of rows that name none."""

POINTS = pa.schema(
    [
        ("key", pa.string()),
        ("moment", pa.timestamp("us")),
        ("lat", pa.float64()),
        ("long", pa.float64()),
        ("category", pa.string()),
        ("address", pa.string()),
    ]
)
"""Local time of the agency without a zone; lat and long are null where the source names no place."""

_OLDEST = dt.date(1900, 1, 1)


@dataclass(frozen=True)
class Checker:
    """Reads pieces of one file by one mapping. `zone` is the agency's; `today` the last day that can be true."""

    mapping: ColumnMapping
    zone: str
    today: dt.date

    def check(self, connection: Any, table: pa.Table, rows: np.ndarray[Any, Any]) -> pa.Table:
        """Every row with row, key, keyed, moment, lat, long, category, address, reason and the date as written."""
        connection.register("piece", table.append_column("__row", pa.array(rows, pa.int64())))
        try:
            return connection.sql(self.query(), params=self._values()).to_arrow_table()
        finally:
            connection.unregister("piece")

    def _values(self) -> list[Any]:
        since = dt.date.fromisoformat(self.mapping.since) if self.mapping.since else _OLDEST
        return [self.mapping.formats, self.today + dt.timedelta(days=1), since]

    def query(self) -> str:
        """The statement; columns are quoted names, everything else is a parameter."""
        m = self.mapping
        stamp = " || ' ' || ".join(_text(name) for name in (m.date, m.time) if name)
        lat, long = self._place()
        zone = self.zone.replace("'", "")
        zoned = f"timezone('{zone}', timezone('UTC', moment))" if m.zone == "utc" else "moment"
        return f"""
        WITH texts AS (
            SELECT __row AS row, {stamp} AS said, {lat} AS lat_text, {long} AS long_text,
                {_text(m.category)} AS category, {_text(m.key)} AS key, {_text(m.address)} AS address
            FROM piece),
        numbers AS (
            SELECT *, try_strptime(trim(regexp_replace(regexp_replace(said, '(\\d)T(\\d)', '\\1 \\2'),
                    '(:\\d\\d(\\.\\d+)?)\\s*(Z|UTC|[+-]\\d\\d:?\\d\\d)$', '\\1')), $1::VARCHAR[]) AS moment,
                try_cast(lat_text AS DOUBLE) AS y, try_cast(long_text AS DOUBLE) AS x
            FROM texts),
        judged AS (
            SELECT row, said, key, category, address, {zoned} AS moment, lat_text, long_text,
                (y BETWEEN -90 AND 90 AND x BETWEEN -180 AND 180 AND NOT (x = 0 AND y = 0)
                    AND isfinite(x) AND isfinite(y)) AS placed, x, y
            FROM numbers)
        SELECT row, said, key <> '' AS keyed,
            CASE WHEN key <> '' THEN key ELSE md5(concat_ws('|', moment, x, y, category, address)) END AS key,
            moment, CASE WHEN placed THEN y END AS lat, CASE WHEN placed THEN x END AS long,
            CASE WHEN category = '' THEN '{UNSAID}' ELSE left(category, 200) END AS category,
            left(address, 200) AS address,
            CASE WHEN said = '' THEN '{NO_DATE}' WHEN moment IS NULL THEN '{BAD_DATE}' WHEN moment >= $2 THEN '{FUTURE}'
                WHEN moment < $3 THEN '{TOO_OLD}' WHEN coalesce(placed, false) THEN ''
                WHEN lat_text = '' AND long_text = '' THEN '{NO_PLACE}' ELSE '{BAD_PLACE}' END AS reason,
            concat_ws(', ', lat_text, long_text) AS where_said
        FROM judged ORDER BY row"""

    def _place(self) -> tuple[str, str]:
        m = self.mapping
        if not m.point:
            return _text(m.lat), _text(m.long)
        first, second = (f"regexp_extract({_text(m.point)}, '(-?[0-9.]+)[ ,]+(-?[0-9.]+)', {i})" for i in (1, 2))
        swapped = f"{_text(m.point)} ILIKE 'point%'"  # well-known text has the longitude first
        return (f"CASE WHEN {swapped} THEN {second} ELSE {first} END",
                f"CASE WHEN {swapped} THEN {first} ELSE {second} END")  # fmt: skip


def _text(column: str) -> str:
    """A column as trimmed text, never null; the empty text where no column is mapped."""
    if not column:
        return "''"
    return 'trim(coalesce("' + column.replace('"', '""') + "\", ''))"
