"""`commonbeat demo`: loads the demo city at the first start, then serves it."""

from __future__ import annotations

import os
from pathlib import Path

import click
import platformdirs

from commonbeat.config import commands, processes


def keep_apart() -> None:
    """Give the demo its own settings and, unless told otherwise, its own data folder; before settings are read."""
    os.environ.setdefault("COMMONBEAT_DEMO", "1")
    if not os.environ.get("DATABASE_URL"):
        os.environ.setdefault("COMMONBEAT_DATA", str(platformdirs.user_data_path("commonbeat-demo")))


@click.command()
@click.option("--host", default=commands.DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=commands.DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535),
    help="Or the next one that is free.",
)  # fmt: skip
@click.option("--small", is_flag=True, help="Load only a few of the old requests: quicker, for trying things out.")
@click.option("--load-only", is_flag=True, help="Load the data and print the sign-ins; do not serve.")
@click.option("--workers", type=click.IntRange(1, 256), help="Web processes; one per core when not given.")
def demo(host: str, port: int, small: bool, load_only: bool, workers: int | None) -> None:
    """Start the demo city: a department to try everything out with.

    The first start loads the city in about a minute; later ones continue with what was there.
    """
    port = processes.find_port(host, port)
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host  # passkeys work with a name only
    address = os.environ.setdefault("COMMONBEAT_URL", f"http://{shown}:{port}")
    commands._set_up_django()
    from django.conf import settings
    from django.core.management import call_command
    from rich.console import Console

    from commonbeat.interfaces import demo as city

    if not settings.DEMO:
        raise click.ClickException("The demo keeps mail instead of sending it. Start it without COMMONBEAT_DEMO=0.")
    if not city.is_here():
        raise click.ClickException(
            "The demo's data is part of the source, not of the installed package. Get the source and run `make demo`."
        )
    call_command("migrate", verbosity=0, interactive=False)
    try:
        keys = city.load(Path(settings.DATA_ROOT), small=small, console=Console(), processes=os.cpu_count() or 1)
    except city.filing.NotFiled as failure:
        raise processes.CannotServe(str(failure))
    welcome = city.welcome(address, keys)
    if load_only:
        click.echo(welcome)
        return
    click.echo("Starting the site …")
    commands.run_site(host=host, port=port, workers=workers, welcome=welcome)
