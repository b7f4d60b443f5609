"""Migrations can be taken back or say why not, stand on their own, and match the models."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

OURS = {config.label for config in apps.get_app_configs() if config.name.startswith("commonbeat.")}


def _ours() -> list[tuple[str, str]]:
    return sorted(
        key for key in MigrationLoader(connection, ignore_no_migrations=True).disk_migrations if key[0] in OURS
    )


@pytest.mark.django_db
def test_every_operation_can_be_taken_back_or_is_marked() -> None:
    loader = MigrationLoader(connection)
    for name in _ours():
        migration = loader.disk_migrations[name]
        if getattr(migration, "cannot_be_taken_back", ""):
            continue  # the reason is a sentence in the migration
        stuck = [type(operation).__name__ for operation in migration.operations if not operation.reversible]
        assert not stuck, (
            f"{name} cannot be taken back ({stuck}): give it a reverse, or say why in `cannot_be_taken_back`"
        )


@pytest.mark.django_db
def test_migrations_are_named_by_hand_and_import_nothing_of_the_project() -> None:
    for app, name in _ours():
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", name) and "auto_" not in name, (app, name)
        module = MigrationLoader(connection).disk_migrations[app, name].__module__
        source = Path(__import__(module, fromlist=["x"]).__file__ or "").read_text()
        assert not re.search(r"^\s*(from|import) commonbeat", source, re.MULTILINE), (app, name)


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_each_app_has_one_newest_migration() -> None:
    graph = MigrationLoader(connection).graph
    assert {app: len(graph.leaf_nodes(app)) for app in OURS if graph.leaf_nodes(app)} == {
        app: 1 for app in OURS if graph.leaf_nodes(app)
    }
