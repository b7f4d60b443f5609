"""How a case of one kind begins one of another: kinds do not know each other, so each says here how it begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from commonbeat.cases.actions import Opened
from commonbeat.core.registry import Registry


@dataclass(frozen=True)
class Offshoot:
    """A kind that others may begin: `start` takes the answers of its own form, `uploads`, `actor`, `at`, `language`."""

    slug: str
    start: Callable[..., Opened]


OFFSHOOTS: Registry[Offshoot] = Registry("offshoot")
