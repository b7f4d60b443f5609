"""Statements that are built once and run often: building SQL costs a page more than the database takes to run it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import JSONField, Model, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Kept:
    """SQL with its values, some of which stand for others that come with each run."""

    sql: str
    params: tuple[Any, ...]

    def run(self, values: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Rows as tuples, JSON as text; each stand-in among the values is replaced by what `values` says for it."""
        if not self.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values.get(_key(value), value) for value in self.params])
            return cursor.fetchall()


def _key(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def keep(rows: QuerySet[Any, Any]) -> Kept:
    """The statement of a `values_list`; empty when it can never find anything."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return Kept("", ())
    return Kept(sql, tuple(params))


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
