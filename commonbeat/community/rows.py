"""Stores new rows cheaply: statements written once per table, and the rows of one deed in one statement.

Intake has to stand a whole city after a storm, and most of what storing a row costs is writing and waiting for its
statement.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import AutoField, Field, GeneratedField, Model
from django.db.models.base import ModelState

from commonbeat.community.prepared import run_prepared

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class _Plan:
    """How rows of a table are stored: the fields that are written, and the one that the database numbers."""

    written: tuple[Field[Any, Any], ...]
    made: Field[Any, Any] | None
    related: tuple[Field[Any, Any], ...]
    """Those written ones that point at another row."""
    read: Callable[[Model], tuple[Any, ...]]
    """The values of the written ones, as they stand in a row."""
    plain: frozenset[int]
    """Places of those whose plain values go to the database as they are."""


def _sets_itself(f: Field[Any, Any]) -> bool:
    return bool(getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False))


@cache
def _plan(model: type[Model]) -> _Plan:
    fields = model._meta.concrete_fields
    made = next((f for f in fields if isinstance(f, AutoField)), None)
    written = tuple(f for f in fields if f is not made and not isinstance(f, GeneratedField))
    read = attrgetter(*(f.attname for f in written), "pk")  # one more, so that it is always a tuple
    plain = frozenset(place for place, f in enumerate(written) if type(f) in _PLAIN and not _sets_itself(f))
    return _Plan(written, made, tuple(f for f in written if f.is_relation), read, plain)


@cache
def _statement(model: type[Model]) -> str:
    """The statement that stores one row and says its number."""
    plan = _plan(model)
    values = (f"${place}" for place in range(1, len(plan.written) + 1))
    returning = f' RETURNING "{plan.made.column}"' if plan.made else ""
    return _insert(model, plan.written, values) + returning


def _insert(model: type[Model], fields: Sequence[Field[Any, Any]], values: Iterable[str]) -> str:
    columns = ", ".join(f'"{f.column}"' for f in fields)
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(values)})'


class _Making(NamedTuple):
    """What a new row is made of: columns with their defaults, those whose default is made anew, relations."""

    plain: dict[str, Any]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    relations: dict[str, str]


@cache
def _making(model: type[Model]) -> _Making:
    columns = [f for f in model._meta.concrete_fields if not isinstance(f, GeneratedField)]
    called = tuple((f.attname, f.get_default) for f in columns if callable(f.default) and f.has_default())
    plain = {f.attname: None if (f.attname, f.get_default) in called else f.get_default() for f in columns}
    return _Making(plain, called, {f.name: f.attname for f in columns if f.is_relation})


def new(model: type[Row], **values: Any) -> Row:
    """A row to insert, as `model(**values)` makes it, at a third of its cost. Raises `TypeError` as that does."""
    making, row, state = _making(model), model.__new__(model), ModelState()
    held = row.__dict__
    held["_state"] = state
    held |= making.plain
    for name, value in values.items():
        if name in making.plain:
            held[name] = value
        elif name in making.relations:
            held[making.relations[name]] = None if value is None else value.pk
            state.fields_cache[name] = value
        else:
            raise TypeError(f"{model.__name__} has no {name}.")
    for name, make in making.made:
        if name not in values:
            held[name] = make()
    return row


class _Shape(NamedTuple):
    """A row of a block as its statement sees it: `late` columns point at the late row, which has no number yet."""

    model: type[Model]
    numbered: bool
    late: tuple[str, ...]


@lru_cache(maxsize=256)
def _block(shapes: tuple[_Shape, ...]) -> str:
    """One statement that stores rows of these shapes, and says the number of the late one."""
    parts, taken, said = [], 0, "SELECT NULL WHERE false"
    for place, shape in enumerate(shapes):
        plan, values = _plan(shape.model), []
        fields = (*plan.written, plan.made) if shape.numbered and plan.made else plan.written
        for f in fields:
            if f.attname in shape.late:
                values.append("(SELECT number FROM late)")
            else:
                taken += 1
                values.append(f"${taken}")
        stored = _insert(shape.model, fields, values)
        if plan.made and not shape.numbered:
            parts.append(f'late AS ({stored} RETURNING "{plan.made.column}" AS number)')
            said = "SELECT number FROM late"
        else:
            parts.append(f"row_{place} AS ({stored})")
    return f"WITH {', '.join(parts)} {said}"


def _sequence(model: Any) -> str:
    return f"pg_get_serial_sequence('{model._meta.db_table}', '{model._meta.pk.column}')"


_PLAIN = {
    models.CharField, models.TextField, models.EmailField, models.SlugField, models.BooleanField, models.FloatField,
    models.IntegerField, models.PositiveIntegerField, models.SmallIntegerField, models.PositiveSmallIntegerField,
    models.BigIntegerField, models.ForeignKey, models.OneToOneField, models.DateTimeField,
}  # fmt: skip
AT_ONCE = 16
_numbers: WeakKeyDictionary[Any, dict[type[Model], list[int]]] = WeakKeyDictionary()
"""Numbers of rows to come by connection: who loses the connection, to a crash or a fork, loses its numbers too."""


def _number(model: type[Model]) -> int:
    """The next number of a table, from a few that the connection fetched. They stay fetched when a deed is undone."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
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
    shapes: list[_Shape] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    afterwards: list[Callable[[], object]] = field(default_factory=list)

    def add(self, row: Model) -> None:
        """Take a row in; one of the late table gets its number at the end of the block."""
        model, plan = type(row), _plan(type(row))
        late = tuple(f for f in plan.related if self._is_late(row, f))
        values = _values(row, plan)
        if late:
            values = [value for f, value in zip(plan.written, values, strict=True) if f not in late]
        self.values += values
        numbered = model is not self.late
        if numbered and plan.made is not None:
            row.pk = _number(model)
            self.values.append(row.pk)
        self.rows.append(row)
        self.shapes.append(_Shape(model, numbered, tuple(f.attname for f in late)))

    def _is_late(self, row: Model, f: Field[Any, Any]) -> bool:
        return f.related_model is self.late and getattr(row, f.attname) is None and f.name in row._state.fields_cache

    def store(self) -> None:
        """Run everything as one statement, and tell the late row its number."""
        said = run_prepared(_block(tuple(self.shapes)), self.values)
        for row in self.rows:
            if type(row) is self.late:
                row.pk = said[0][0]


