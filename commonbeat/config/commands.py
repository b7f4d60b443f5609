"""The commands that run and look after an installation: serve, worker, database, migrate, backup, restore."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from commonbeat.config import backup as backups
from commonbeat.config import database as databases
from commonbeat.config import processes, upgrade

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
DJANGO_WITHOUT_DATABASE = {"compilemessages", "makemessages", "help", "version", "--version", "collectstatic"}


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", type=click.IntRange(1, 256), help="Web processes; one per core when not given.")
@click.option("--no-worker", is_flag=True, help="Web only; background work runs elsewhere (commonbeat worker).")
@click.option("--migrate", "wants_migrate", is_flag=True, help="Bring the database up to date first.")
def serve(host: str, port: int, workers: int | None, no_worker: bool, wants_migrate: bool) -> None:
    """Run the web server and the background worker until Ctrl-C."""
    processes.check_port(host, port)
    _set_up_django()
    if wants_migrate:
        _migrate()
    _refuse_old_database()
    run_site(host=host, port=port, workers=workers, with_worker=not no_worker)


@click.command()
@click.option("--concurrency", default=4, show_default=True, type=click.IntRange(1, 64), help="Jobs at once.")
def worker(concurrency: int) -> None:
    """Run the background worker alone."""
    _set_up_django()
    _refuse_old_database()
    children = [processes.worker_child(concurrency=concurrency)]
    processes.Supervisor(children, watch=_watch_database()).run(
        tell=lambda: click.echo("The worker is running. Ctrl-C stops it.")
    )


@click.command()
def migrate() -> None:
    """Bring the tables up to date. Make a backup first."""
    _set_up_django()
    _migrate()


@click.command(
    "django",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run_django(arguments: tuple[str, ...]) -> None:
    """Run one of Django's management commands."""
    from django.core.management import execute_from_command_line

    needs_none = not arguments or arguments[0] in DJANGO_WITHOUT_DATABASE or {"-h", "--help"} & set(arguments)
    databases.hold_off(bool(needs_none))
    try:
        execute_from_command_line(["commonbeat django", *arguments])
    finally:
        databases.leave()


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-keys", is_flag=True, help="Also store the encryption keys: whoever has the file can read all.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def backup(file: Path, with_keys: bool, force: bool) -> None:
    """Save database and uploads in FILE.

    FILE ends in .tar or .tar.gz. The product may go on running.
    """
    _set_up_django()
    manifest = backups.make_backup(file, with_keys=with_keys, force=force)
    rows = sum(manifest.counts.values())
    click.echo(f"Saved {rows:,} rows and {len(manifest.files):,} uploaded files in {file}.")
    if with_keys:
        click.echo("The file holds the encryption keys. Store it like a password.")
    else:
        click.echo(
            f"The encryption keys are not in it. Keep a copy of {databases.keys_folder()} in another safe "
            "place: without the keys nobody can read encrypted texts after a restore."
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace what this installation holds. It cannot be undone.")
def restore(file: Path, force: bool) -> None:
    """Load a backup into an empty installation."""
    _set_up_django()
    manifest = backups.restore_backup(file, force=force)
    click.echo(
        f"Restored {sum(manifest.counts.values()):,} rows and {len(manifest.files):,} uploaded files, "
        f"saved at {manifest.made_at} by version {manifest.version}."
    )
    _migrate()
    if not manifest.has_keys:
        click.echo(f"The file held no encryption keys. Put your copy of them into {databases.keys_folder()}.")


@click.group()
def database() -> None:
    """Start, stop, look at or upgrade the embedded database."""


def _embedded() -> databases.Cluster:
    cluster = databases.embedded()
    if cluster is None:
        raise databases.DatabaseUnavailable(
            "DATABASE_URL names another server, which is managed with its own tools. "
            "Unset DATABASE_URL to manage the embedded database."
        )
    return cluster


@database.command()
def start() -> None:
    """Start the embedded database and keep it running until `commonbeat database stop`."""
    cluster = _embedded()
    started = databases.join()
    with databases.locked(cluster):
        databases.keep(cluster, True)
    databases.leave()
    click.echo(f"The database {'is now running' if started else 'was running; it stays so'} ({cluster.pgdata}).")


@database.command()
@click.option("--force", is_flag=True, help="Stop it even while the web server, a worker or a command uses it.")
def stop(force: bool) -> None:
    """Stop the embedded database."""
    cluster = _embedded()
    with databases.locked(cluster):
        databases.keep(cluster, False)
        if not cluster.is_running():
            click.echo("The database is not running.")
        elif databases.others_use_it(cluster) and not force:
            raise databases.DatabaseUnavailable(
                "Other processes use the database; the last of them stops it. Stop them, or use --force."
            )
        else:
            cluster.stop()
            click.echo("The database is stopped.")


@database.command()
def status() -> None:
    """Say whether the embedded database runs; the exit code is 3 if it does not."""
    cluster = _embedded()
    made_by, server = cluster.made_by(), cluster.server()
    if made_by is None:
        click.echo(f"There is no database in {cluster.data} yet; it is made at the first start.")
    elif server is None:
        click.echo(f"Not running: PostgreSQL {made_by} in {cluster.pgdata}.")
    else:
        click.echo(f"Running: PostgreSQL {made_by} in {cluster.pgdata}, process {server.pid}.")
    if server is None:
        sys.exit(3)


@database.command()
def url() -> None:
    """Print the database's address, for psql and other tools."""
    click.echo(os.environ.get("DATABASE_URL") or _embedded().url())


@database.command("upgrade")
@click.option("--programs", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder with the old PostgreSQL's programs, if they are in an unusual place.")  # fmt: skip
def upgrade_database(programs: Path | None) -> None:
    """Make the database folder fit this version's PostgreSQL. The old folder is kept beside it."""
    cluster = _embedded()
    kept = upgrade.upgrade_cluster(cluster, old_programs=programs)
    if kept is None:
        click.echo("Nothing to do: the database fits this version.")
    else:
        click.echo(f"Upgraded. The old folder is {kept}; remove it when you have seen that all is well.")


def run_site(
    *, host: str, port: int, workers: int | None = None, with_worker: bool = True, welcome: str | None = None
) -> None:
    """Run web and worker until told to stop; `welcome` replaces the line printed when the site answers."""
    children = [processes.web_child(host=host, port=port, workers=workers)]
    if with_worker:
        children.append(processes.worker_child())
    shown = f"[{host}]" if ":" in host else host
    local = "127.0.0.1" if host in {"0.0.0.0", "::"} else shown
    processes.Supervisor(children, watch=_watch_database()).run(
        ready=lambda: processes.answers(f"http://{local}:{port}/"),
        tell=lambda: click.echo(welcome or f"Commonbeat answers at http://{shown}:{port}/ - Ctrl-C stops it."),
        stopping=lambda: click.echo("Stopping: what was begun is finished first. Ctrl-C again does not wait for it."),
    )
    click.echo("Stopped.")


class _watch_database:
    """Starts the embedded database again when it died; says so once per cause and keeps trying."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self) -> None:
        try:
            if databases.revive():
                click.echo("The database had ended unexpectedly; it runs again.", err=True)
            self._said = ""
        except databases.DatabaseUnavailable as error:
            if str(error) != self._said:
                click.echo(str(error), err=True)
            self._said = str(error)


def _set_up_django() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _refuse_old_database() -> None:
    """Stop with a sentence if tables lack this version's changes: pages would fail one by one."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    connection.close()
    if missing:
        raise databases.DatabaseUnavailable(
            f"The database lacks {len(missing)} changes of this version. Make a backup, then run "
            "`commonbeat migrate` (or `commonbeat serve --migrate`)."
        )
