"""Walks the routes of the product and fills in their parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from commonbeat.interfaces.access import Reader
from commonbeat.interfaces.cli.docs import walk

THIRD_PARTY = ("allauth.",)
"""Views that are not ours: signing in. Their readers are theirs to state."""

MATRIX = "X-Route-Matrix"
"""Requests with this header do not count as visits by a test."""


@dataclass(frozen=True)
class Route:
    """One address of the product."""

    path: str
    name: str
    reader: Reader | None
    ours: bool

    @property
    def has_parts(self) -> bool:
        """Whether the address names something, which may not exist."""
        return "<" in self.path

    def filled(self, values: dict[str, Any]) -> str:
        """An address with every part filled in: by name, or by what its converter takes."""

        def fill(match: re.Match[str]) -> str:
            converter, _, name = match[1].rpartition(":")
            return str(values.get(name, {"int": "1", "slug": "nothing"}.get(converter, "nothing")))

        path = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", self.path).replace("^", "").replace("$", "")
        return "/" + re.sub(r"<([^>]+)>", fill, path)


def routes() -> list[Route]:
    """Every route of the product, in the order in which Django looks at them."""
    found = []
    for path, pattern in walk():
        view = pattern.callback
        ours = not view.__module__.startswith(THIRD_PARTY)
        found.append(Route(path, pattern.name or "", getattr(view, "reader", None), ours))
    return found
