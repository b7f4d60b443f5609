"""Raw rows from a GeoReport v2 server: page by page, patiently, whatever its limits are."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from commonbeat.interfaces.cli.import_.rows import BadFile, Row, rows_in_answer

LONGEST_SPAN = dt.timedelta(days=90)  # the specification's
SHORTEST_SPAN = dt.timedelta(hours=1)
PAGE_SIZE = 1000
SMALLEST_CAP = 50
"""Servers that cannot page end a list at 50 or more; a shorter one is complete."""

PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
LONGEST_PAUSE_S = 120.0


@dataclass
class Endpoint:
    """A server's base address, such as https://311.example.org/open311/v2.

    Asks again with growing pauses when the server is busy or away; ends with `BadFile` after six. Pages may count
    from 0 or 1; where paging is ignored, the span of time is halved until the list is complete.
    """

    base: str
    client: httpx.Client
    api_key: str = ""
    jurisdiction: str = ""
    wait: Callable[[float], None] = time.sleep
    _suffix: str = field(default="json", init=False)

    def rows(self, since: dt.datetime | None, until: dt.datetime) -> Iterator[Row]:
        """Requests reported in a span of time; without `since` what the server offers by itself, usually 90 days."""
        if since is None:
            yield from self._pages({})[0]
            return
        start = since
        while start < until:
            end = min(start + LONGEST_SPAN, until)
            yield from self._span(start, end)
            start = end

    def _span(self, start: dt.datetime, end: dt.datetime) -> Iterator[Row]:
        rows, complete = self._pages({"start_date": _w3c(start), "end_date": _w3c(end)})
        if complete or end - start <= SHORTEST_SPAN:
            yield from rows
            return
        middle = start + (end - start) / 2
        yield from self._span(start, middle)
        yield from self._span(middle, end)

    def _pages(self, query: dict[str, Any]) -> tuple[list[Row], bool]:
        """Every page of one list, and whether it is surely complete."""
        found: dict[str, Row] = {}
        for page in range(10_000):
            rows = self._ask(query | {"page": page, "page_size": PAGE_SIZE})
            before = len(found)
            for row in rows:
                found.setdefault(str(row.get("service_request_id") or orjson.dumps(row, default=str)), row)
            if page > 0 and not rows:
                return list(found.values()), True
            # A server that counts from 1 gives its first page twice; one that cannot page gives it for ever.
            if page > 1 and len(found) == before:
                return list(found.values()), page > 2 or before < SMALLEST_CAP
        raise BadFile("The source never ends its list. Narrow it with --since and --until.")

    def _ask(self, query: dict[str, Any]) -> list[Row]:
        more = {"api_key": self.api_key, "jurisdiction_id": self.jurisdiction}
        query = {**query, **{name: value for name, value in more.items() if value}}
        said = ""
        for pause in (*PAUSES_S, None):
            asked_for = 0.0
            try:
                reply = self.client.get(f"{self.base}/requests.{self._suffix}", params=query)
            except httpx.TransportError as failure:
                said = f"it cannot be reached ({type(failure).__name__})"
            else:
                if reply.is_success:
                    return rows_in_answer(reply.content) if reply.content.strip() else []
                said = f"it answers {reply.status_code}"
                if self._suffix == "json" and reply.status_code in (404, 406, 415):
                    self._suffix = "xml"  # JSON is optional in the standard
                    continue
                if query["page"] == 0 and 400 <= reply.status_code < 404:
                    return []  # counts its pages from 1
                if reply.status_code not in (429, 500, 502, 503, 504):
                    break
                asked_for = _seconds(reply.headers.get("Retry-After", ""))
            if pause is not None:
                self.wait(min(max(pause, asked_for), LONGEST_PAUSE_S))
        raise BadFile(f"{self.base} gives no service requests: {said}. What came before is filed; run it again later.")


def _seconds(text: str) -> float:
    return float(text) if text.strip().isdigit() else 0.0


def _w3c(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
