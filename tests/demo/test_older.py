"""A demo city of an earlier version is not mixed with the stories of this one."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from django.db import transaction
from rich.console import Console

from commonbeat.community.models import Agency
from commonbeat.core.actor import SYSTEM
from commonbeat.interfaces import demo
from commonbeat.interfaces.demo import cast
from commonbeat.journal.verbs import record
from tests import make


def test_a_city_that_lacks_people_is_refused_with_what_to_do(db: None, tmp_path: Path) -> None:
    Agency.objects.create(
        pk=1, name="Lakeside", jurisdiction=cast.agency(demo.FOLDER)["jurisdiction"], changed_at=make.NOW
    )
    with transaction.atomic():
        record("demo", 1, "demo.city", actor=SYSTEM, at=make.NOW)
    with pytest.raises(click.ClickException, match="make demo-reset"):
        demo.load(tmp_path, small=True, console=Console(quiet=True))
