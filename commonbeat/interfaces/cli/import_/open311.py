"""`commonbeat import open311`: service requests of a file or a server become cases."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import httpx
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from commonbeat import __version__
from commonbeat.cases.importing import NO_CATEGORY, CannotImport, ImportRun, Result
from commonbeat.community.agency import current
from commonbeat.core.actor import SYSTEM
from commonbeat.core.cells import harmless
from commonbeat.core.georeport import NotUsable, Record, rename, tidy
from commonbeat.interfaces.cli.import_.endpoint import Endpoint
from commonbeat.interfaces.cli.import_.rows import Row, read_rows

BATCH = 2000
MOST_REASONS = 25


@dataclass
class Count:
    """How many records came to what, and why others were left out. Writes one line a record when asked."""

    what: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def add(self, result: Result) -> None:
        """Count one record."""
        self.what[result.what] += 1
        if result.what == "skipped":
            self.why[result.said] += 1


class Report:
    """A CSV file with one line per record: row, number, result, reason. Does nothing without a path."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("w", encoding="utf-8", newline="") if path else None
        self._lines = csv.writer(self._file) if self._file else None
        if self._lines:
            self._lines.writerow(["row", "service_request_id", "result", "reason"])

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def add(self, row: int, result: Result) -> None:
        """Write what became of a row; the first row after the heading is 1."""
        if self._lines:
            self._lines.writerow([row, harmless(result.key), result.what, result.said])


def file_requests(
    rows: Iterable[Row], run: ImportRun, *, zone: dt.tzinfo, at: dt.datetime, report: Report, count: Count,
) -> Iterator[int]:  # fmt: skip
    """File raw rows batch by batch; yields how many were read after each batch."""
    names: dict[tuple[str, ...], dict[str, str]] = {}
    for batch in _batches(rows, BATCH):
        good: list[tuple[int, Record]] = []
        for row in batch:
            count.rows += 1
            columns = tuple(row)
            known = names.get(columns) or names.setdefault(columns, rename(columns))
            try:
                good.append((count.rows, tidy(row, known, zone=zone, at=at)))
            except NotUsable as reason:
                key = str(row.get(known.get("service_request_id", "")) or "")
                _note(Result(key, "skipped", str(reason)), count.rows, count, report)
        for (number, _), result in zip(good, run.take([record for _, record in good]), strict=True):
            _note(result, number, count, report)
        yield count.rows


def _note(result: Result, row: int, count: Count, report: Report) -> None:
    count.add(result)
    report.add(row, result)


def _batches(rows: Iterable[Row], size: int) -> Iterator[Sequence[Row]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, size)):
        yield batch


def show(count: Count, *, dry_run: bool, console: Console) -> None:
    """Print what became of the records as tables."""
    words = {
        "new": "would be filed" if dry_run else "filed as new cases", "updated": "changed since the last import",
        "unchanged": "known and unchanged", "skipped": "left out",
    }  # fmt: skip
    table = Table(title="Dry run: nothing was written" if dry_run else "Import", title_justify="left")
    table.add_column("Records", justify="right")
    table.add_column("")
    for what, words_of_it in words.items():
        if count.what[what] or what == "new":
            table.add_row(f"{count.what[what]:,}", words_of_it)
    console.print(table)
    if not count.why:
        return
    reasons = Table(title="Left out, and why", title_justify="left")
    reasons.add_column("Records", justify="right")
    reasons.add_column("Reason")
    for reason, number in count.why.most_common(MOST_REASONS):
        reasons.add_row(f"{number:,}", reason)
    if len(count.why) > MOST_REASONS:
        reasons.add_row("", f"… and {len(count.why) - MOST_REASONS} more reasons; --report lists every record.")
    console.print(reasons)
    if any(reason.startswith(NO_CATEGORY.partition("“")[0]) for reason in count.why):
        console.print('Say which category stands for theirs with --map "Their name=our_code", and run it again.')


