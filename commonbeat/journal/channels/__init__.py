"""Ways in which a message leaves: each channel is a function of a delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from commonbeat.journal.models import Delivery

Channel = Callable[..., None]


class TemporarilyUnavailable(Exception):
    """Nothing is wrong with the message; try again later."""


class Unreachable(TemporarilyUnavailable):
    """Nothing gets out by this channel at present: its other messages need not be tried now."""


class Bounced(Exception):
    """The address does not take messages."""


class NoLongerWanted(Exception):
    """Nobody waits for this message any more: it is cancelled, and nobody needs to hear of it."""


class Postponed(Exception):
    """The recipient rests until `until`; waiting counts as no attempt."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"Postponed until {until.isoformat()}.")
        self.until = until


CHANNELS: dict[str, Channel] = {}
QUIET: set[str] = set()
"""Channels that ring or buzz at somebody's side: they rest at night, except for answers to a person's own deed."""


LINES: list[Callable[[], AbstractContextManager[object]]] = []
"""What channels keep open while a round of messages goes out."""


@contextmanager
def lines_open() -> Iterator[None]:
    """Let channels use one connection for all messages that are sent inside."""
    with ExitStack() as lines:
        for line in LINES:
            lines.enter_context(line())
        yield


def channel(name: str, *, quiet: bool = False) -> Callable[[Channel], Channel]:
    """Register a function `(delivery, *, at)` that sends, or raises one of the exceptions above."""

    def add(function: Channel) -> Channel:
        CHANNELS[name] = function
        if quiet:
            QUIET.add(name)
        return function

    return add


@channel("call")
def call(delivery: Delivery, *, at: dt.datetime) -> None:
    """Somebody asked to be told by telephone: the message is a task on the case, made with the deed itself."""


@channel("inbox")
def inbox(delivery: Delivery, *, at: dt.datetime) -> None:
    """Somebody of the department chose not to get this by e-mail: their inbox shows it, nothing leaves the house."""


from commonbeat.journal.channels import browser, mail, webhook  # noqa: E402,F401  (they register themselves)
