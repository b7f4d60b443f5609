"""GeoReport Bulk: every public request as CSV or JSON, written while it is read."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from commonbeat.core.cells import harmless
from commonbeat.interfaces.api.open311.listing import COLUMNS, Wording, as_requests
from commonbeat.interfaces.api.open311.replies import to_json
from commonbeat.publishing.finding import CardQuery, find_cards

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
FIELDS = (
    "service_request_id", "requested_datetime", "updated_datetime", "closed_date", "status_description",
    "status_notes", "service_name", "service_code", "description", "agency_responsible", "address", "lat", "long",
)  # fmt: skip
CHUNK = 1000


def bulk_rows(
    *, language: str, since: dt.datetime | None = None, before: dt.datetime | None = None, at: dt.datetime
) -> Iterator[dict[str, Any]]:
    """Every public request, newest first, in the columns of GeoReport Bulk."""
    cards = find_cards(CardQuery(opened_since=since, opened_before=before), at=at)
    rows = cards.values_list(*COLUMNS).iterator(chunk_size=CHUNK)
    word = Wording(language)
    while chunk := list(islice(rows, CHUNK)):
        for request in as_requests(chunk, word):
            closed = request["status"] == "closed"
            extra = {
                "status_description": request["status"],
                "closed_date": request["updated_datetime"] if closed else None,
            }
            yield {name: (extra | request)[name] if name not in extra else extra[name] for name in FIELDS}


def csv_parts(**asked: Any) -> Iterator[bytes]:
    """CSV by RFC 4180 with a header; words that a spreadsheet would take for a formula are quoted."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\r\n")

    def taken() -> bytes:
        text = line.getvalue()
        line.seek(0)
        line.truncate()
        return text.encode()

    writer.writerow(FIELDS)
    for count, row in enumerate(bulk_rows(**asked), start=1):
        writer.writerow([harmless(row[name]) for name in FIELDS])
        if count % CHUNK == 0:
            yield taken()
    yield taken()


def json_parts(**asked: Any) -> Iterator[bytes]:
    """A JSON array, a row at a time."""
    before = b"["
    for row in bulk_rows(**asked):
        yield before + to_json(row)
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"]\n"


FORMATS = {"csv": csv_parts, "json": json_parts}