def progress_bar(console: Console) -> Progress:
    """A bar over bytes read, as all imports show it."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[records]:,} records"),
        TimeElapsedColumn(), TimeRemainingColumn(), console=console,
    )  # fmt: skip


def file_from_path(
    path: Path, run: ImportRun, *, zone: dt.tzinfo, at: dt.datetime, report: Report, count: Count, progress: Progress,
) -> None:  # fmt: skip
    """File the requests of a file, with its bar in `progress`."""
    task = progress.add_task(path.name, total=path.stat().st_size, records=0)
    with path.open("rb") as file:
        for rows in file_requests(read_rows(path, file), run, zone=zone, at=at, report=report, count=count):
            if not file.closed:  # whoever reads to the end may close it
                progress.update(task, completed=file.tell(), records=rows)
    progress.update(task, completed=path.stat().st_size, records=count.rows)


def _file_from_url(
    address: str, run: ImportRun, *, zone: dt.tzinfo, at: dt.datetime, report: Report, count: Count, progress: Progress,
    since: dt.datetime | None, until: dt.datetime | None, jurisdiction: str, api_key: str,
) -> None:  # fmt: skip
    task = progress.add_task(address, total=None, records=0)
    headers = {"User-Agent": f"Commonbeat/{__version__}"}
    with httpx.Client(timeout=60, follow_redirects=True, headers=headers) as client:
        base = address.rstrip("/").removesuffix("/requests.json").removesuffix("/requests.xml")
        server = Endpoint(base, client, api_key=api_key, jurisdiction=jurisdiction)
        rows = server.rows(since, until or at)
        for done in file_requests(rows, run, zone=zone, at=at, report=report, count=count):
            progress.update(task, records=done)


def _is_file_address(address: str) -> bool:
    name = address.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".gz")
    return name.endswith((".csv", ".json", ".xml")) and not name.startswith("requests.")


def _download(address: str, folder: Path) -> Path:
    """Fetch a whole file; a stream that breaks off must not look like the end of the data."""
    path = folder / "download"
    try:
        with httpx.stream("GET", address, timeout=60, follow_redirects=True) as reply:
            reply.raise_for_status()
            with path.open("wb") as file:
                for piece in reply.iter_raw() if address.endswith(".gz") else reply.iter_bytes():
                    file.write(piece)
    except httpx.HTTPError as failure:
        raise click.ClickException(f"{address} cannot be fetched ({failure}). Check the address and try again.")
    return path


def _zone(_: click.Context, __: click.Parameter, name: str | None) -> dt.tzinfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"There is no time zone “{name}”. Write it like America/Chicago.")


def _mapping(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    pairs = dict(value.rpartition("=")[::2] for value in values)
    if not all(name and code for name, code in pairs.items()):
        raise click.BadParameter("Write it as CODE=category, for example --map 4fd3b167e750846744000005=graffiti.")
    return pairs


def _moment(_: click.Context, __: click.Parameter, value: dt.datetime | None) -> dt.datetime | None:
    return value.replace(tzinfo=ZoneInfo(current().timezone)) if value else None


@click.command()
@click.argument("source")
@click.option("--source", "name", help="Name of the source; a second import under the same name doubles nothing.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="CODE=CATEGORY",
    callback=_mapping,
    help="Their service code or name = our category code. May be repeated.",
)
@click.option("--naive-timezone", "zone", callback=_zone, help="Zone of moments that name none; else the agency's.")
@click.option("--archive", is_flag=True, help="File everything as closed history, also what is still open there.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--report", "report_path", type=click.Path(path_type=Path, dir_okay=False), help="One CSV line a record.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), callback=_moment, help="Server only: first day to fetch.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), callback=_moment, help="Server only: day to stop before.")
@click.option("--jurisdiction", default="", help="Server only: jurisdiction_id.")
@click.option("--api-key", default="", envvar="COMMONBEAT_IMPORT_KEY", help="Server only; or COMMONBEAT_IMPORT_KEY.")
def open311(
    source: str, name: str | None, mapping: dict[str, str], zone: dt.tzinfo | None, archive: bool, dry_run: bool,
    report_path: Path | None, **server: Any,
) -> None:  # fmt: skip
    """File service requests of another system as cases.

    SOURCE is a GeoReport bulk file (CSV, JSON or XML, also gzipped), the address of one, or the address of a
    GeoReport v2 server such as https://311.example.org/open311/v2. Running it again takes over what changed and
    doubles nothing, as long as --source (or the address or file name) stays the same.
    """
    is_url = source.startswith(("http://", "https://"))
    if not is_url and not Path(source).is_file():
        raise click.ClickException(f"There is no file {source}. Give a file, or an address that starts with https://.")
    at = timezone.now()
    console = Console(stderr=False)
    count = Count()
    try:
        run = ImportRun(
            (name or (source if is_url else Path(source).name))[:100], actor=SYSTEM, at=at, archive=archive,
            mapping=mapping, dry_run=dry_run,
        )  # fmt: skip
    except CannotImport as reason:
        raise click.ClickException(str(reason))
    given: dict[str, Any] = {"zone": zone or ZoneInfo(current().timezone), "at": at, "count": count}
    with ExitStack() as stack:
        report = stack.enter_context(Report(report_path))
        stack.callback(show, count, dry_run=dry_run, console=console)  # also after a failure: what was filed stays
        progress = stack.enter_context(progress_bar(console))
        if is_url and not _is_file_address(source):
            _file_from_url(source, run, report=report, progress=progress, **given, **server)
            return
        path = _download(source, Path(stack.enter_context(_folder()))) if is_url else Path(source)
        file_from_path(path, run, report=report, progress=progress, **given)


def _folder() -> Any:
    import tempfile

    return tempfile.TemporaryDirectory(prefix="commonbeat-import-")
