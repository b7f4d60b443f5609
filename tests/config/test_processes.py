"""The supervisor: restarts what dies, gives up on what cannot live, stops in order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from commonbeat.config import processes
from tests.config.conftest import PATIENCE_SECONDS

CHILD = """
import os, signal, sys, time
name, log = sys.argv[1], open(sys.argv[2], "a", buffering=1)
def stop(*_):
    time.sleep(0.2)
    log.write(f"{name} stopped\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
log.write(f"{name} started {os.getpid()}\\n")
while True:
    time.sleep(0.05)
"""

SUPERVISOR = """
import sys
from commonbeat.config.processes import Child, Supervisor
children = [Child(name, (sys.executable, "-c", sys.argv[2], name, sys.argv[1])) for name in ("web", "worker")]
Supervisor(children).run(tell=lambda: print("ready", flush=True))
print("all stopped", flush=True)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def supervisor(log: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(log), CHILD],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    wait_for(log, lambda lines: len(lines) == 2)
    yield process
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)


def wait_for(log: Path, true: Any, seconds: float = PATIENCE_SECONDS) -> list[str]:
    deadline = time.monotonic() + seconds
    while not true(lines := log.read_text().splitlines() if log.exists() else []):
        assert time.monotonic() < deadline, lines
        time.sleep(0.02)
    return lines


def numbers(lines: list[str], name: str) -> list[int]:
    return [int(line.split()[-1]) for line in lines if line.startswith(f"{name} started")]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_the_children_one_after_the_other_in_the_given_order(
    supervisor: subprocess.Popen[str], log: Path, sign: signal.Signals
) -> None:
    supervisor.send_signal(sign)
    said, _ = supervisor.communicate(timeout=PATIENCE_SECONDS)
    assert said == "all stopped\n" and supervisor.returncode == 0
    assert log.read_text().splitlines()[2:] == ["web stopped", "worker stopped"]


def test_a_killed_child_is_started_again_and_the_other_is_left_alone(
    supervisor: subprocess.Popen[str], log: Path
) -> None:
    lines = log.read_text().splitlines()
    os.kill(numbers(lines, "web")[0], signal.SIGKILL)
    lines = wait_for(log, lambda lines: len(numbers(lines, "web")) == 2)
    assert len(numbers(lines, "worker")) == 1
    assert psutil.pid_exists(numbers(lines, "web")[1])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_killing_the_supervisor_outright_leaves_no_child_behind(supervisor: subprocess.Popen[str], log: Path) -> None:
    supervisor.kill()
    lines = wait_for(log, lambda lines: "web stopped" in lines and "worker stopped" in lines)
    assert len(lines) == 4


def test_a_child_that_cannot_live_ends_everything_with_a_sentence(
    log: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "LONGEST_PAUSE_SECONDS", 0.01)
    when_the_other_runs = f"import pathlib, time\nwhile not pathlib.Path({str(log)!r}).exists(): time.sleep(0.01)\n"
    broken = processes.Child("web", (sys.executable, "-c", f"{when_the_other_runs}raise SystemExit('no settings')"))
    healthy = processes.Child("worker", (sys.executable, "-c", CHILD, "worker", str(log)))
    with pytest.raises(processes.CannotServe, match="web keeps ending"):
        processes.Supervisor([broken, healthy]).run()
    assert capfd.readouterr().err.count("web ended unexpectedly (exit code 1)") == processes.GIVE_UP_AFTER
    assert log.read_text().splitlines()[-1] == "worker stopped"


def test_a_child_that_ignores_the_request_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import signal, subprocess, sys, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid)); time.sleep(60)"
    )
    stubborn = processes.Child("stubborn", (sys.executable, "-c", code), stop_seconds=0.3)
    keeper = processes.Supervisor([stubborn])
    keeper.run(
        ready=lambda: note.exists() and note.read_text() != "",
        tell=lambda: os.kill(os.getpid(), signal.SIGTERM),
    )
    grandchild = int(note.read_text())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while psutil.pid_exists(grandchild) and psutil.Process(grandchild).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_port_in_use_is_said_before_anything_starts_and_a_demo_takes_the_next() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(processes.CannotServe, match="choose another port with --port"):
            processes.check_port("127.0.0.1", port)
        assert processes.find_port("127.0.0.1", port) > port


def test_any_answer_counts_as_an_answer_and_silence_does_not() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert not processes.answers(f"http://127.0.0.1:{port}/")
    code = (
        "import http.server, sys\n"
        "class Refuser(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_error(400)\n"
        f"http.server.HTTPServer(('127.0.0.1', {port}), Refuser).serve_forever()"
    )
    server = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not processes.answers(f"http://127.0.0.1:{port}/"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        server.kill()
        server.wait()
