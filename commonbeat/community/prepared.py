"""Statements that the database parses and plans once per connection, for what is run thousands of times an hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg import RawCursor


class _Prepared(RawCursor[Any]):
    """Prepares what it runs. The statement goes as it is, since reading a long one for `%s` costs more than binding."""

    at_once: bool | None = True

    def execute(self, query: Any, params: Any = None, **how: Any) -> _Prepared:
        return super().execute(query, params, prepare=self.at_once, **how)


class _PreparedWhenRepeated(_Prepared):
    """Prepares what a connection runs again and again; what it runs once or twice would only push others out."""

    at_once = None


class _Logged(CursorDebugWrapper):
    """Notes statements for whoever counts them; their values stand beside them instead of in them."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        with self.debug_sql(sql, params):
            return CursorWrapper.execute(self, sql, params)


def run_prepared(sql: str, params: Sequence[Any] = (), *, at_once: bool = True) -> list[tuple[Any, ...]]:
    """Run a statement with `$1`, `$2` … for its values, in the transaction of the moment; return its rows.

    With `at_once=False` it is prepared when it has come a few times: for statements that have values written into them.
    Behind a pooler that shares connections between transactions, set `COMMONBEAT_PREPARE=0`: statements are then sent
    whole each time. Raises what Django's own cursors raise.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    sort = _Prepared if at_once else _PreparedWhenRepeated
    with connection.wrap_database_errors:
        connection.validate_thread_sharing()
        if connection.queries_logged or connection.execute_wrappers:
            wrapper = _Logged if connection.queries_logged else CursorWrapper
            with wrapper(sort(connection.connection), connection) as cursor:
                cursor.execute(sql, params)
                return cursor.fetchall()  # type: ignore[no-any-return]
        # Django's wrapper costs as much as a short statement does, and it has nothing to add here.
        connection.validate_no_broken_transaction()
        with sort(connection.connection) as bare:
            bare.execute(sql, params)
            return bare.fetchall()
