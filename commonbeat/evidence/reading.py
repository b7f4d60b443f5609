"""Files of incidents as people have them: CSV, Excel, Parquet, JSON, a police.uk archive; read in pieces, as text."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from commonbeat.evidence.mapping import BadTable

PIECE = 100_000
_BLOCK = 8 << 20
SAMPLE = 500
_STREET = "-street.csv"


@dataclass
class Piece:
    """Some rows, every column as text. `rows` are their numbers in the file, the first after the heading being 1."""

    table: pa.Table
    rows: np.ndarray[Any, Any]
    share: float
    """How much of the file is read with this piece, 0 to 1."""


@dataclass
class TableFile:
    """One file. `broken` fills while pieces are read: numbers of rows that have too few or too many columns."""

    path: Path
    sort: str
    columns: list[str]
    broken: list[int] = field(default_factory=list)

    def sample(self) -> pa.Table:
        """The first rows, to guess and to preview."""
        piece = next(self.pieces(most=SAMPLE), None)
        return piece.table.slice(0, SAMPLE) if piece else pa.table({name: pa.array([], pa.string()) for name in
                                                                    self.columns})  # fmt: skip

    def pieces(self, *, most: int = PIECE) -> Iterator[Piece]:
        """All rows. Raises `BadTable` where the file breaks off."""
        self.broken.clear()
        read = {"parquet": _parquet, "excel": _excel, "json": _json, "archive": _archive, "csv": _csv}[self.sort]
        done = 0
        try:
            for table, share in read(self, most):
                yield Piece(table, self._numbers(done, table.num_rows), min(share, 1.0))
                done += table.num_rows
        except (pa.ArrowInvalid, OSError, EOFError, ValueError, zipfile.BadZipFile) as failure:
            raise BadTable(f"The file breaks off or is damaged ({failure}). Export it again.") from failure

    def _numbers(self, done: int, count: int) -> np.ndarray[Any, Any]:
        order = np.arange(done, done + count)
        gaps = np.array(sorted(self.broken)) - 1 - np.arange(len(self.broken))
        return order + np.searchsorted(gaps, order, side="right") + 1


def open_table(path: Path) -> TableFile:
    """Look what a file is, by its content. Raises `BadTable`."""
    if path.is_dir():
        return TableFile(path, "archive", _archive_columns(path))
    with path.open("rb") as file:
        start = file.read(4096)
    try:
        if start.startswith(b"PAR1"):
            import pyarrow.parquet as pq

            schema = pq.read_schema(path)
            return TableFile(path, "parquet", [f.name for f in schema if not _is_odd(f.type)])
        if start.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                workbook = any(name.endswith(("workbook.xml", "workbook.bin")) for name in archive.namelist())
                sheet = "content.xml" in archive.namelist()
            if workbook or sheet:
                return TableFile(path, "excel", _header(_sheet(path)))
            return TableFile(path, "archive", _archive_columns(path))
        if start.startswith(b"\xd0\xcf\x11\xe0"):
            return TableFile(path, "excel", _header(_sheet(path)))
        head = _plain_start(path, start)
        if head.lstrip().startswith((b"[", b"{")):
            rows = list(itertools.islice(_json_rows(path), 200))
            return TableFile(path, "json", list(dict.fromkeys(key for row in rows for key in row)))
        with _plain(path) as text:
            return TableFile(path, "csv", _csv_header(text)[0])
    except BadTable:
        raise
    except Exception as failure:  # libraries raise many kinds for damaged files
        raise BadTable(f"This file cannot be read as a table ({failure}). Export it as CSV and try again.") from failure


def _is_odd(kind: pa.DataType) -> bool:
    return pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _plain_start(path: Path, start: bytes) -> bytes:
    if start.startswith(b"\x1f\x8b"):
        with gzip.open(path) as file:
            start = file.read(4096)
    return start.removeprefix(b"\xef\xbb\xbf")


def _plain(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for number, name in enumerate(names, start=1):
        name = " ".join(name.split()) or f"column {number}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _csv_header(content: IO[bytes]) -> tuple[list[str], str, str]:
    """Names of the columns, the delimiter and the encoding."""
    start = content.read(1 << 20)
    encoding = "utf8"
    try:
        start[: start.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = "latin1"
    text = start.decode("utf-8-sig" if encoding == "utf8" else "latin-1", errors="replace")
    line = text.partition("\n")[0]
    if not line.strip() or "\x00" in line:
        raise BadTable("This file is not a table. Export it as CSV, Excel or Parquet.")
    delimiter = max(",;\t|", key=line.count)
    if not line.count(delimiter):
        raise BadTable("The first line names only one column. Export the table with a heading and commas.")
    return _unique(next(csv.reader(io.StringIO(text), delimiter=delimiter))), delimiter, encoding


def _csv(file: TableFile, most: int) -> Iterator[tuple[pa.Table, float]]:
    size = max(file.path.stat().st_size, 1)
    with file.path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        content: Any = gzip.GzipFile(fileobj=raw) if packed else raw
        for table in _csv_pieces(content, file, most, lambda: _plain(file.path)):
            yield table, raw.tell() / size


def _csv_pieces(content: IO[bytes], file: TableFile, most: int, again: Any) -> Iterator[pa.Table]:
    import pyarrow.csv as pc

    with again() as start:
        columns, delimiter, encoding = _csv_header(start)

    def leave_out(row: Any) -> str:
        file.broken.append(row.number - 1)
        return "skip"

    reader = pc.open_csv(
        content,
        pc.ReadOptions(use_threads=False, block_size=min(_BLOCK, max(most * 2000, 1 << 16)), encoding=encoding,
                       column_names=columns, skip_rows=1),
        pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=leave_out),
        pc.ConvertOptions(column_types={name: pa.string() for name in columns}, strings_can_be_null=False),
    )  # fmt: skip
    for batch in reader:
        yield pa.Table.from_batches([batch])


def _parquet(file: TableFile, most: int) -> Iterator[tuple[pa.Table, float]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(file.path) as source:
        total, done = max(source.metadata.num_rows, 1), 0
        for batch in source.iter_batches(most, columns=file.columns):
            done += batch.num_rows
            yield _as_text(pa.Table.from_batches([batch])), done / total


def _as_text(table: pa.Table) -> pa.Table:
    columns = []
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
        columns.append(column.cast(pa.string()))
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def _sheet(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    with path.open("rb") as file:  # by its content: a kept file has no ending
        book = CalamineWorkbook.from_filelike(file)
        sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=True) for name in book.sheet_names]
    rows = max(sheets, key=len, default=[])
    while rows and sum(1 for cell in rows[0] if str(cell).strip()) < 2:
        rows = rows[1:]  # a title above the heading
    if len(rows) < 2:
        raise BadTable("No sheet of this workbook holds a table with a heading.")
    return rows


def _header(rows: list[list[Any]]) -> list[str]:
    return _unique([str(cell) for cell in rows[0]])


def _excel(file: TableFile, most: int) -> Iterator[tuple[pa.Table, float]]:
    rows = _sheet(file.path)[1:]
    for first in range(0, len(rows), most):
        some = rows[first : first + most]
        columns = {name: pa.array([_cell(row[i]) if i < len(row) else "" for row in some], pa.string())
                   for i, name in enumerate(file.columns)}  # fmt: skip
        yield pa.table(columns), (first + len(some)) / len(rows)


def _cell(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else value.isoformat())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _json_rows(path: Path) -> Iterator[dict[str, str]]:
    import ijson

    with _plain(path) as content:
        first = content.read(1 << 16).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    with _plain(path) as content:
        prefix = "item" if first == b"[" else "features.item"
        for value in ijson.items(content, prefix, use_float=True):
            row: dict[str, str] = {}
            _flatten(value, "", row)
            yield row


def _flatten(value: Any, name: str, row: dict[str, str]) -> None:
    """Names of inner values stand behind their outer one: `location.latitude`; GeoJSON points become longitude, …"""
    if isinstance(value, dict):
        if value.get("type") == "Point" and isinstance(value.get("coordinates"), list):
            row |= {"longitude": str(value["coordinates"][0]), "latitude": str(value["coordinates"][1])}
            return
        for key, inner in value.items():
            plain = key if not name or name == "properties" else f"{name}.{key}"
            _flatten(inner, plain, row)
    elif not isinstance(value, list) and name:
        row[name] = "" if value is None else str(value)


def _json(file: TableFile, most: int) -> Iterator[tuple[pa.Table, float]]:
    rows, done = _json_rows(file.path), 0
    while some := list(itertools.islice(rows, most)):
        done += len(some)
        yield pa.table({name: pa.array([row.get(name, "") for row in some], pa.string()) for name in file.columns}), 0.5


def _members(path: Path) -> tuple[list[str], Any]:
    """The CSV files of a folder or archive (of police.uk: the street files), and how to open one."""
    if path.is_dir():
        names = sorted(str(found.relative_to(path)) for found in path.rglob("*.csv"))

        def opened(name: str) -> IO[bytes]:
            return (path / name).open("rb")
    else:
        archive = zipfile.ZipFile(path)
        names = sorted(name for name in archive.namelist() if name.endswith(".csv"))

        def opened(name: str) -> IO[bytes]:
            return archive.open(name)

    street = [name for name in names if name.endswith(_STREET)]
    if not names:
        raise BadTable("The archive holds no CSV file.")
    return street or names, opened


def _archive_columns(path: Path) -> list[str]:
    names, opened = _members(path)
    with opened(names[0]) as content:
        return _csv_header(content)[0]


def _archive(file: TableFile, most: int) -> Iterator[tuple[pa.Table, float]]:
    names, opened = _members(file.path)
    for number, name in enumerate(names, start=1):
        with opened(name) as content:
            try:
                for table in _csv_pieces(content, file, most, lambda name=name: opened(name)):
                    if table.column_names != file.columns:
                        raise BadTable(f"{name} has other columns than {names[0]}. Import it as a source of its own.")
                    yield table, number / len(names)
            except pa.ArrowInvalid as failure:
                raise BadTable(f"{name} is damaged ({failure}).") from failure
