"""`commonbeat import incidents`: a file of incidents into a source, from the command line."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import click
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from commonbeat.community.agency import current, local_day
from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Invalid
from commonbeat.evidence import actions, importing, store
from commonbeat.evidence.mapping import BadMapping, BadTable, ColumnMapping
from commonbeat.evidence.models import IncidentImport, IncidentSource
from commonbeat.evidence.reading import open_table
from commonbeat.evidence.reasons import REASONS


def progress_bar(console: Console) -> Progress:
    """A bar over the share of a file that is read."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rows]:,} rows"), TimeElapsedColumn(), TimeRemainingColumn(), console=console,
    )  # fmt: skip


def file_from_path(source: IncidentSource, path: Path, given: dict[str, str], *, at: dt.datetime,
                   progress: Progress) -> IncidentImport:  # fmt: skip
    """Import one file with its bar. `given` corrects the remembered or guessed mapping. Raises what stops it."""
    with _packed(path).open("rb") as file:
        brought = actions.bring(source, file, name=path.name, actor=SYSTEM, at=at)
    mapping = ColumnMapping.from_dict(brought.mapping | given)
    mapping.check(actions.table_of(brought).columns)
    IncidentImport.objects.filter(pk=brought.pk).update(mapping=mapping.as_dict(), state=IncidentImport.WAITING)
    task = progress.add_task(path.name, total=1.0, rows=0)
    brought = actions.carry_out(
        brought.pk, actor=SYSTEM, at=at, tell=lambda share, rows: progress.update(task, completed=share, rows=rows)
    )
    progress.update(task, completed=1.0)
    return brought


def _packed(path: Path) -> Path:
    """A folder (of police.uk) as one archive, so that it can be kept while it is imported."""
    if not path.is_dir():
        return path
    target = store.folder("uploads") / f"{path.name}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for member in sorted(path.rglob("*.csv")):
            archive.write(member, member.relative_to(path))
    return target


def _source(slug: str, name: str, noun: str, *, at: dt.datetime) -> IncidentSource:
    found = IncidentSource.objects.filter(slug=slug).first()
    return found or actions.add_source(name=name or slug, noun=noun, slug=slug, actor=SYSTEM, at=at)


def tell_result(console: Console, counts: dict[str, int], reasons: dict[str, int]) -> None:
    """What came of the rows."""
    table = Table("Rows", "", box=None, show_header=False)
    words = {"read": "read", "added": "new", "replaced": "replaced an earlier row with the same number",
             "same": "were there already", "rejected": "left out", "placeless": "count without a place"}  # fmt: skip
    for name, said in words.items():
        table.add_row(f"{counts.get(name, 0):,}", said)
    for reason, number in sorted(reasons.items(), key=lambda item: -item[1]):
        table.add_row(f"{number:,}", f"  {REASONS[reason]}")
    console.print(table)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--source", "slug", required=True, help="Short name of the source, such as burglary; made if new.")
@click.option("--name", default="", help="Name of a new source, such as “Burglaries”.")
@click.option("--noun", default="", help="What it counts, in the plural, such as burglaries.")
@click.option("--map", "given", multiple=True, metavar="PART=COLUMN",
              help="Correct the guess: date, time, lat, long, point, category, key, address, order (ymd, mdy, dmy), "
                   "zone (local, utc) or since (2012-01-31).")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
def incidents(file: Path, slug: str, name: str, noun: str, given: tuple[str, ...], dry_run: bool) -> None:
    """Import incidents from CSV, Excel, Parquet, JSON or a police.uk archive or folder.

    Columns are guessed, and read next time as they were this time. Rows with a number replace those that were there
    under it, so the same file may be imported again.
    """
    console, at = Console(stderr=True), timezone.now()
    try:
        wanted = _given(given)
        if dry_run:
            _try(file, slug, wanted, console, at=at)
            return
        source = _source(slug, name, noun, at=at)
        with progress_bar(console) as progress:
            brought = file_from_path(source, file, wanted, at=at, progress=progress)
    except (BadTable, BadMapping) as refused:
        raise click.ClickException(str(refused))
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    tell_result(console, brought.counts, brought.reasons)
    if brought.state == IncidentImport.FAILED:
        raise click.ClickException(brought.said)
    source.refresh_from_db()
    click.echo(f"{source.name}: {source.rows:,} incidents, {source.first_on} to {source.last_on}.")
    for first, last in source.holes[:10]:
        click.echo(f"Nothing from {first} to {last}: is a file missing?")
    if brought.rejects:
        click.echo(f"Every row that was left out, with its reason: {store.folder(slug) / brought.rejects}.csv")


def _given(given: tuple[str, ...]) -> dict[str, str]:
    parts: dict[str, str] = {}
    known = ColumnMapping().as_dict()
    for item in given:
        part, mark, column = item.partition("=")
        if not mark or part not in known:
            raise click.UsageError(f"Write --map PART=COLUMN with one of: {', '.join(known)}. Not “{item}”.")
        parts[part] = column
    return parts


def _try(file: Path, slug: str, wanted: dict[str, str], console: Console, *, at: dt.datetime) -> None:
    source = IncidentSource.objects.filter(slug=slug).first() or IncidentSource(slug=slug)
    table = open_table(file)
    mapping = ColumnMapping.from_dict(actions.mapping_for(source, table).as_dict() | wanted)
    for part, column in mapping.as_dict().items():
        console.print(f"{part:>9}: {column or '-'}")
    with progress_bar(console) as progress:
        task: Any = progress.add_task(file.name, total=1.0, rows=0)
        outcome = importing.run(
            table, mapping, source=slug, before=source.content, zone=current().timezone, today=local_day(at),
            tell=lambda share, rows: progress.update(task, completed=share, rows=rows),
        )  # fmt: skip
    tell_result(console, outcome.counts, dict(outcome.reasons))
    if outcome.content != source.content:
        store.points_of(slug, outcome.content).unlink(missing_ok=True)
    click.echo("Nothing was stored.")
