"""A real installation to be hard on: data folder, server, worker, database, a mail server, and residents who report."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from commonbeat.config.cluster import Cluster
from commonbeat.config.processes import ends_with_parent

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a" * 32
"""A form token: any will do that is the same in cookie and form."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail and remembers to whom it was."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.received: Counter[str] = Counter()
        self.port = int(self.server_address[1])
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        recipients: list[str] = []
        while line := self.rfile.readline().decode(errors="replace").strip():
            word = line.split(" ")[0].upper()
            if word == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
            if word == "DATA":
                self._say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.received.update(recipients)
                recipients = []
            self._say("221 bye" if word == "QUIT" else "250 good")
            if word == "QUIT":
                return

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class Site:
    """One data folder and what runs on it."""

    def __init__(self, data: Path, *, mail_port: int = 9) -> None:
        self.data, self.cluster, self.port = data, Cluster(data), free_port()
        self.environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
            "COMMONBEAT_DATA": str(data), "COMMONBEAT_URL": f"http://127.0.0.1:{self.port}", "COMMONBEAT_DEMO": "0",
            "COMMONBEAT_LIMIT_REPORT": "1000000", "COMMONBEAT_SMTP_HOST": "127.0.0.1",
            "COMMONBEAT_SMTP_PORT": str(mail_port),
            "DJANGO_SETTINGS_MODULE": "commonbeat.config.settings", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.server: subprocess.Popen[bytes] | None = None
        self.log = data.parent / f"{data.name}.log"

    def run(self, *arguments: str) -> str:
        """Run a command of the product; returns what it printed, fails when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "commonbeat", *arguments], env=self.environment, cwd=ROOT, text=True,
            capture_output=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"commonbeat {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def python(self, code: str) -> str:
        """Run code inside the product."""
        return self.run("django", "shell", "--no-imports", "-c", code).strip()

    def found(self) -> None:
        """Make the database with areas and categories."""
        self.run("django", "migrate", "--verbosity", "0")
        self.run("import", "areas", str(ROOT / "demo/areas.geojson"), "--level", "community_area", "--serves")
        self.run("import", "categories", str(ROOT / "demo/categories.json"))

    def start(self) -> None:
        """Serve, and wait until pages come."""
        self.server = subprocess.Popen(
            [sys.executable, "-m", "commonbeat", "serve", "--port", str(self.port), "--workers", "2"],
            env=self.environment, cwd=ROOT, stdout=self.log.open("ab"), stderr=subprocess.STDOUT,
            preexec_fn=ends_with_parent(),
        )  # fmt: skip
        try:
            eventually(lambda: self.get("/") == 200, seconds=240)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.log.read_text()[-3000:]}") from late

    def stop(self) -> None:
        """Stop the server in order."""
        if self.server:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=240)
            self.server = None

    def end(self) -> None:
        """Whatever happened, leave nothing running."""
        if self.server and self.server.poll() is None:
            family = psutil.Process(self.server.pid).children(recursive=True)
            self.server.kill()
            for process in family:
                if process.is_running():
                    process.kill()
            self.server.wait()
        self.cluster.stop()

    def child(self, sign: str) -> psutil.Process:
        """A running process of the server by a word of its command line."""
        assert self.server
        for process in psutil.Process(self.server.pid).children(recursive=True):
            if process.status() != psutil.STATUS_ZOMBIE and sign in " ".join(process.cmdline()):
                return process
        raise LookupError(sign)

    def kill(self, what: str) -> None:
        """Kill a part of the site at once, as soon as it runs: web, web process, worker or database."""

        def kill() -> bool:
            if what == "database":
                found = self.cluster.server()
            elif what == "web process":
                found = next(iter(self.child("granian").children()[::-1]), None)
            else:
                found = self.child({"web": "granian", "worker": "procrastinate"}[what])
            if found:
                found.kill()
            return found is not None

        eventually(kill)  # it may just be starting again after something else was killed

    def get(self, path: str) -> int:
        """The status of a page."""
        return self._ask("GET", path, None)[0]

    def report(self, number: int, client_id: uuid.UUID, **more: str) -> tuple[int, str]:
        """Send one report; returns status and page."""
        fields = {
            "csrfmiddlewaretoken": TOKEN, "client_id": str(client_id), "category": "barking_dog", "who": "email",
            "email": f"resident{number}@example.org", "text": f"The dog barks all night, report {number}.",
            "address": "1200 W Madison St", "lat": "41.8855", "long": "-87.6545", "told": "all", "language": "en",
        } | more  # fmt: skip
        return self._ask("POST", "/report/concern/", urlencode(fields))

    def report_until_taken(self, number: int, client_id: uuid.UUID, *, seconds: float = 300) -> str:
        """Send a report again and again until it is acknowledged; returns its reference."""
        deadline, last = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            try:
                status, page = self.report(number, client_id)
                if status in {200, 201}:
                    found = re.search(r"CB-\w{4}-\w{3}", page)
                    assert found, page
                    return found[0]
                assert status >= 500 or status == 429, f"{status}: {page[:1500]}"
                last = str(status)
            except (OSError, http.client.HTTPException) as broken:
                last = repr(broken)
            time.sleep(0.2)
        raise AssertionError(f"Report {number} was never taken; last: {last}")

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Cookie": f"csrftoken={TOKEN}", "Accept-Language": "en"}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            link.request(method, path, body, headers)
            answer = link.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            link.close()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database directly."""
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def flaws(self) -> str:
        """What the hash chain finds wrong."""
        return self.python("from commonbeat.journal.chain import verify; print(list(verify()))")


def eventually(true: Callable[[], Any], *, seconds: float = 240.0) -> None:
    """Wait until something holds; errors on the way count as not yet."""
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except (OSError, psycopg.Error, psutil.Error, LookupError, http.client.HTTPException) as error:
            last = error
        time.sleep(0.2)
    raise AssertionError(f"Waited {seconds} s in vain; last: {last}")
