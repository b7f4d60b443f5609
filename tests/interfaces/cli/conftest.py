"""A town that the fixtures' requests lie in, and the command line."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner, Result

from commonbeat.community.models import Area
from tests import make

LEGACY = {
    "street_lights": ["Street Lights - All/Out", "Street Light - 1/Out"],
    "alley_light": ["Alley Light Out"],
    "sanitation": ["Sanitation Code Violation"],
    "pothole": ["Pot Hole in Street"],
    "rats": ["Rodent Baiting/Rat Complaint"],
    "trees": ["Tree Debris", "Tree Trim"],
    "carts": ["Garbage Cart Black Maintenance/Replacement"],
    "graffiti": ["Graffiti Removal"],
    "vehicle": ["Abandoned Vehicle Complaint"],
}


@pytest.fixture
def town(db: None) -> Area:
    """One serving area around Chicago, and categories that know the city's names for them."""
    area = make.area("Chicago", at=(41.85, -87.7), geometry=make.square(41.85, -87.7, side=0.6))
    for code, names in LEGACY.items():
        make.category(code, name=code.title(), legacy_names=names)
    return area


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run a command of the command line; a crash fails the test."""

    def call(command: click.Command, *arguments: object, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(command, [str(a) for a in arguments], input=stdin, catch_exceptions=False)
        return result

    return call
