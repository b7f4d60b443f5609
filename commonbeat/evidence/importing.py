"""The run of an import: read, check, keep the rows with what was there, and say what came of every row."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from commonbeat.core.cells import harmless
from commonbeat.evidence import store
from commonbeat.evidence.checking import POINTS, Checker
from commonbeat.evidence.mapping import ColumnMapping
from commonbeat.evidence.reading import TableFile
from commonbeat.evidence.reasons import BROKEN, DOUBLED, NOTES, REASONS

Tell = Callable[[float, int], None]
"""Takes the share of the file that is read, and how many rows."""

CHECKED = pa.schema([("row", pa.int64()), ("keyed", pa.bool_()), *POINTS])
_EMPTY_STATE = "SELECT * FROM (VALUES (NULL::VARCHAR, NULL::TIMESTAMP, NULL::DOUBLE, NULL::DOUBLE, NULL::VARCHAR, \
NULL::VARCHAR)) AS t (key, moment, lat, long, category, address) WHERE false"
_SURE = 14.0
"""A stretch without events is a hole when chance would leave it so empty once in a million times (e to this power)."""


@dataclass
class Outcome:
    """What an import would do, or did. `content` is the SHA-256 of the source's new state."""

    read: int = 0
    added: int = 0
    replaced: int = 0
    same: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejects: str = ""
    content: str = ""
    rows: int = 0
    placed: int = 0
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    categories: dict[str, int] = field(default_factory=dict)
    holes: list[list[str]] = field(default_factory=list)
    precision: str = "moment"

    @property
    def rejected(self) -> int:
        """Rows that do not count."""
        return sum(n for reason, n in self.reasons.items() if reason not in NOTES)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers for people."""
        placeless = sum(self.reasons[note] for note in NOTES)
        return {"read": self.read, "added": self.added, "replaced": self.replaced, "same": self.same,
                "rejected": self.rejected, "placeless": placeless}  # fmt: skip


class NothingLeft(ValueError):
    """No row of the file could be used."""


def connect() -> Any:
    """A DuckDB that keeps to two threads and a gigabyte, and never looks for extensions elsewhere."""
    import duckdb

    config: dict[str, Any] = {"threads": 2, "memory_limit": "1GB", "autoinstall_known_extensions": False}
    return duckdb.connect(config=config)


def run(
    file: TableFile, mapping: ColumnMapping, *, source: str, before: str, zone: str, today: dt.date,
    tell: Tell = lambda share, rows: None,
) -> Outcome:  # fmt: skip
    """Read a whole file into a new state of a source. Nothing counts before the caller stores the outcome.

    Raises `BadTable` where the file breaks off, `BadMapping`, and `NothingLeft`.
    """
    mapping.check(file.columns)
    outcome = Outcome()
    checker = Checker(mapping, zone, today)
    with tempfile.TemporaryDirectory(prefix="import-", dir=_room(source)) as name, connect() as connection:
        folder = Path(name)
        connection.execute("SET temp_directory = ?", [str(folder / "spill")])
        with Rejects(folder / "rejects.csv") as rejects:
            _check_all(file, checker, connection, folder / "checked.parquet", rejects, outcome, tell)
            _merge(connection, folder, store.points_of(source, before) if before else None, rejects, outcome)
        _describe(connection, folder / "state.parquet", outcome)
        if not outcome.rows:
            raise NothingLeft
        outcome.content = store.digest_of(folder / "state.parquet")
        (folder / "state.parquet").replace(store.points_of(source, outcome.content))
        outcome.rejects = store.digest_of(folder / "rejects.csv")
        (folder / "rejects.csv").replace(store.folder(source) / f"{outcome.rejects}.csv")
    return outcome


def _room(source: str) -> Path:
    place = store.folder(source)
    place.mkdir(parents=True, exist_ok=True)
    return place


class Rejects:
    """The list of rows that do not count, or count without a place, with what they said; for the staff only."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._lines = csv.writer(self._file)
        self._lines.writerow(["row", "reason", "explanation", "date", "coordinates", "number", "category"])

    def __enter__(self) -> Rejects:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, row: int, reason: str, *said: str) -> None:
        """One line."""
        self._lines.writerow([row, reason, REASONS[reason], *map(harmless, said)])


def _check_all(
    file: TableFile, checker: Checker, connection: Any, target: Path, rejects: Rejects, outcome: Outcome, tell: Tell
) -> None:
    with pq.ParquetWriter(target, CHECKED) as writer:
        for piece in file.pieces():
            table = checker.check(connection, piece.table, piece.rows)
            outcome.read += table.num_rows
            told = table.filter(pa.compute.not_equal(table["reason"], ""))
            for line in told.to_pylist():
                outcome.reasons[line["reason"]] += 1
                key = line["key"] if line["keyed"] else ""
                rejects.add(line["row"], line["reason"], line["said"], line["where_said"], key, line["category"])
            good = pa.compute.is_in(table["reason"], value_set=pa.array(["", *NOTES]))
            writer.write_table(table.filter(good).select(CHECKED.names).cast(CHECKED))
            tell(piece.share * 0.9, outcome.read)
    for number in file.broken:
        outcome.read += 1
        outcome.reasons[BROKEN] += 1
        rejects.add(number, BROKEN)


