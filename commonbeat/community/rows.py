"""Stores new rows cheaply: statements written once per table, and the rows of one deed in one statement.

Intake has to stand a whole city after a storm, and most of what storing a row costs is writing and waiting for its
statement.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

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
def _gathered(model: type[Model], late: tuple[Field[Any, Any], ...]) -> str:
    """The statement of a row that has its number already, and may point at one that the same block has just stored."""
    _, written, made = _plan(model)
    return _statement(model, (*written, made) if made else written, late)


def _statement(model: type[Model], fields: Sequence[Field[Any, Any]], late: Sequence[Field[Any, Any]] = ()) -> str:
    columns = ", ".join(f'"{f.column}"' for f in fields)
    values = ", ".join(f"currval({_sequence(f.related_model)})" if f in late else "%s" for f in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({values})'


def _sequence(model: Any) -> str:
    return f"pg_get_serial_sequence('{model._meta.db_table}', '{model._meta.pk.column}')"


AT_ONCE = 16
_numbers: WeakKeyDictionary[Any, dict[type[Model], list[int]]] = WeakKeyDictionary()
"""Numbers of rows to come by connection: who loses the connection, to a crash or a fork, loses its numbers too."""


def _number(model: type[Model]) -> int:
    """The next number of a table, from a few that the connection fetched. They stay fetched when a deed is undone."""
    connection = connections[DEFAULT_DB_ALIAS]
    ready = _numbers.setdefault(connection.connection, {}).setdefault(model, [])
    if not ready:
        with connection.cursor() as cursor:
            cursor.execute(_reserving(model), [AT_ONCE])
            ready += [number for (number,) in reversed(cursor.fetchall())]
    return ready.pop()


@dataclass
class _Gathered:
    """Rows that wait to be stored; `late` is the table that numbers its rows only when they are."""

    late: type[Model] | None
    rows: list[Model] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, row: Model) -> None:
        """Take a row in; one of the late table gets its number at the end of the block."""
        model, connection = type(row), connections[DEFAULT_DB_ALIAS]
        sql, written, made = _plan(model)
        late = tuple(f for f in written if f.is_relation and self._is_late(row, f))
        values = [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in written if f not in late]
        if model is not self.late:
            sql = _gathered(model, late)
            if made is not None:
                row.pk = _number(model)
                values.append(row.pk)
        self.rows.append(row)
        self.statements.append(sql)
        self.values += values

    def _is_late(self, row: Model, f: Field[Any, Any]) -> bool:
        return f.related_model is self.late and getattr(row, f.attname) is None and f.name in row._state.fields_cache

    def store(self) -> None:
        """Run everything as one statement, and tell the late rows their numbers."""
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(";\n".join(self.statements), self.values)
            for place, row in enumerate(self.rows):
                if place:
                    cursor.nextset()
                if type(row) is self.late:
                    row.pk = cursor.fetchone()[0]


class _Waiting(threading.local):
    gathered: _Gathered | None = None


_waiting = _Waiting()


@contextmanager
def together(*, late: type[Model] | None = None) -> Iterator[None]:
    """Store the rows inserted inside with one statement at the end.

    Nothing inside may read what it inserts: it is stored when the block ends. Foreign keys may point at rows of the
    block, since they are checked at the end of the transaction. Rows have their numbers at once, from those that the
    connection keeps ready, so they follow each other only roughly; numbers that are not used are lost. Rows of
    the `late` table, whose order matters, get theirs at the end of the block, and at most one of them may be in it.
    """
    gathered = _Gathered(late)
    _waiting.gathered = gathered
    try:
        yield
    finally:
        _waiting.gathered = None
    if gathered.rows:
        gathered.store()


@cache
def _reserving(model: type[Model]) -> str:
    return f"SELECT nextval({_sequence(model)}) FROM generate_series(1, %s)"


def insert(row: Row) -> Row:
    """Store a new row, as `row.save(force_insert=True)` does, at a fifth of its cost, and give it its number.

    Values are plain ones, no expressions, and no signals are sent. Columns that the database computes are read when
    somebody asks for them. Raises `IntegrityError` as `save` does; inside `together`, at the end of its block.
    """
    sql, written, made = _plan(type(row))
    if made is not None and row.pk is not None:
        row.save(force_insert=True)
        return row
    if _waiting.gathered is not None:
        _waiting.gathered.add(row)
        return _stored(row)
    connection = connections[DEFAULT_DB_ALIAS]  # once: the proxy looks it up anew at every use
    with connection.cursor() as cursor:
        cursor.execute(sql, [f.get_db_prep_save(f.pre_save(row, add=True), connection) for f in written])
        if made is not None:
            setattr(row, made.attname, cursor.fetchone()[0])
    return _stored(row)


def insert_all(rows: Sequence[Row]) -> None:
    """Store rows of one table in one statement and give them their numbers, in the order given."""
    if len(rows) <= 1 or _waiting.gathered is not None:
        for row in rows:
            insert(row)
        return
    type(rows[0])._default_manager.bulk_create(rows)


def _stored(row: Row) -> Row:
    state: ModelState = row._state
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    return row
