"""The expressions that count incidents say the same on Spark as on DuckDB.

What they compile to is checked everywhere. A local Spark runs them where `pyspark` (requirements/spark.txt) and Java
are installed; elsewhere the test is skipped and says so.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from commonbeat.evidence.counting import (
    OUTSIDE,
    PLACELESS,
    by_area_and_period,
    by_hour_of_week,
    chosen,
    connect,
    gather,
)
from commonbeat.evidence.periods import Calendar, Period

AREAS = 12
FACTS = ibis.table({"area": "int32", "day": "date", "hour": "int8", "category": "string"}, name="facts")
CALENDARS = [
    Calendar(dt.date(2011, 1, 3), 60, Period.DAY),
    Calendar(dt.date(2011, 1, 5), 90, Period.WEEK),
    Calendar(dt.date(2011, 1, 1), 22, Period.MONTH),
    Calendar(dt.date(2011, 4, 1), 7, Period.QUARTER),
]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """Two years of points with their areas, some without a place and some outside."""
    rng, n = np.random.default_rng(4), 20_000
    days = np.datetime64("2011-01-01") + rng.integers(0, 730, n).astype("timedelta64[D]")
    columns = {
        "area": pa.array(rng.choice([PLACELESS, OUTSIDE, *range(AREAS)], n), pa.int32()),
        "day": pa.array(days, pa.date32()),
        "hour": pa.array(rng.integers(0, 24, n), pa.int8()),
        "category": pa.array(rng.choice(["BURGLARY", "THEFT", "O'BRIEN"], n)).dictionary_encode(),
    }
    path = tmp_path / "facts.parquet"
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.period)
def test_what_is_counted_compiles_for_spark(calendar: Calendar) -> None:
    rows = chosen(FACTS, ("BURGLARY", "O'BRIEN"), calendar.start, calendar.end)
    for expression in (by_area_and_period(rows, calendar), by_hour_of_week(rows)):
        text = str(ibis.to_sql(expression, dialect="pyspark"))
        read = sqlglot.parse_one(text, read="spark")
        assert read.find(sqlglot.exp.Group) is not None and read.find(sqlglot.exp.Count) is not None
        first = f"MAKE_DATE({calendar.start.year}, {calendar.start.month}, {calendar.start.day})"
        assert first in text and "`facts`" in text and "O\\'BRIEN" in text, "as Spark writes days, names and quotes"


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark on this machine alone, in UTC."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (requirements/spark.txt)")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed, which Spark needs")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
    yield ibis.pyspark.connect(session)
    session.stop()


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda one: one.period)
def test_spark_counts_what_duckdb_counts(calendar: Calendar, facts: Path, spark: Any) -> None:
    wanted = ("BURGLARY", "O'BRIEN")
    counted = [
        gather(chosen(where.read_parquet(str(facts)), wanted, calendar.start, calendar.end), AREAS, calendar)
        for where in (connect(), spark)
    ]
    assert counted[0].events > 500 and counted[0].outside > 0 and counted[0].placeless > 0
    assert (counted[0].counts == counted[1].counts).all()
    assert (counted[0].outside, counted[0].placeless) == (counted[1].outside, counted[1].placeless)


def test_spark_knows_the_same_monday(facts: Path, spark: Any) -> None:
    tables = []
    for where in (connect(), spark):
        rows = chosen(where.read_parquet(str(facts)), None, dt.date(2011, 1, 3), dt.date(2011, 1, 10))
        found = by_hour_of_week(rows).to_pyarrow().to_pylist()
        tables.append({(row["day"], row["hour"]): row["n"] for row in found})
    assert tables[0] == tables[1] and {day for day, _hour in tables[0]} == set(range(7))
