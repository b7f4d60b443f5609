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

PRIMARY = "primary"
"""The key of the outcome that counts."""
SPARE = ("outcome", "further", "splits", "sort")
"""What plans did not know at first: left out while empty, so that their stamps stay what they were."""


def same_shape(period: str, example: str) -> bool:
    """Whether a period is written like another one: digits and signs at the same places, so that they sort together."""
    return re.sub(r"\d", "0", period) == re.sub(r"\d", "0", example)


@dataclass(frozen=True)
class Further:
    """Another outcome: a second count of the same places and periods, or a question of a survey."""

    key: str
    name: str
    """What is counted, in the plural; or the question with its answer."""
    column: str = ""
    """The column of the study's table."""
    sorts: tuple[str, ...] = ()
    """The categories of the study's records."""
    wave: int = 0
    """The number of the survey's wave before the start."""
    question: str = ""
    figure: str = ""
    """Which number of the question: the share of an answer, or the mean."""
    again_from: str = ""
    """The follow-up is the first wave of the survey that begins on this day or later, whatever it says."""
    answers: int = 0
    """How many people the follow-up will ask, as far as that is planned; 0 for as many as before."""

    @property
    def is_asked(self) -> bool:
        """Whether it is a question of a survey."""
        return bool(self.wave)


@dataclass(frozen=True)
class Split:
    """Two groups in which the effect may differ: areas, or sorts of incident. The second is whatever is left."""

    key: str
    name: str
    first: str
    """What the first group is called."""
    second: str
    areas: tuple[str, ...] = ()
    column: str = ""
    sorts: tuple[str, ...] = ()


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
    outcome: str = ""
    """What is counted: the outcome that counts. The studio writes it down."""
    further: tuple[Further, ...] = ()
    splits: tuple[Split, ...] = ()
    sort: str = ""
    """The sort of programme, where it is one whose pitfalls are known."""

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores, keys in order."""
        told = {name: value for name, value in asdict(self).items() if value or name not in SPARE}
        return json.loads(json.dumps(told, sort_keys=True))  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Plan:
        """What `as_dict` wrote; unknown names are refused, missing ones take their defaults."""
        told = dict(stored)
        for name in ("treated", "comparison"):
            told[name] = tuple(told.get(name, ()))
        told["further"] = tuple(read_further(one) for one in told.get("further", ()))
        told["splits"] = tuple(read_split(one) for one in told.get("splits", ()))
        return cls(**told)

    def stamp(self) -> str:
        """The hash that changes when anything in the plan does."""
        text = json.dumps(self.as_dict(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def option(self, design: str) -> dict[str, Any]:
        """The options of one design, lists as tuples, as its constructor wants them."""
        given = self.options.get(design, {})
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}

    @property
    def counted(self) -> tuple[Further, ...]:
        """Further outcomes that are counts."""
        return tuple(one for one in self.further if not one.is_asked)

    @property
    def asked(self) -> tuple[Further, ...]:
        """Further outcomes that are questions of a survey."""
        return tuple(one for one in self.further if one.is_asked)


def read_further(stored: Mapping[str, Any]) -> Further:
    """What a plan stores of a further outcome."""
    return Further(**{**stored, "sorts": tuple(stored.get("sorts", ()))})


def read_split(stored: Mapping[str, Any]) -> Split:
    """What a plan stores of a split."""
    return Split(**{**stored, "areas": tuple(stored.get("areas", ())), "sorts": tuple(stored.get("sorts", ()))})
