"""Runs functions of the product in processes of their own. Imports nothing of Django before it is set up there."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any

CONTEXT: ForkContext | SpawnContext = (
    multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
)
"""How processes are made: a copy of this one saves loading the product again, where the system does it safely."""


def start(function: Callable[..., None], calls: Sequence[tuple[Any, ...]]) -> list[BaseProcess]:
    """Start a process for each call of a module's function. Values are plain, or queues of `CONTEXT`.

    Outside transactions only: this process gives its database connections back first, because two processes cannot
    share one. Ctrl-C is the starter's business: the others go on until they are told to end.
    """
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    where = function.__module__, function.__qualname__
    made: list[BaseProcess] = [CONTEXT.Process(target=_run, args=(*where, *values), daemon=True) for values in calls]
    for process in made:
        process.start()
    return made


def _run(module: str, name: str, *args: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    import django

    django.setup()
    getattr(importlib.import_module(module), name)(*args)


def end_without(parent: int) -> None:
    """End this process when the one that started it is gone; asked between two pieces of work."""
    if os.getppid() != parent:
        sys.exit(1)
