"""The `commonbeat` command: finds its subcommands and turns known failures into one plain sentence."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import signal
import sys
import threading
from types import FrameType

import click

from commonbeat import __version__
from commonbeat.config.backup import BackupFailed
from commonbeat.config.cluster import DatabaseUnavailable
from commonbeat.config.demo import keep_apart
from commonbeat.config.processes import CannotServe

# Subcommands that the configuration itself offers; all others are modules of commonbeat.interfaces.cli.
OWN = {
    "backup": "commonbeat.config.commands:backup",
    "database": "commonbeat.config.commands:database",
    "demo": "commonbeat.config.demo:demo",
    "doctor": "commonbeat.config.doctor:doctor",
    "django": "commonbeat.config.commands:run_django",
    "migrate": "commonbeat.config.commands:migrate",
    "restore": "commonbeat.config.commands:restore",
    "serve": "commonbeat.config.commands:serve",
    "worker": "commonbeat.config.commands:worker",
}
WITHOUT_DATABASE = {"database", "django", "doctor"}
KNOWN_FAILURES = (BackupFailed, CannotServe, DatabaseUnavailable)
CLI_PACKAGE = "commonbeat.interfaces.cli"


class Commands(click.Group):
    """Our own commands, and one for every module of commonbeat.interfaces.cli (`import_.py` is `import`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*OWN, *_cli_modules()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in OWN:
            if cmd_name == "demo":
                keep_apart()
            module, attribute = OWN[cmd_name].split(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        found = _cli_modules().get(cmd_name)
        if found is None:
            return None
        _set_up_django()
        loaded: click.Command = importlib.import_module(found).command
        return loaded


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="commonbeat")
@click.option("--debug", is_flag=True, help="Show the whole traceback when something fails.")
@click.pass_context
def commonbeat(context: click.Context, debug: bool) -> None:
    """Commonbeat: open software for community policing."""
    from commonbeat.config import database

    wants_help = {"-h", "--help"} & set(sys.argv[1:])
    if not wants_help and context.invoked_subcommand not in WITHOUT_DATABASE:
        database.hold_off(False)
        database.join()
        context.call_on_close(database.leave)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Known failures print one sentence and exit with 1, usage errors with 2."""
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonbeat.config.settings")
    from commonbeat.config import database

    database.hold_off()  # until a command is known to need it
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave_in_order)
    try:
        commonbeat.main(args=arguments, prog_name="commonbeat", standalone_mode=True)
    except Exception as error:
        if "--debug" in arguments or not _is_known(error):
            raise
        click.echo(f"{click.style('Error:', fg='red', bold=True)} {error}", err=True)
        sys.exit(1)


def _leave_in_order(number: int, _frame: FrameType | None) -> None:
    """End as at Ctrl-C: whoever uses the embedded database last stops it."""
    sys.exit(128 + number)


def _is_known(error: Exception) -> bool:
    """Return whether the error's message is meant for people: ours, or the database being unreachable."""
    if isinstance(error, KNOWN_FAILURES):
        return True
    if "django" not in sys.modules:
        return False
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import OperationalError

    return isinstance(error, ImproperlyConfigured | CommandError | OperationalError)


def _cli_modules() -> dict[str, str]:
    """Return command names and the modules that hold them."""
    try:
        found = importlib.util.find_spec(CLI_PACKAGE)
    except ModuleNotFoundError:
        found = None
    if found is None or found.submodule_search_locations is None:
        return {}
    names = [info.name for info in pkgutil.iter_modules(found.submodule_search_locations)]
    return {name.strip("_").replace("_", "-"): f"{CLI_PACKAGE}.{name}" for name in names if not name.startswith("_")}


def _set_up_django() -> None:
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


if __name__ == "__main__":
    main()