def _merge(connection: Any, folder: Path, before: Path | None, rejects: Rejects, outcome: Outcome) -> None:
    """Rows with a number replace the one that was there under it; rows without are known by everything they say.

    Rows without a number that are alike are as many as a file holds at once: importing it again doubles none.
    """
    checked = _quoted(folder / "checked.parquet")
    connection.execute(f"CREATE VIEW checked AS SELECT * FROM read_parquet('{checked}')")
    connection.execute("""
        CREATE TEMP TABLE numbered AS SELECT *, row_number() OVER (PARTITION BY keyed, key ORDER BY row) AS copy,
            count(*) OVER (PARTITION BY keyed, key) AS copies FROM checked""")
    doubled = connection.execute("""
        SELECT row, strftime(moment, '%Y-%m-%d %H:%M:%S'), key, category FROM numbered WHERE keyed AND copy < copies
        ORDER BY row""")
    for row, at, key, category in doubled.fetchall():
        outcome.reasons[DOUBLED] += 1
        rejects.add(row, DOUBLED, at, "", key, category)
    connection.execute("""
        CREATE TEMP TABLE fresh AS SELECT CASE WHEN keyed THEN key ELSE key || '#' || copy END AS key,
            moment, lat, long, category, address FROM numbered WHERE NOT keyed OR copy = copies""")
    connection.execute("DROP TABLE numbered")
    old = f"SELECT * FROM read_parquet('{_quoted(before)}')" if before else _EMPTY_STATE
    connection.execute(f"CREATE VIEW old AS {old}")
    outcome.same, known = connection.execute("""
        SELECT count(*) FILTER (WHERE (f.moment, f.lat, f.long, f.category, f.address)
            IS NOT DISTINCT FROM (o.moment, o.lat, o.long, o.category, o.address)), count(*)
        FROM fresh f JOIN old o USING (key)""").fetchone()
    outcome.replaced = known - outcome.same
    outcome.added = connection.execute("SELECT count(*) FROM fresh").fetchone()[0] - known
    connection.execute(f"""
        COPY (SELECT * FROM (SELECT * FROM fresh UNION ALL SELECT * FROM old ANTI JOIN fresh USING (key))
              ORDER BY moment, key) TO '{_quoted(folder / "state.parquet")}' (FORMAT parquet, COMPRESSION zstd)""")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _describe(connection: Any, state: Path, outcome: Outcome) -> None:
    """What the new state holds: days, categories, precision, holes in time."""
    connection.execute(f"CREATE VIEW state AS SELECT * FROM read_parquet('{_quoted(state)}')")
    outcome.rows, outcome.placed, outcome.first_on, outcome.last_on, timed, dated = connection.execute("""
        SELECT count(*), count(lat), min(moment)::DATE, max(moment)::DATE,
            count(*) FILTER (WHERE moment <> date_trunc('day', moment)), count(*) FILTER (WHERE day(moment) <> 1)
        FROM state""").fetchone()
    outcome.precision = "moment" if timed else "day" if dated or outcome.rows < 20 else "month"
    outcome.categories = dict(
        connection.execute("""
        SELECT category, count(*) AS n FROM state GROUP BY category ORDER BY n DESC, category LIMIT 500""").fetchall()
    )
    days = connection.execute("SELECT moment::DATE AS day, count(*) FROM state GROUP BY day ORDER BY day").fetchall()
    outcome.holes = holes([day for day, _ in days], outcome.rows, outcome.precision)


def describe(source: str, content: str) -> Outcome:
    """What a state of a source holds; no content is an empty one."""
    outcome = Outcome(content=content)
    if content:
        with connect() as connection:
            _describe(connection, store.points_of(source, content), outcome)
    return outcome


def holes(days: list[dt.date], rows: int, precision: str) -> list[list[str]]:
    """Stretches without a row that chance does not explain: [first day, last day] each."""
    if len(days) < 3:
        return []
    numbers = np.array([day.toordinal() for day in days])
    gaps = np.diff(numbers) - 1
    if precision == "month":
        wide = gaps > 31
    else:
        # By the middle gap rather than the mean rate: a few stray rows years before must not hide the hole after them.
        usual = max(float(np.median(gaps + 1)) / max(rows / len(days), 1.0), 1 / max(rows / len(days), 1.0))
        wide = gaps >= max(3.0, _SURE * usual)
    found = []
    for place in np.flatnonzero(wide)[:50]:
        first = dt.date.fromordinal(int(numbers[place]) + 1)
        last = dt.date.fromordinal(int(numbers[place + 1]) - 1)
        if precision == "month":
            first = (days[place].replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        found.append([first.isoformat(), last.isoformat()])
    return found
