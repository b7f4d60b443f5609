"""From points to counts: each source's points with their area, worked out once, and counted as Ibis expressions.

The expressions run on DuckDB here; the same ones run on Spark where several agencies pool their data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from commonbeat.evidence import store
from commonbeat.evidence.areas import AreaSet
from commonbeat.evidence.assign import OUTSIDE, GridAssigner
from commonbeat.evidence.periods import Calendar, Period

if TYPE_CHECKING:
    import ibis.expr.types as ir

PLACELESS = -2
"""Stands for rows whose source names no place."""
_PIECE = 1 << 17
"""Rows at a time: few enough to stay near the processor, and what DuckDB likes as a row group."""


@dataclass(frozen=True)
class Counted:
    """Events by area and period, and what lies in the stretch of time but in none of the areas."""

    counts: NDArray[np.float64]
    placeless: int
    outside: int

    @property
    def events(self) -> int:
        """How many are in the counts."""
        return int(self.counts.sum())


def facts_of(source: str, content: str, areas: AreaSet) -> Path:
    """The file that says area, day, hour and category of each point; made at first use."""
    target = store.folder(source) / f"{content}.{areas.fingerprint[:16]}.parquet"
    if not target.exists():
        with store.written(target) as draft:
            write_facts(store.points_of(source, content), draft, areas.assigner())
    return target


def write_facts(points: Path, target: Path, assigner: GridAssigner) -> None:
    """Assign the points of a file piece by piece, so that memory does not grow with the file.

    One piece is read and another written while a third is assigned.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    words = pa.dictionary(pa.int32(), pa.string())  # few different ones: numbers are read and written faster
    schema = pa.schema([("area", pa.int32()), ("day", pa.date32()), ("hour", pa.int8()), ("category", words)])
    with (
        pq.ParquetFile(points, read_dictionary=["category"]) as file,
        pq.ParquetWriter(target, schema) as out,
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
    ):
        pieces = file.iter_batches(_PIECE, columns=["moment", "lat", "long", "category"])
        coming, going = reader.submit(next, pieces, None), None
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            lat = piece["lat"].to_numpy(zero_copy_only=False)
            area = assigner.assign(piece["long"].to_numpy(zero_copy_only=False), lat)
            area[np.isnan(lat)] = PLACELESS
            columns = [
                pa.array(area, pa.int32()),
                piece["moment"].cast(pa.date32(), safe=False),
                pc.cast(pc.hour(piece["moment"]), pa.int8()),
                piece["category"],
            ]
            if going is not None:
                going.result()
            going = writer.submit(out.write_batch, pa.record_batch(columns, schema=schema))
        if going is not None:
            going.result()


def connect() -> Any:
    """An Ibis connection to an embedded DuckDB that keeps to two threads and a gigabyte."""
    import ibis

    return ibis.duckdb.connect(threads=2, memory_limit="1GB")


def chosen(facts: ir.Table, categories: Iterable[str] | None, first: dt.date, end: dt.date) -> ir.Table:
    """The rows of some categories (None: all) from the first day up to, but not including, the last."""
    import ibis

    rows = facts.filter(facts.day >= ibis.literal(first), facts.day < ibis.literal(end))
    return rows if categories is None else rows.filter(rows.category.isin(list(categories)))


def period_of(day: ir.DateColumn, periods: Calendar) -> ir.IntegerColumn:
    """The index of the period that a day lies in."""
    import ibis

    start = periods.start
    if periods.period in {Period.MONTH, Period.QUARTER}:
        months = (day.year() - start.year) * 12 + day.month() - start.month
        return (months // (3 if periods.period == Period.QUARTER else 1)).cast("int32")
    days = day.delta(ibis.literal(start), unit="day")
    return (days // (7 if periods.period == Period.WEEK else 1)).cast("int32")


def count(
    source: str, content: str, areas: AreaSet, periods: Calendar, categories: tuple[str, ...] | None = None
) -> Counted:
    """Events by area and period of one state of a source."""
    connection = connect()
    facts = connection.read_parquet(facts_of(source, content, areas))
    return gather(chosen(facts, categories, periods.start, periods.end), len(areas.rows), periods)


def by_area_and_period(rows: ir.Table, periods: Calendar) -> ir.Table:
    """How many rows each area has in each period."""
    return rows.group_by(rows.area, period=period_of(rows.day, periods)).aggregate(n=rows.count())


def by_hour_of_week(rows: ir.Table) -> ir.Table:
    """How many rows lie in some area, by day of the week (Monday is 0) and hour."""
    rows = rows.filter(rows.area >= 0)
    return rows.group_by(day=rows.day.day_of_week.index(), hour=rows.hour).aggregate(n=rows.count())


def gather(rows: ir.Table, areas: int, periods: Calendar) -> Counted:
    """Count rows by area and period, wherever they lie."""
    counted = by_area_and_period(rows, periods).to_pyarrow()
    area, period = counted["area"].to_numpy(), counted["period"].to_numpy()
    n = counted["n"].to_numpy().astype(np.float64)
    table = np.zeros((areas, periods.count))
    known = area >= 0
    table[area[known], period[known]] = n[known]
    return Counted(table, int(n[area == PLACELESS].sum()), int(n[area == OUTSIDE].sum()))
