"""Statements that are built once and run often: building SQL costs a page more than the database takes to run it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models import JSONField, Model, QuerySet
from psycopg import Binary

from commonbeat.community.prepared import run_prepared

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Kept:
    """SQL with its values, some of which stand for others that come with each run."""

    sql: str
    params: tuple[Any, ...]
    prepared: bool = False

    def run(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Rows as tuples, JSON as text; each stand-in among the values is replaced by what `values` says for it."""
        if not self.sql:
            return []
        params = [values.get(_key(value), value) for value in self.params]
        if self.prepared:
            return run_prepared(self.sql, params)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            return cursor.fetchall()


def _key(value: Any) -> Any:
    if isinstance(value, Binary):
        return value.obj
    return tuple(value) if isinstance(value, list) else value


def keep(rows: QuerySet[Any, Any], *, by: Sequence[Any] = ()) -> Kept:
    """The statement of a `values_list`; empty when it can never find anything.

    A look-up `by` some stand-ins is planned once per connection, whatever comes for them: right for keys, wrong where
    the best way to rows depends on what is asked for. All other values are written into it.
    """
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return Kept("", ())
    if not by:
        return Kept(sql, tuple(params))
    places = count(1)
    coming = [_key(value) for value in by]
    values = [f"${next(places)}" if _key(value) in coming else written("%s", (value,)) for value in params]
    return Kept(sql % tuple(values), tuple(value for value in params if _key(value) in coming), prepared=True)


SOME_MOMENT = dt.datetime(1999, 12, 31, 23, 59, 59, 271828, tzinfo=dt.UTC)
"""Stands for “now” in a kept statement; nothing happened at this microsecond."""


@dataclass(frozen=True, slots=True)
class Timed:
    """SQL with its values written into it, run for another moment: its only parameter."""

    sql: str
    moments: int = 0

    def run(self, at: dt.datetime) -> list[tuple[Any, ...]]:
        """Its rows at a moment; none when it was known to be empty."""
        return run_prepared(self.sql, (at,) * self.moments, at_once=False) if self.sql else []


def timed(sql: str) -> Timed:
    """The statement with a parameter wherever `SOME_MOMENT` is written in it."""
    moment = written("%s", (SOME_MOMENT,))  # nothing that users type looks like this: their quotes are doubled
    return Timed(sql.replace(moment, "$1::timestamptz"), moments=int(moment in sql))


def written(sql: str, values: Sequence[Any]) -> str:
    """A statement with its values written into it by the database driver."""
    operations = cast(DatabaseOperations, connection.ops)
    return str(operations.compose_sql(sql, values))


@cache
def columns(model: type[Model]) -> tuple[str, ...]:
    """The columns of a table, as `values_list` takes them."""
    return tuple(f.attname for f in model._meta.concrete_fields)


@cache
def _texts(model: type[Model]) -> tuple[int, ...]:
    return tuple(place for place, f in enumerate(model._meta.concrete_fields) if isinstance(f, JSONField))


def revive(model: type[Row], values: Sequence[Any]) -> Row:
    """The object that a row of all its `columns` is."""
    read = list(values)
    for place in _texts(model):
        read[place] = json.loads(read[place]) if read[place] is not None else None
    return model.from_db("default", columns(model), read)
