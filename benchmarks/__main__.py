"""`python -m benchmarks`: builds an installation, measures it, prints a table and writes JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.site import ROOT, Server, Site

RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True)
class Target:
    """A number that a measurement should reach: at least, or at most."""

    field: str
    least: float | None = None
    most: float | None = None

    def met(self, told: dict[str, Any]) -> bool:
        """Whether the measurement reached it."""
        value = float(told[self.field])
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def __str__(self) -> str:
        sign, number = ("≥", self.least) if self.least is not None else ("≤", self.most)
        return f"{self.field} {sign} {number:g}"


def plan(cases: int) -> list[tuple[str, Callable[[Server], dict[str, Any]], tuple[Target, ...]]]:
    """What is read at a size, with its targets (docs/performance.md says where they come from)."""
    from benchmarks import measures

    many = cases >= 1_000_000
    rows: list[tuple[str, Callable[[Server], dict[str, Any]], tuple[Target, ...]]] = [
        ("inbox", measures.inbox, (Target("per_second", least=100 if many else 150), Target("p99_ms", most=120))),
        ("officer_inbox", measures.officer_inbox, (Target("per_second", least=100 if many else 150),)),
        ("case_page", measures.case_page, (Target("per_second", least=200),)),
        ("search", measures.search, (Target("p99_ms", most=200),)),
        ("search_everything", measures.search_everything, (Target("p99_ms", most=200),)),
    ]
    if not many:
        rows += [
            ("area_map", measures.area_map, (Target("per_second", least=150),)),
            ("open311", measures.open311, (Target("per_second", least=20),)),
        ]
    return rows


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--cases", "sizes", multiple=True, type=int, help="How many cases to read among; 100000 and 1000000 if not given."
)
@click.option("--seconds", default=8.0, show_default=True, help="How long each thing is measured.")
@click.option("--records", default=100_000, show_default=True, help="How many records to import.")
@click.option("--data", type=click.Path(path_type=Path), help="Keep the installation in this folder and use it again.")
def bench(names: tuple[str, ...], sizes: tuple[int, ...], seconds: float, records: int, data: Path | None) -> None:
    """Measure everything, or only what is named.

    Names: intake (with open311_intake), importing, inbox, officer_inbox, case_page, search, search_everything,
    area_map, open311.
    """
    folder = data or Path(tempfile.mkdtemp(prefix="cb-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"COMMONBEAT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "commonbeat.config.settings"}
    from commonbeat.config import database

    database.join()
    site = Site(folder, seconds=seconds)
    results: dict[str, Any] = {}
    try:
        _measure(site, set(names), sizes or (100_000, 1_000_000), records, results)
    finally:
        _write(results)
        from django.db import connections

        connections.close_all()
        database.leave()
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


def _measure(site: Site, names: set[str], sizes: tuple[int, ...], records: int, results: dict[str, Any]) -> None:
    import django

    django.setup()
    from benchmarks import city, measures

    if not (site.data / "founded").exists():
        city.found(site)
        (site.data / "founded").touch()
    wanted = lambda name: not names or name in names  # noqa: E731
    if wanted("intake"):
        enough = (Target("per_second", least=300), Target("of_bare", least=0.2), Target("incomplete", most=0))
        with site.served(settings="benchmarks.bare", worker=False) as bare, site.served() as product:
            told = measures.reports(bare, product)
        for name, one in told.items():
            results[name] = _show(name, one, enough if "of_bare" in one else ())
    for size in sizes:
        rows = [row for row in plan(size) if wanted(row[0])]
        if rows:
            _read(site, size, rows, results)
    if wanted("importing"):
        targets = (Target("seconds", most=60 * records / 100_000), Target("peak_mb", most=400))
        results["importing"] = _show("importing", measures.importing(site, records=records), targets)


def _read(site: Site, size: int, rows: list[Any], results: dict[str, Any]) -> None:
    from benchmarks import city

    note = site.data / "filled"
    if not note.exists() or note.read_text() != str(size):
        started = time.perf_counter()
        city.fill(size, at=dt.datetime.now(tz=dt.UTC))
        note.write_text(str(size))
        click.echo(f"{size:,} cases made in {time.perf_counter() - started:.0f} s")
    with site.served(worker=False) as server:
        for name, measure, targets in rows:
            results[f"{name}_{size}"] = _show(f"{name} of {size:,}", measure(server), targets)


def _show(name: str, told: dict[str, Any], targets: tuple[Target, ...]) -> dict[str, Any]:
    told["targets"] = {str(target): target.met(told) for target in targets}
    marks = "  ".join(f"{'met' if met else 'MISSED'}: {target}" for target, met in told["targets"].items())
    fields = ("per_second", "p50_ms", "p99_ms", "web_cpu_ms", "database_cpu_ms", "of_bare", "seconds", "peak_mb")
    numbers = "  ".join(f"{field} {told[field]:g}" for field in fields if field in told)
    click.echo(f"{name:<26} {numbers}  {marks}")
    return told


def _write(results: dict[str, Any]) -> None:
    if not results:
        return
    RESULTS.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    busy = {"load_before": os.getloadavg()[0]} if hasattr(os, "getloadavg") else {}
    path = RESULTS / f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%dT%H%M%S}.json"
    path.write_text(json.dumps({"machine": machine | busy, "results": results}, indent=2) + "\n")
    click.echo(f"Written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    bench()
