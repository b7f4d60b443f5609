"""Stores new rows cheaply: statements written once per table, and the rows of one deed in one statement.

Intake has to stand a whole city after a storm, and most of what storing a row costs is writing and waiting for its
statement.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import AutoField, Field, GeneratedField, Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


@cache
def _plan(model: type[Model]) -> tuple[str, tuple[Field[Any, Any], ...], Field[Any, Any] | None]:
    """The statement that stores a row, the fields it writes, and the one that the database numbers."""
    fields = model._meta.concrete_fields
    made = next((f for f in fields if isinstance(f, AutoField)), None)
    written = tuple(f for f in fields if f is not made and not isinstance(f, GeneratedField))
    returning = f' RETURNING "{made.column}"' if made else ""
    return _statement(model, written) + returning, written, made


@cache
def _with_number(model: type[Model]) -> str:
    _, written, made = _plan(model)
    assert made is not None
    return _statement(model, (*written, made))


def _statement(model: type[Model], fields: tuple[Field[Any, Any], ...]) -> str:
    columns = ", ".join(f'"{f.column}"' for f in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(["%s"] * len(fields))})'


@dataclass
class _Gathered:
    """Rows that wait to be stored, and numbers that were reserved for them."""

    numbers: dict[type[Model], list[int]] = field(default_factory=lambda: defaultdict(list))
    statements: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


class _Waiting(threading.local):
    gathered: _Gathered | None = None


_waiting = _Waiting()


@contextmanager
def together(*models: type[Model]) -> Iterator[None]:
    """Store the rows inserted inside with one statement at the end; name the table of each row that needs a number.

    Nothing inside may read what it inserts: it is stored when the block ends. Foreign keys may point at rows of the
    block, since they are checked at the end of the transaction. Numbers that are not used are lost, which is harmless.
    """
    connection, gathered = connections[DEFAULT_DB_ALIAS], _Gathered()
    with connection.cursor() as cursor:
        cursor.execute(_reserving(models))
        for model, number in zip(models, cursor.fetchone(), strict=True):
            gathered.numbers[model].append(number)
    _waiting.gathered = gathered
    try:
        yield
    finally:
        _waiting.gathered = None
    with connection.cursor() as cursor:
        cursor.execute(";\n".join(gathered.statements), gathered.values)


@cache
def _reserving(models: tuple[type[Model], ...]) -> str:
    keys = [(model._meta.db_table, model._meta.pk.column) for model in models]
    return "SELECT " + ", ".join(f"nextval(pg_get_serial_sequence('{table}', '{column}'))" for table, column in keys)


def insert(row: Row) -> Row:
    """Store a new row, as `row.save(force_insert=True)` does, at a fifth of its cost, and give it its number.

    Values are plain ones, no expressions, and no signals are sent. Columns that the database computes are read when
    somebody asks for them. Raises `IntegrityError` as `save` does; inside `together`, at the end of its block.
    """
    sql, written, made = _plan(type(row))
    if made is not None and row.pk is not None:
        row.save(force_insert=True)
        return row
    connection = connections[DEFAULT_DB_ALIAS]  # once: the proxy looks it up anew at every use
    values = [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in written]
    gathered = _waiting.gathered
    if gathered is not None and (made is None or gathered.numbers[type(row)]):
        if made is not None:
            setattr(row, made.attname, gathered.numbers[type(row)].pop())
            values.append(row.pk)
            sql = _with_number(type(row))
        gathered.statements.append(sql)
        gathered.values += values
        return _stored(row)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        if made is not None:
            setattr(row, made.attname, cursor.fetchone()[0])
    return _stored(row)


def insert_all(rows: Sequence[Row]) -> None:
    """Store rows of one table in one statement and give them their numbers, in the order given."""
    if not rows:
        return
    if len(rows) == 1:
        insert(rows[0])
        return
    type(rows[0])._default_manager.bulk_create(rows)


def _stored(row: Row) -> Row:
    state: ModelState = row._state
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return row
