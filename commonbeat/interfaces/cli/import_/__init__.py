"""`commonbeat import`: areas, addresses, categories, requests, incidents, surveys, populations from files."""

from __future__ import annotations

import click

from commonbeat.interfaces.cli.import_.addresses import addresses
from commonbeat.interfaces.cli.import_.areas import areas
from commonbeat.interfaces.cli.import_.categories import categories
from commonbeat.interfaces.cli.import_.incidents import incidents
from commonbeat.interfaces.cli.import_.open311 import open311
from commonbeat.interfaces.cli.import_.surveys import population, survey


@click.group()
def command() -> None:
    """Take over areas, addresses, categories, service requests, incidents, surveys or populations."""


command.add_command(areas)
command.add_command(addresses)
command.add_command(categories)
command.add_command(open311)
command.add_command(incidents)
command.add_command(survey)
command.add_command(population)
