"""What a design answers when the data cannot carry it: the reason, what is needed, what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .phrase import N_, Phrase, Translate, as_written

if TYPE_CHECKING:
    from .panel import Panel


@dataclass(frozen=True)
class Shortfall:
    """One precondition that does not hold."""

    precondition: str
    """The slug of the precondition."""
    needed: Phrase
    found: Phrase

    def said(self, translate: Translate = as_written) -> str:
        """ "3 periods before the start; needed: at least 8."""
        frame = translate(N_("{found} Needed: {needed}"))
        return frame.format(found=self.found.said(translate), needed=self.needed.said(translate))


@dataclass(frozen=True)
class Precondition:
    """What must hold before a design may answer.

    `check` looks at a panel and says what it found instead, or None when all is well. It never raises, whatever
    else is wrong with the panel, so that a person hears of everything at once.
    """

    slug: str
    needed: Phrase
    check: Callable[[Panel], Phrase | None]

    def shortfall(self, panel: Panel) -> Shortfall | None:
        """What is missing in this panel."""
        found = self.check(panel)
        return None if found is None else Shortfall(self.slug, self.needed, found)


class CannotEstimate(Exception):
    """Raised inside a design when the work itself shows that there is no answer; `Design.fit` makes it a refusal."""

    def __init__(self, precondition: str, *, needed: Phrase, found: Phrase) -> None:
        super().__init__(found.said())
        self.shortfall = Shortfall(precondition, needed, found)


@dataclass(frozen=True)
class Refusal:
    """A design declined to answer, which is a result: it says why and what would have to be there."""

    design: str
    shortfalls: tuple[Shortfall, ...]

    def __bool__(self) -> bool:
        return False

    @property
    def reason(self) -> Phrase:
        """The first thing that is missing."""
        return self.shortfalls[0].found

    @property
    def preconditions(self) -> tuple[str, ...]:
        """Slugs of everything that is missing."""
        return tuple(s.precondition for s in self.shortfalls)

    def sentence(self, translate: Translate = as_written) -> str:
        """Why there is no answer, for people."""
        return " ".join(s.said(translate) for s in self.shortfalls)

    def to_json(self) -> str:
        """Everything, as JSON text."""
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_dict(self) -> dict[str, Any]:
        """What JSON stores."""
        return {
            "sort": "refusal",
            "design": self.design,
            "shortfalls": [
                {"precondition": s.precondition, "needed": s.needed.as_dict(), "found": s.found.as_dict()}
                for s in self.shortfalls
            ],
        }

    @classmethod
    def from_json(cls, text: str) -> Refusal:
        """What `to_json` wrote."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Refusal:
        """What `as_dict` wrote."""
        shortfalls = (
            Shortfall(s["precondition"], Phrase.from_dict(s["needed"]), Phrase.from_dict(s["found"]))
            for s in stored["shortfalls"]
        )
        return cls(stored["design"], tuple(shortfalls))
