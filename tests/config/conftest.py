"""Runs the product's commands as processes of their own, with data folders of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from commonbeat.config.cluster import Cluster
from commonbeat.config.processes import ends_with_parent

PATIENCE_SECONDS = 240.0
"""How long tests wait for processes: long, because the machine may have much else to do, and only failures wait."""


class Installation:
    """One data folder and the processes a test starts on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.cluster = Cluster(data)
        self.environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        self.environment["COMMONBEAT_DATA"] = str(data)
        self.processes: list[subprocess.Popen[str]] = []
        self.python_path = sys.executable

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            list(map(str, command)), env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=ends_with_parent(),
        )  # fmt: skip
        self.processes.append(process)
        return process

    def python(self, code: str) -> subprocess.Popen[str]:
        return self.start(sys.executable, "-c", code)

    def commonbeat(self, *arguments: str | Path) -> tuple[int, str]:
        """Run a command to its end; return exit code and everything it printed."""
        process = self.start(sys.executable, "-m", "commonbeat", *arguments)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        return process.returncode, said

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.cluster.stop()
        if self.cluster.sockets != self.cluster.pgdata:
            shutil.rmtree(self.cluster.sockets, ignore_errors=True)


@pytest.fixture
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="cb-") as folder:
        Path(folder).chmod(0o755)
        made = Installation(Path(folder) / "data")
        yield made
        made.end()
