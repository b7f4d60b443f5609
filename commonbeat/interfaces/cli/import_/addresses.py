"""`commonbeat import addresses`: where houses stand, from a CSV file."""

from __future__ import annotations

import gzip
from pathlib import Path

import click
from django.utils import timezone

from commonbeat.core.actor import SYSTEM
from commonbeat.core.fields import Invalid
from commonbeat.journal.address_changes import Replaced, replace_addresses


def store(file: Path) -> Replaced:
    """Bring in a file, compressed or not. Raises `Invalid`, and `click.ClickException` for one that is no text."""
    try:
        with (
            gzip.open(file, "rt", encoding="utf-8-sig")
            if file.suffix == ".gz"
            else file.open(encoding="utf-8-sig") as lines
        ):
            return replace_addresses(lines, source=file.name, actor=SYSTEM, at=timezone.now())
    except (UnicodeDecodeError, gzip.BadGzipFile):
        raise click.ClickException(f"{file} is no CSV in UTF-8. Export it anew.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def addresses(file: Path) -> None:
    """Bring in the list of addresses, so that residents who type one are led to their area and officer.

    FILE is a CSV (also compressed, .csv.gz) with the columns address, lat and long, as most cities publish one. It
    takes the place of the list before. Nobody outside is asked, and what is looked up is not kept.
    """
    try:
        done = store(file)
    except Invalid as refused:
        raise click.ClickException(" ".join(str(problem) for problem in refused.problems))
    left = f" {done.left_out:,} lines could not be read." if done.left_out else ""
    click.echo(f"{done.known:,} addresses are known now.{left}")
