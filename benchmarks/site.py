"""An installation of its own to measure on: data folder, embedded database, web server, and what they cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.mail import MailServer

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 8


@dataclass(frozen=True)
class Site:
    """A data folder with the product's commands on it."""

    data: Path
    seconds: float = 8.0
    warm_up: float = 6.0

    @property
    def environment(self) -> dict[str, str]:
        """What the product's processes are started with. Rate limits are out of the way, nothing else is."""
        return os.environ | {
            "COMMONBEAT_DATA": str(self.data), "COMMONBEAT_URL": "http://127.0.0.1",
            "COMMONBEAT_LIMIT_REPORT": "100000000",
            "COMMONBEAT_LIMIT_API": "100000000", "COMMONBEAT_DEMO": "0", "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "commonbeat.config.settings",
        }  # fmt: skip

    def command(self, *arguments: str) -> str:
        """Run a command of the product to its end; returns what it printed. Raises `RuntimeError`."""
        done = subprocess.run(
            [sys.executable, "-m", "commonbeat", *arguments], env=self.environment, cwd=ROOT, text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"commonbeat {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def served(self, *, settings: str = "commonbeat.config.settings", worker: bool = True) -> Iterator[Server]:
        """The web server as `commonbeat serve` starts it, with the background worker unless told otherwise."""
        from commonbeat.config.processes import step_back, web_child, worker_child

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        children = [web_child(host="127.0.0.1", port=port)] + ([worker_child()] if worker else [])
        mail = MailServer()
        environment = self.environment | {
            "DJANGO_SETTINGS_MODULE": settings, "COMMONBEAT_SMTP_HOST": "127.0.0.1",
            "COMMONBEAT_SMTP_PORT": str(mail.port),
        }  # fmt: skip
        running = [
            subprocess.Popen(child.command, env=environment | child.environment, cwd=ROOT, start_new_session=True)
            for child in children
        ]
        for process in running[1:]:
            step_back(process)
        try:
            server = Server(self, port, [psutil.Process(process.pid) for process in running])
            server.wait()
            if worker:
                _wait_for_worker()
            yield server
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=60)
            mail.shutdown()
            mail.server_close()


@dataclass(frozen=True)
class Server:
    """A running web server, and how to load it."""

    site: Site
    port: int
    processes: list[psutil.Process]

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("The web server did not come up within a minute.")

    def load(self, *requests: str, connections: int = CONNECTIONS, seconds: float | None = None) -> dict[str, Any]:
        """Send these requests in turn; returns rates, times, and the processor time that an answer cost."""
        self.warm(*requests, connections=connections)
        return self.run(*requests, connections=connections, seconds=seconds or self.site.seconds)

    def warm(self, *requests: str, connections: int = CONNECTIONS) -> None:
        """Let every process load and remember what it needs before anything counts."""
        self._client(self._orders(requests, connections, self.site.warm_up))

    def _orders(self, requests: tuple[str, ...], connections: int, seconds: float) -> dict[str, Any]:
        return {
            "host": "127.0.0.1", "port": self.port, "requests": list(requests), "connections": connections,
            "seconds": seconds, "warm_up": 0.0, "first": time.time_ns() // 1_000_000 % 10**10,
        }  # fmt: skip

    def run(self, *requests: str, seconds: float, connections: int = CONNECTIONS) -> dict[str, Any]:
        """`load` of a server that is warm."""
        orders = self._orders(requests, connections, seconds)
        before = self._spent()
        told = self._client(orders)
        spent = {name: value - before.get(name, 0.0) for name, value in self._spent().items()}
        per_answer = 1000 / max(1, told["answers"])
        told |= {f"{name}_cpu_ms": round(value * per_answer, 2) for name, value in spent.items()}
        if told["refused"]:
            raise RuntimeError(f"Not every answer was a success: {told['statuses']}\n{told['refused']}")
        return told

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Stop web server and worker where they are, so that what runs meanwhile has the cores for itself."""
        everything = [one for process in self.processes for one in [process, *process.children(recursive=True)]]
        for one in everything:
            one.suspend()
        try:
            yield
        finally:
            for one in everything:
                one.resume()

    def _client(self, orders: dict[str, Any]) -> dict[str, Any]:
        client = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"], input=json.dumps(orders), cwd=ROOT, text=True,
            stdout=subprocess.PIPE, check=True,
        )  # fmt: skip
        told: dict[str, Any] = json.loads(client.stdout)
        return told

    def _spent(self) -> dict[str, float]:
        """Processor seconds so far: web server, worker, database."""
        from commonbeat.config.cluster import Cluster

        names = ("web", "worker")
        spent = {name: _with_children(process) for name, process in zip(names, self.processes, strict=False)}
        database = Cluster(self.site.data).server()
        return spent | ({"database": _with_children(database)} if database else {})


def _wait_for_worker() -> None:
    """Wait until a worker takes jobs: while it starts, it takes as much of the processors as the web server leaves."""
    from django.db import connection

    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '20 s'")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.2)
    raise TimeoutError("The worker did not come up within a minute and a half.")


def _with_children(process: psutil.Process) -> float:
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def get(path: str, *, cookies: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> str:
    """A GET request as text."""
    return _head("GET", path, cookies, headers) + "\r\n"


def post(path: str, fields: Mapping[str, str], *, cookies: Mapping[str, str] | None = None) -> str:
    """A POST of a form as text."""
    body = urlencode(fields, safe="@")
    more = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _head("POST", path, cookies, more) + "\r\n" + body


def _head(method: str, path: str, cookies: Mapping[str, str] | None, headers: Mapping[str, str] | None) -> str:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Language: en"]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines) + "\r\n"
