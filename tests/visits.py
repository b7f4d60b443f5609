"""Notes which routes tests visit, and fails a run of the whole suite that left one out.

A route that no test opens may be broken for weeks before somebody notices. The walk over all routes by role in
tests/contracts does not count: it proves who may enter, not that the page works. Nor do tests that start a server as a
process of its own (browser, reliability): where no browser is installed the same routes must be seen to work.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest

UNCOUNTED = "HTTP_X_ROUTE_MATRIX"
_visited: set[str] = set()
_from_workers: set[str] = set()
_missing: list[str] = []
_resolve = BaseHandler.resolve_request


def _noting(self: BaseHandler, request: HttpRequest) -> Any:
    match = _resolve(self, request)
    if UNCOUNTED not in request.META:
        _visited.add(match.route)
    return match


def pytest_configure(config: pytest.Config) -> None:
    """Start noting."""
    BaseHandler.resolve_request = _noting  # type: ignore[method-assign]


class Gathering:
    """Hooks of pytest-xdist: workers hand over what they saw. Registered only where xdist is in use."""

    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """A worker has finished."""
        _from_workers.update(getattr(node, "workeroutput", {}).get("visited", ()))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Listen to workers, in the process that starts them."""
    if session.config.pluginmanager.hasplugin("dsession"):
        session.config.pluginmanager.register(Gathering(), "visits-of-workers")


def _is_whole(config: pytest.Config) -> bool:
    options = config.option
    narrowed = (
        options.keyword or options.markexpr or getattr(options, "lf", False) or options.ignore or options.deselect
    )
    return not narrowed and config.args == config.getini("testpaths") and not options.collectonly


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand over to the controller, or judge there."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["visited"] = sorted(_visited)
        return
    if exitstatus != 0 or not _is_whole(session.config):
        return
    from tests.contracts.walking import routes

    seen = _visited | _from_workers
    _missing.extend(route.path for route in routes() if route.ours and route.path not in seen)
    if _missing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which routes no test opened."""
    if _missing:
        terminalreporter.section("Routes that no test visits", red=True)
        for path in _missing:
            terminalreporter.write_line(f"  /{path}")
