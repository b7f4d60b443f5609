"""`commonbeat import`: areas, categories and service requests from files."""

from __future__ import annotations

import click

from commonbeat.interfaces.cli.import_.areas import areas
from commonbeat.interfaces.cli.import_.categories import categories
from commonbeat.interfaces.cli.import_.open311 import open311


@click.group()
def command() -> None:
    """Take over areas, categories or service requests."""


command.add_command(areas)
command.add_command(categories)
command.add_command(open311)
