"""`commonbeat doctor`: says what is wrong with an installation and what to do; starts and changes nothing."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import click

from commonbeat.config import database as databases

Level = Literal["ok", "warn", "fail"]
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
OLDEST_PYTHON = (3, 11)
LEAST_FREE_GB = 2.0


@dataclass(frozen=True, slots=True)
class Said:
    """One line: how it stands with something, and what to do when it does not stand well."""

    level: Level
    text: str


Examination = Callable[[], Iterator[Said]]


def python() -> Iterator[Said]:
    """The interpreter is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        yield Said("fail", f"Python {version} is too old. Install 3.11 or newer and make the environment again.")
    else:
        yield Said("ok", f"Python {version}.")


def data_folder() -> Iterator[Said]:
    """The data folder can be written, is nobody else's business, and has room."""
    folder = databases.data_folder()
    if not folder.exists():
        yield Said("warn", f"The data folder {folder} does not exist yet. The first start makes it.")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Said("fail", f"The data folder {folder} cannot be written. Give it to the user who runs Commonbeat.")
        return
    if folder.stat().st_mode & stat.S_IWOTH:
        yield Said("fail", f"Everybody on this machine can write in {folder}. Run: chmod o-w {folder}")
    free = shutil.disk_usage(folder).free / 1e9
    if free < LEAST_FREE_GB:
        yield Said("fail", f"Only {free:.1f} GB are free where {folder} lies. Make room: a full disk refuses reports.")
    else:
        yield Said("ok", f"Data folder {folder}, {free:.0f} GB free.")


def keys_folder() -> Iterator[Said]:
    """The keys are there, and nobody else can read them."""
    folder = databases.keys_folder()
    if not folder.exists():
        yield Said("warn", f"There are no keys in {folder} yet. The first start makes them; keep a copy elsewhere.")
        return
    open_to_others = [path for path in (folder, *folder.glob("*.key")) if path.stat().st_mode & 0o077]
    if open_to_others:
        yield Said("fail", f"Others on this machine can read the keys. Run: chmod -R go= {folder}")
    else:
        yield Said("ok", f"Keys in {folder}. Backups leave them out: keep a copy in another safe place.")


def settings_load() -> Iterator[Said]:
    """The settings can be read at all."""
    if not (databases.keys_folder() / "session.key").exists():
        os.environ.setdefault("COMMONBEAT_SECRET_KEY", secrets.token_urlsafe(48))  # or settings would store a new one
    try:
        import django
        from django.apps import apps

        if not apps.ready:
            django.setup()
    except Exception as error:  # whatever it is, it is what the product would say at its start
        yield Said("fail", f"The product cannot start: {_first_line(error)}. Correct the setting or file it names.")
    else:
        yield Said("ok", "Settings can be read.")


def _first_line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}".rstrip(".") if text else type(error).__name__


EARLY: tuple[Examination, ...] = (python, data_folder, keys_folder, settings_load)
"""What can be looked at even where the product itself cannot start."""


def examine() -> Iterator[Said]:
    """Look at everything, in the order in which one thing needs another; stop where nothing further can be seen."""
    for look in EARLY:
        lines = list(look())
        yield from lines
        if look is settings_load and lines[-1].level == "fail":
            return
    from commonbeat.config.doctor_site import LATE, database

    reachable = True
    for said in database():
        yield said
        reachable = reachable and said.level != "fail"
    for late, needs_database in LATE:
        if needs_database and not reachable:
            continue
        try:
            yield from late()
        except Exception as error:
            yield Said("fail", f"{late.__name__.replace('_', ' ').capitalize()}: {_first_line(error)}.")
    if not reachable:
        yield Said("warn", "Nothing more can be said before the database answers.")


@click.command()
def doctor() -> None:
    """Say what is wrong with this installation and what to do. Starts nothing, changes nothing.

    The exit code is 1 when something has to be mended, 0 otherwise.
    """
    failed = 0
    for said in examine():
        failed += said.level == "fail"
        click.echo(f"{click.style(f'{said.level:4}', fg=COLOURS[said.level], bold=True)}  {said.text}")
    if failed:
        click.echo(f"\n{failed} {'thing has' if failed == 1 else 'things have'} to be mended.")
        sys.exit(1)
    click.echo("\nNothing has to be mended.")
