"""Starts the web server and the worker as children, restarts what dies, and stops everything in order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

TICK_SECONDS = 0.1
HEALTHY_SECONDS = 10.0  # a child that lived this long starts its back-off anew
LONGEST_PAUSE_SECONDS = 30.0
GIVE_UP_AFTER = 8  # failures in a row; a process manager or a person then has to look
THREADS_PER_WORKER = 3  # more wait for one another more than they wait for the database
BACKGROUND = 19  # niceness
ASKING_SECONDS = 5  # for a request to be sent; a browser's spare connection would else hold up stopping
MOST_WORKERS = 16  # more would want more connections than the embedded database has; --workers overrides


class CannotServe(Exception):
    """The processes cannot run; the message says why and what to do."""


@dataclass(frozen=True)
class Child:
    """A program to keep running; `stop_seconds` is how long it may take to finish what it is doing."""

    name: str
    command: tuple[str, ...]
    stop_seconds: float = 30.0
    environment: dict[str, str] = field(default_factory=dict)
    steps_back: bool = False
    """Whether it leaves the processors to the others while they are busy."""


def web_child(*, host: str, port: int, workers: int | None = None) -> Child:
    """Return the web server: one process per core, a few threads each, and a queue that says no when full."""
    count = workers or min(MOST_WORKERS, os.cpu_count() or 1)
    return Child(
        name="web",
        command=(
            sys.executable, "-m", "granian", "--interface", "wsgi",
            "--host", host, "--port", str(port),
            "--workers", str(count),
            "--blocking-threads", str(THREADS_PER_WORKER),
            "--backlog", "1024",
            "--backpressure", str(THREADS_PER_WORKER * 16),
            "--respawn-failed-workers", "--respawn-interval", "1",
            "--workers-kill-timeout", "25",
            "--http1-header-read-timeout", str(ASKING_SECONDS * 1000),
            "--no-ws", "--log-level", "warning",
            "commonbeat.config.wsgi:application",
        ),
        stop_seconds=30.0,
    )  # fmt: skip


def worker_child(*, concurrency: int = 4) -> Child:
    """Return the background worker: jobs lie in PostgreSQL; one that is cut off is taken up again."""
    return Child(
        name="worker",
        steps_back=True,  # in a storm of reports each is taken at once, and the mails about them leave a little later
        command=(
            sys.executable, "-m", "django", "procrastinate", "worker",
            "--concurrency", str(concurrency),
            "--shutdown-graceful-timeout", "20",
            "--delete-jobs", "successful",
        ),
        stop_seconds=30.0,
    )  # fmt: skip


def step_back(process: subprocess.Popen[bytes]) -> None:
    """Give a child what processor time the others leave."""
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, BACKGROUND)
    with contextlib.suppress(OSError):  # Linux may weigh sessions instead of processes
        Path(f"/proc/{process.pid}/autogroup").write_text(str(BACKGROUND))


def check_port(host: str, port: int) -> None:
    """Raise CannotServe if the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"Cannot listen on {host}:{port}: {error.strerror}. End the other program, or choose another "
                "port with --port."
            )


def find_port(host: str, preferred: int) -> int:
    """Return the first free port from the preferred one on, so that a demo starts beside other programs."""
    for port in range(preferred, preferred + 50):
        with contextlib.suppress(CannotServe):
            check_port(host, port)
            return port
    raise CannotServe(f"No port from {preferred} to {preferred + 49} is free on {host}. Choose one with --port.")


def answers(address: str) -> bool:
    """Return whether a web server answers there, whatever it says; every answer proves that it runs."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Supervisor:
    """Runs children until a signal or until one fails for good.

    Children get sessions of their own, so that Ctrl-C reaches only the supervisor and the order of
    stopping is ours: as listed. On Linux they also end when the supervisor is killed outright.
    """

    def __init__(self, children: Sequence[Child], *, watch: Callable[[], object] = lambda: None) -> None:
        """Take the children in stopping order, and what to ask about once a second (is the database up?)."""
        self._running = [_Running(child) for child in children]
        self._watch = watch
        self._signals = 0

    def run(
        self,
        *,
        ready: Callable[[], bool] = lambda: True,
        tell: Callable[[], None] = lambda: None,
        stopping: Callable[[], None] = lambda: None,
    ) -> None:
        """Run until told to stop; `tell` is called once, when `ready` first says yes, `stopping` when it is over."""
        before = {number: signal.signal(number, self._note) for number in _STOP_SIGNALS}
        try:
            self._loop(ready, tell)
        finally:
            stopping()
            for running in self._running:
                running.stop(impatient=lambda: self._signals > 1)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _loop(self, ready: Callable[[], bool], tell: Callable[[], None]) -> None:
        told, looked_at = False, 0.0
        while not self._signals:
            for running in self._running:
                running.keep_alive()
            if time.monotonic() - looked_at >= 1.0:
                self._watch()
                if not told and ready():
                    told = True
                    tell()
                looked_at = time.monotonic()
            time.sleep(TICK_SECONDS)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1


class _Running:
    """One child's present process, and how often it failed in a row."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started_at = 0.0
        self.start_again_at = 0.0

    def keep_alive(self) -> None:
        now = time.monotonic()
        if self.process is not None and (code := self.process.poll()) is not None:
            self._end_session()
            self.process = None
            self.failures = 1 if now - self.started_at > HEALTHY_SECONDS else self.failures + 1
            pause = min(LONGEST_PAUSE_SECONDS, 0.25 * 2 ** (self.failures - 1))
            self.start_again_at = now + pause
            print(f"{self.child.name} ended unexpectedly ({_ending(code)}).", file=sys.stderr, flush=True)
            if self.failures >= GIVE_UP_AFTER:
                raise CannotServe(f"{self.child.name} keeps ending; the lines above say why. Mend it and start again.")
        if self.process is None and now >= self.start_again_at:
            self.start()

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.child.command,
            env=os.environ | self.child.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=ends_with_parent(),
        )
        if self.child.steps_back:
            step_back(self.process)

    def stop(self, *, impatient: Callable[[], bool]) -> None:
        """Ask the child to finish, wait, then kill its whole session; a second Ctrl-C shortens the wait."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        deadline = time.monotonic() + self.child.stop_seconds
        while self.process.poll() is None and time.monotonic() < deadline and not impatient():
            time.sleep(0.05)
        self._end_session()
        self.process.wait()
        self.process = None

    def _end_session(self) -> None:
        """Kill what the child started and left behind: orphaned web processes would keep the port."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


def ends_with_parent() -> Callable[[], None] | None:
    """Return what a child has to run first (`preexec_fn`) to get SIGTERM when the starting thread is gone.

    Whatever ends that thread, `kill -9` included. None where only Linux could do it.
    """
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return tie


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
