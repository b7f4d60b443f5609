"""Public cards of many new cases at once, for imports: the same cards as steps write, sent in one stream."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from django.db import connection

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.publishing.cards import card_values
from commonbeat.publishing.models import PublicCase

_LEFT_EMPTY = {"text": "", "answer": "", "media": [], "version": 0}


def project_new(cases: Sequence[Case]) -> None:
    """Write the cards of cases that were just made and have none yet."""
    known = categories()
    rows = []
    for case in cases:
        category = known.get(case.category_id) if case.category_id else None
        if KINDS[case.kind].public and category is not None:
            rows.append({"case_id": case.pk, **_LEFT_EMPTY, **card_values(case, category)})
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(str(PublicCase._meta.get_field(name).column) for name in names)  # type: ignore[union-attr]
    copy_in = f"COPY publishing_publiccase ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(copy_in) as copy:
        for row in rows:
            copy.write_row([_plain(row[name]) for name in names])


def _plain(value: object) -> object:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value
