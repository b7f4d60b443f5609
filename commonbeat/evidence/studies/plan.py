"""The plan of a study: everything that must be decided before the outcome is looked at. Plain data.

Neither Django nor statistics: web pages hold plans without loading either.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


def same_shape(period: str, example: str) -> bool:
    """Whether a period is written like another one: digits and signs at the same places, so that they sort together."""
    return re.sub(r"\d", "0", period) == re.sub(r"\d", "0", example)


@dataclass(frozen=True)
class Plan:
    """What is tried, where and from when, what is counted, and how it will be judged."""

    programme: str = ""
    """What is done, in plain words."""
    treated: tuple[str, ...] = ()
    start: str = ""
    """The first period with the programme; may lie after the data."""
    starts: Mapping[str, str] = field(default_factory=dict)
    """Areas that start at another time."""
    first: str = ""
    """The first period that is used; empty for all."""
    length: int = 12
    """Periods that will be measured from the start on: fixed beforehand, so that nobody stops at a lucky moment."""
    comparison: tuple[str, ...] = ()
    rule: str = "all"
    """How the comparison was chosen: all, alike (proposed), or named by hand."""
    each: int = 3
    """Comparison areas per treated one, where they are proposed."""
    reach: float = 0.0
    """Metres around treated areas that are no comparison, because the programme may be felt there; also the rings."""
    looked_back: int = 12
    """Periods at which somebody looked when the areas were chosen."""
    expected: float = -20.0
    """The change that is hoped for, in percent."""
    design: str = ""
    second: str = ""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Options by design."""
    dose: str = ""
    """What is delivered, in the plural and with its unit: “hours of foot patrol”."""
    dose_planned: float = 0.0
    """How much of it per period, in all areas together."""
    level: float = 0.95
    seed: int = 2026

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores, keys in order."""
        return json.loads(json.dumps(asdict(self), sort_keys=True))  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Plan:
        """What `as_dict` wrote; unknown names are refused, missing ones take their defaults."""
        told = dict(stored)
        for name in ("treated", "comparison"):
            told[name] = tuple(told.get(name, ()))
        return cls(**told)

    def stamp(self) -> str:
        """The hash that changes when anything in the plan does."""
        text = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def option(self, design: str) -> dict[str, Any]:
        """The options of one design, lists as tuples, as its constructor wants them."""
        given = self.options.get(design, {})
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
