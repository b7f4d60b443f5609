"""Importing from GeoReport servers as they are: each with its own idea of pages, limits and manners."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from click.testing import Result

from commonbeat.cases.models import Case
from commonbeat.community.models import Area
from commonbeat.interfaces.cli.import_ import command
from commonbeat.interfaces.cli.import_.endpoint import Endpoint
from commonbeat.interfaces.cli.import_.rows import BadFile

Answer = tuple[int, dict[str, str], bytes]
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def request(number: int) -> dict[str, Any]:
    return {
        "service_request_id": f"S-{number}", "status": "open", "service_name": "Pot Hole in Street",
        "requested_datetime": (START + dt.timedelta(hours=number)).isoformat(), "address": f"{number} Main St",
        "lat": 41.88, "long": -87.63,
    }  # fmt: skip


ALL = [request(number) for number in range(240)]


class Server:
    """A GeoReport server whose list is answered by a function of the query."""

    def __init__(self) -> None:
        self.answer: Callable[[str, dict[str, str]], Answer] = lambda path, query: (500, {}, b"")
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                outer.asked.append(query)
                status, headers, body = outer.answer(parts.path, query)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}/open311/v2"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def within(query: dict[str, str]) -> list[dict[str, Any]]:
    """The requests of the asked span of time, as every server filters them."""
    start = dt.datetime.fromisoformat(query.get("start_date", "2000-01-01T00:00:00Z"))
    end = dt.datetime.fromisoformat(query.get("end_date", "2100-01-01T00:00:00Z"))
    return [row for row in ALL if start <= dt.datetime.fromisoformat(row["requested_datetime"]) <= end]


def ok(rows: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()


def fetch(server: Server, *, since: dt.datetime | None = START) -> tuple[list[str], list[float]]:
    """Ids that arrive, and the pauses that were made."""
    pauses: list[float] = []
    with httpx.Client() as client:
        endpoint = Endpoint(server.address, client, wait=pauses.append)
        rows = list(endpoint.rows(since, START + dt.timedelta(days=12)))
    return sorted({str(row["service_request_id"]) for row in rows}), pauses


EVERYTHING = sorted(str(row["service_request_id"]) for row in ALL)


@pytest.mark.parametrize("first", [0, 1])
def test_pages_may_count_from_zero_or_one(server: Server, first: int) -> None:
    def answer(path: str, query: dict[str, str]) -> Answer:
        page = max(int(query["page"]) - first, 0)
        return ok(within(query)[page * 100 : page * 100 + 100])

    server.answer = answer
    assert fetch(server)[0] == EVERYTHING


def test_a_server_that_refuses_page_zero_counts_from_one(server: Server) -> None:
    def answer(path: str, query: dict[str, str]) -> Answer:
        page = int(query["page"]) - 1
        return ok(within(query)[page * 100 : page * 100 + 100]) if page >= 0 else (400, {}, b"[]")

    server.answer = answer
    assert fetch(server)[0] == EVERYTHING


def test_a_server_that_ends_every_list_at_fifty_is_asked_for_shorter_spans(server: Server) -> None:
    server.answer = lambda path, query: ok(within(query)[:50])
    assert fetch(server)[0] == EVERYTHING


def test_a_server_without_json_is_asked_for_xml(server: Server) -> None:
    def answer(path: str, query: dict[str, str]) -> Answer:
        if path.endswith(".json") or int(query["page"]) > 1:
            return (404, {}, b"") if path.endswith(".json") else (200, {}, b"<service_requests/>")
        return (
            200,
            {},
            b"<service_requests><request><service_request_id>X</service_request_id></request></service_requests>",
        )

    server.answer = answer
    assert fetch(server)[0] == ["X"]


def test_a_busy_server_is_asked_again_after_the_pause_it_asks_for(server: Server) -> None:
    busy = [(429, {"Retry-After": "7"}, b""), (503, {}, b"")]
    server.answer = lambda path, query: busy.pop(0) if busy else ok([] if int(query["page"]) > 0 else [request(1)])
    ids, pauses = fetch(server)
    assert ids == ["S-1"] and pauses == [7.0, 2.0]


def test_a_server_that_stays_down_is_given_up_with_a_plain_sentence(server: Server) -> None:
    server.answer = lambda path, query: (502, {}, b"<html>Bad gateway</html>")
    with pytest.raises(BadFile, match="answers 502"):
        fetch(server)
    assert len(server.asked) == 7


def test_an_error_that_comes_with_status_200_is_an_error(server: Server) -> None:
    server.answer = lambda path, query: ok([{"code": 403, "description": "Bad key"}])
    with pytest.raises(BadFile, match="403 Bad key"):
        fetch(server)


def test_long_spans_are_asked_for_in_parts_of_ninety_days(server: Server) -> None:
    server.answer = lambda path, query: ok([])
    with httpx.Client() as client:
        list(Endpoint(server.address, client).rows(START, START + dt.timedelta(days=200)))
    starts = [q["start_date"] for q in server.asked]
    assert sorted(set(starts)) == ["2024-01-01T00:00:00Z", "2024-03-31T00:00:00Z", "2024-06-29T00:00:00Z"]


def test_a_server_becomes_cases_and_a_second_run_doubles_nothing(
    town: Area, run: Callable[..., Result], server: Server
) -> None:
    server.answer = lambda path, query: ok(ALL if int(query["page"]) == 0 else [])
    for _ in range(2):
        result = run(command, "open311", server.address, "--source", "elsewhere")
        assert result.exit_code == 0, result.output
    assert Case.objects.count() == len(ALL)


def test_the_address_of_a_file_is_fetched_as_a_file(town: Area, run: Callable[..., Result], server: Server) -> None:
    text = "service_request_id,requested_datetime,service_name,address,lat,long\n"
    text += "F-1,2024-01-01,Tree Trim,1 Main,41.9,-87.7\n"
    server.answer = lambda path, query: (200, {"Content-Type": "text/csv"}, text.encode())
    result = run(command, "open311", server.address + "/export.csv")
    assert result.exit_code == 0 and Case.objects.count() == 1, result.output
