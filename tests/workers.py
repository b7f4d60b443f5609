"""How a run is spread over processes: costly things are made once, and nothing of a run outlives it.

Tests of the folders in `TOGETHER` share a city, a browser or an installation, so one process runs them all; every other
test goes to whoever is free. (The mark `xdist_group` would say the same, but pytest 9.2 and xdist 3.8 silently ignore
it together.)
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

import pytest

TOGETHER = ("tests/browser/", "tests/reliability/", "tests/config/test_backup.py")


def scope_of(nodeid: str) -> str:
    """What has to run in one process with this test; the test itself when nothing has to."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)


class Spreading:
    """The hook of pytest-xdist. Registered only where xdist is in use."""

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Work in units of `scope_of`, the largest first."""
        from xdist.scheduler import LoadScopeScheduling

        class Spread(LoadScopeScheduling):
            def _split_scope(self, nodeid: str) -> str:
                return scope_of(nodeid)

        return Spread(config, log)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_configure(config: pytest.Config) -> None:
    """Let a run that is told to end stop what it started, as it does at Ctrl-C."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Spread the tests, in the process that starts the others."""
    if session.config.pluginmanager.hasplugin("dsession"):
        session.config.pluginmanager.register(Spreading(), "spreading-over-workers")
