"""Files the demo's old requests through the product's own importer, in as many processes as there are processors."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils import timezone
from rich.console import Console

from commonbeat.cases.importing import ImportRun
from commonbeat.community.agency import current
from commonbeat.core.actor import SYSTEM
from commonbeat.interfaces import apart
from commonbeat.interfaces.cli.import_.open311 import Count, Report, file_requests, progress_bar
from commonbeat.interfaces.cli.import_.rows import read_rows

MOST_PROCESSES = 4

Tell: TypeAlias = Callable[[str, int, int], None]
"""Takes a file's name, how many of its bytes are read, and how many of its records."""


class NotFiled(Exception):
    """A process that filed requests failed; what it had filed stays, and the next start continues there."""


@dataclass(frozen=True)
class Plan:
    """What is filed: the files, how many rows of each (None: all), and as of when."""

    paths: Sequence[Path]
    rows: int | None
    at: dt.datetime

    def shares(self, count: int) -> list[Plan]:
        """The same work in at most `count` parts of about the same size; each file stays whole."""
        parts: list[list[Path]] = [[] for _ in range(min(count, len(self.paths)))]
        for path in sorted(self.paths, key=_size, reverse=True):
            min(parts, key=lambda part: sum(map(_size, part))).append(path)
        return [Plan(part, self.rows, self.at) for part in parts]


def _size(path: Path) -> int:
    return path.stat().st_size


def file_all(plan: Plan, tell: Tell) -> None:
    """File every request, as history. Each file is a source of its own, so a second run doubles nothing."""
    zone = ZoneInfo(current().timezone)
    for path in plan.paths:
        run = ImportRun(f"demo {path.name}", actor=SYSTEM, at=plan.at, archive=True)
        count = Count()
        with path.open("rb") as file, Report(None) as report:
            rows = islice(read_rows(path, file), plan.rows)
            for done in file_requests(rows, run, zone=zone, at=plan.at, report=report, count=count):
                if not file.closed:
                    tell(path.name, file.tell(), done)
        tell(path.name, _size(path), count.rows)


@contextmanager
def under_way(folder: Path, *, rows: int | None, processes: int, console: Console) -> Iterator[None]:
    """File the requests of a folder while the block runs; with one process, before it runs.

    Raises `NotFiled` at the end of the block. When the block fails, nothing more is filed.
    """
    plan = Plan(sorted(folder.glob("*.csv.gz")), rows, timezone.now())
    with progress_bar(console) as progress:
        tasks = {
            path.name: progress.add_task(path.name.removesuffix(".csv.gz"), total=_size(path), records=0)
            for path in plan.paths
        }

        def tell(name: str, size: int, records: int) -> None:
            progress.update(tasks[name], completed=size, records=records)

        if processes < 2:
            file_all(plan, tell)
            yield
            return
        with _beside(plan.shares(min(processes, MOST_PROCESSES)), tell):
            yield


@contextmanager
def _beside(shares: Sequence[Plan], tell: Tell) -> Iterator[None]:
    """Run every share in a process of its own while the block runs, and wait for them at its end."""
    said: Any = apart.CONTEXT.Queue()
    calls = [(share.paths, share.rows, share.at, os.getpid(), said) for share in shares]
    children = apart.start(_file_apart, calls)
    listener = Thread(target=_listen, args=(said, tell), daemon=True)
    listener.start()
    try:
        yield
        _wait(children)
    finally:
        for child in children:
            child.terminate()
            child.join()
        said.put(None)
        listener.join()


def _wait(children: Sequence[BaseProcess]) -> None:
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise NotFiled("Filing the old requests was cut off; the lines above say why. Start the demo again to go on.")


def _listen(said: Any, tell: Tell) -> None:
    for words in iter(said.get, None):
        tell(*words)


def _file_apart(paths: Sequence[Path], rows: int | None, at: dt.datetime, parent: int, said: Any) -> None:
    """What one of several processes does."""

    def tell(name: str, size: int, records: int) -> None:
        apart.end_without(parent)
        said.put((name, size, records))

    file_all(Plan(paths, rows, at), tell)
