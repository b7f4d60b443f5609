"""A small client that keeps some connections busy and notes how long each answer took.

It runs as a process of its own and shares the cores with what it measures, so it stays cheap: sockets that wait
together, requests prepared as bytes, and no more of HTTP than a keep-alive answer with a length needs. Reads what to
do as JSON from its input and writes what it saw as JSON to its output.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

FRESH_ID = b"00000000-0000-4000-8000-000000000000"
"""Every occurrence in a request becomes a new id of the same length, one per request."""
FRESH_NUMBER = b"@@NUMBER@@"
"""Every occurrence becomes the number of the request, ten digits; no run uses numbers of another one."""


@dataclass
class Connection:
    """One keep-alive connection and the request that it waits for."""

    link: socket.socket
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0


@dataclass
class Seen:
    """What came back: seconds per answer, how many of each status, bytes, and where to find what was refused."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    size: int = 0
    refused: str = ""


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"An answer without a length cannot be followed:\n{head.decode(errors='replace')}")


def _answer(connection: Connection) -> tuple[int, bytes] | None:
    """Status and body once an answer is complete."""
    end = connection.received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(connection.received[:end])
    whole = end + 4 + _length(head)
    if len(connection.received) < whole:
        return None
    body = bytes(connection.received[end + 4 : whole])
    del connection.received[:whole]
    return int(head[9:12]), body


class Load:
    """Sends the same requests in turn over a few connections until the time is over."""

    def __init__(self, host: str, port: int, requests: list[bytes], first: int = 0) -> None:
        self._address, self._requests, self._number = (host, port), requests, first

    def _next(self) -> bytes:
        request = self._requests[self._number % len(self._requests)]
        self._number += 1
        if FRESH_ID in request:
            request = request.replace(FRESH_ID, str(uuid.uuid4()).encode())
        return request.replace(FRESH_NUMBER, b"%010d" % self._number) if FRESH_NUMBER in request else request

    def _send(self, connection: Connection) -> None:
        connection.sent_at = time.perf_counter()
        connection.link.sendall(self._next())

    def run(self, *, connections: int, seconds: float, warm_up: float) -> dict[str, Any]:
        """Keep `connections` busy for `warm_up` + `seconds`; what happens in the warm-up is not counted."""
        waiting = selectors.DefaultSelector()
        for _ in range(connections):
            connection = Connection(socket.create_connection(self._address, timeout=30))
            connection.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(connection.link, selectors.EVENT_READ, connection)
            self._send(connection)
        seen, started = Seen(), time.perf_counter()
        counts_from, ends = started + warm_up, started + warm_up + seconds
        open_links = connections
        while open_links:
            for key, _ in waiting.select(timeout=30) or self._given_up(seen):
                connection = key.data
                part = connection.link.recv(262_144)
                if not part:
                    raise ConnectionError("The server closed a connection in the middle of the measurement.")
                connection.received += part
                found = _answer(connection)
                if found is None:
                    continue
                now = time.perf_counter()
                if counts_from <= now < ends:
                    _note(seen, now - connection.sent_at, *found)
                if now < ends:
                    self._send(connection)
                else:
                    waiting.unregister(connection.link)
                    connection.link.close()
                    open_links -= 1
        return _told(seen, seconds)

    def _given_up(self, seen: Seen) -> list[Any]:
        raise TimeoutError(f"No answer for 30 seconds, after {len(seen.seconds)} answers.")


def _note(seen: Seen, seconds: float, status: int, body: bytes) -> None:
    seen.seconds.append(seconds)
    seen.statuses[status] += 1
    seen.size += len(body)
    if status >= 300 and not seen.refused:
        seen.refused = body[:2000].decode(errors="replace")


def _told(seen: Seen, seconds: float) -> dict[str, Any]:
    times = sorted(seen.seconds)

    def at(share: float) -> float:
        return round(times[min(int(len(times) * share), len(times) - 1)] * 1000, 2) if times else 0.0

    return {
        "answers": len(times), "per_second": round(len(times) / seconds, 1), "p50_ms": at(0.5), "p99_ms": at(0.99),
        "max_ms": at(1.0), "statuses": {str(k): v for k, v in seen.statuses.items()},
        "bytes_per_answer": seen.size // max(1, len(times)), "refused": seen.refused,
    }  # fmt: skip


def main() -> None:
    """Read the orders, do them, write what was seen."""
    orders = json.load(sys.stdin)
    requests = [request.encode() for request in orders["requests"]]
    load = Load(orders["host"], orders["port"], requests, first=orders["first"])
    told = load.run(connections=orders["connections"], seconds=orders["seconds"], warm_up=orders["warm_up"])
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