_AS_THEY_ARE = {str, int, bool, type(None)}


def _values(row: Model, plan: _Plan) -> list[Any]:
    """What goes to the database; a plain value of a plain column needs none of a field's ways to change it."""
    values, connection = list(plan.read(row)[:-1]), connections[DEFAULT_DB_ALIAS]
    for place, value in enumerate(values):
        if place in plan.plain and (
            type(value) in _AS_THEY_ARE or (type(value) is dt.datetime and value.tzinfo is not None)
        ):
            continue
        f = plan.written[place]
        values[place] = f.get_db_prep_save(f.pre_save(row, add=True), connection)
    return values


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

    Outside a transaction the statement is one by itself, which spares the database two messages: the block may then
    write nothing but these rows, and what follows from them waits by `once_stored`.
    """
    gathered = _Gathered(late)
    _waiting.gathered = gathered
    try:
        yield
    finally:
        _waiting.gathered = None
    if gathered.rows:
        gathered.store()
    for follow in gathered.afterwards:
        follow()


def is_whole() -> bool:
    """True where what is inserted now is stored whole or not at all."""
    return connections[DEFAULT_DB_ALIAS].in_atomic_block or _waiting.gathered is not None


def once_stored(follow: Callable[[], object]) -> None:
    """Do what writes by itself: at once in a transaction, else when the rows of the block are stored."""
    if _waiting.gathered is not None and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
        _waiting.gathered.afterwards.append(follow)
    else:
        follow()


@cache
def _reserving(model: type[Model]) -> str:
    return f"SELECT nextval({_sequence(model)}) FROM generate_series(1, %s)"


def insert(row: Row) -> Row:
    """Store a new row, as `row.save(force_insert=True)` does, at a fifth of its cost, and give it its number.

    Values are plain ones, no expressions, and no signals are sent. Columns that the database computes are read when
    somebody asks for them. Raises `IntegrityError` as `save` does; inside `together`, at the end of its block.
    """
    plan = _plan(type(row))
    if plan.made is not None and row.pk is not None:
        row.save(force_insert=True)
        return row
    if _waiting.gathered is not None:
        _waiting.gathered.add(row)
        return _stored(row)
    said = run_prepared(_statement(type(row)), _values(row, plan))
    if plan.made is not None:
        setattr(row, plan.made.attname, said[0][0])
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
