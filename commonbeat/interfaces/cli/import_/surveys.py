"""`commonbeat import survey` and `import population`: answers and populations from files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Invalid
from commonbeat.evidence.areas import NoAreas, area_set
from commonbeat.evidence.mapping import BadTable
from commonbeat.evidence.surveys import actions, files, populations
from commonbeat.evidence.surveys.answers import ROW_REASONS, Read
from commonbeat.evidence.surveys.columns import GROUP, OUT, ROLES, BadUses, Use
from commonbeat.evidence.surveys.models import PopulationTable, SurveySeries, SurveyWave, WaveImport

DAY = click.DateTime(formats=["%Y-%m-%d"])


def _used(uses: list[Use], given: tuple[str, ...]) -> list[Use]:
    """The guessed columns with what was given on the command line."""
    known = {use.column: use for use in uses}
    for item in given:
        column, mark, rest = item.partition("=")
        role, _, scale = rest.partition(":")
        role = OUT if role == "out" else role
        if not mark or role not in ROLES or column not in known:
            roles = ", ".join(["out", *filter(None, ROLES)])
            raise click.UsageError(
                f"Write --map COLUMN=ROLE or COLUMN=scale:1-5, with a role of: {roles}. Not “{item}”."
            )
        old = known[column]
        known[column] = Use(column, role, old.label, scale or old.scale, old.key if role == old.role else "")
    return list(known.values())


def _tell(console: Console, brought: WaveImport, uses: list[Use], read: Read, rows: int) -> None:
    """What each column is, and what came of the rows."""
    for column, reason in brought.left_out.items():
        click.echo(f"{column}: left out. {str(reason['message']) % reason['params']}", err=True)
    for use in uses:
        if use.column not in brought.left_out:
            said = use.scale or (use.label if use.is_question or use.role == GROUP else "")
            click.echo(f"{use.column}: {use.role or 'left out'} {said}".rstrip(), err=True)
    table = Table("Rows", "", box=None, show_header=False)
    table.add_row(f"{rows:,}", "read")
    table.add_row(f"{int(read.keep.sum()):,}", "count")
    for code, number in read.reasons.most_common():
        table.add_row(f"{number:,}", f"  {ROW_REASONS[code]}")
    console.print(table)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--survey", "slug", required=True, help="Short name of the survey, such as trust; made if new.")
@click.option("--name", default="", help="Name of a new survey, such as “Trust in the neighborhood”.")
@click.option("--every-months", type=click.IntRange(1, 60), help="Cadence of a new survey.")
@click.option("--wave", required=True, help="Name of the wave, such as “Spring 2026”.")
@click.option("--from", "first", type=DAY, required=True, help="First day of asking, such as 2026-03-01.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of asking.")
@click.option("--sampling", type=click.Choice(SurveyWave.Sampling.values), required=True,
              help="How people came to be asked. A form is not a sample.")  # fmt: skip
@click.option("--mode", type=click.Choice(SurveyWave.Mode.values), default="mixed", show_default=True)
@click.option("--invited", type=click.IntRange(1), help="How many people were asked.")
@click.option("--areas", default="", help="Areas that a column names, as level@revision.")
@click.option("--map", "given", multiple=True, metavar="COLUMN=ROLE",
              help="Correct the guess: scale:1-5, yesno, choice, number, group, area, weight, stratum, cluster, key, "
                   "day or out.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
def survey(
    file: Path, slug: str, name: str, every_months: int | None, wave: str, first: dt.datetime, last: dt.datetime,
    sampling: str, mode: str, invited: int | None, areas: str, given: tuple[str, ...], dry_run: bool,
) -> None:  # fmt: skip
    """Import the answers of one wave of a survey from CSV, Excel or Parquet.

    Names, e-mail addresses, telephone numbers and what people wrote in their own words are never taken in.
    """
    console, at = Console(stderr=True), timezone.now()
    about = actions.About(wave, first.date(), last.date(), sampling, mode, invited, areas)
    try:
        with transaction.atomic():
            if areas:
                area_set(areas)
            series = SurveySeries.objects.filter(slug=slug).first() or actions.add_series(
                name=name or slug, slug=slug, every_months=every_months, actor=SYSTEM, at=at
            )
            row = actions.wave_for(series, about, at=at)
            with file.open("rb") as content:
                brought = actions.bring(row, content, name=file.name, actor=SYSTEM, at=at)
            uses = _used([Use.from_dict(use) for use in brought.uses], given)
            read, sure, broken = actions.try_out(brought, uses)
            _tell(console, brought, sure, read, len(read.rows) + len(broken))
            if dry_run:
                transaction.set_rollback(True)
            else:
                actions.confirm(brought, uses, actor=SYSTEM, at=at)
        if dry_run:
            actions.forget_upload(brought.file_sha)
            click.echo("Nothing was stored.")
            return
    except (BadTable, BadUses, NoAreas) as refused:
        raise click.ClickException(str(refused))
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    brought.refresh_from_db()
    row.refresh_from_db()
    click.echo(f"{series.name}, {row.name}: {row.n:,} answers.")
    click.echo(f"Every row that something is wrong with: {files.rejects_of(series.slug, brought.rejects)}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", required=True, help="Such as “Residents by age” or “Homes”.")
@click.option("--year", type=click.IntRange(1900, 2100), required=True)
@click.option("--credit", required=True, help="Where the numbers are from, such as “Census 2020, table P1”.")
@click.option("--areas", default="", help="Areas that a column names, as level@revision.")
@click.option("--group", default="", help="What the groups are, if a column tells them apart, such as Age.")
@click.option("--other", is_flag=True, help="It does not count residents, but homes, jobs or something else.")
@click.option("--map", "given", multiple=True, metavar="PART=COLUMN", help="Correct the guess: area, group or number.")
def population(
    file: Path, name: str, year: int, credit: str, areas: str, group: str, other: bool, given: tuple[str, ...]
) -> None:
    """Import how many people (or homes, or jobs) there are, by area, by group, or both."""
    at = timezone.now()
    about = populations.AboutTable(name, credit, year, residents=not other, areas=areas, group=group)
    if not areas and not group:
        raise click.UsageError("Say what tells the rows apart: --areas, --group, or both.")
    try:
        with transaction.atomic():
            with file.open("rb") as content:
                made = populations.bring(about, content, name=file.name, actor=SYSTEM, at=at)
            columns = made.columns | dict(item.split("=", 1) for item in given if "=" in item)
            populations.confirm(made, columns, actor=SYSTEM, at=at)
    except (BadTable, NoAreas) as refused:
        raise click.ClickException(str(refused))
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    done = PopulationTable.objects.get(pk=made.pk)
    click.echo(f"{done}: {done.counts['taken']:,} numbers, {done.counts['rejected']:,} rows left out.")
    for reason, number in done.reasons.items():
        click.echo(f"{number:,} {populations.REASONS[reason]}")
