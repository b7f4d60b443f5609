"""How long records are kept, and why: declared beside the outcomes that start the clock."""

import datetime as dt
from dataclasses import dataclass, replace

LONGEST = 50 * 365
"""Days: an agency keeps nothing about people for longer, unless its kind is declared to be kept for ever."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Keep for `days` after closing, for `reason`; `None` keeps for ever.

    An agency may set its own time, from `least` days up to `LONGEST`. Without `least` it may not go below the declared
    time: a kind says so where the law and the people concerned leave room. What is kept for ever stays so.
    """

    days: int | None
    reason: str
    least: int | None = None

    def __post_init__(self) -> None:
        if self.days is not None and not 0 <= self.lowest <= self.days <= LONGEST:
            raise ValueError(f"Keeping for {self.days} days, {self.lowest} at least, is not within 0 and {LONGEST}.")

    @property
    def lowest(self) -> int:
        """The fewest days that an agency may set."""
        return (self.days or 0) if self.least is None else self.least

    def as_set(self, days: int, reason: str) -> "Retention":
        """This time as an agency set it: never outside the bounds, whatever is stored."""
        if self.days is None:
            return self
        return replace(self, days=min(max(days, self.lowest), LONGEST), reason=reason)

    def dispose_on(self, closed_on: dt.date, *, at_least: int = 0) -> dt.date | None:
        """The first day on which a records officer may propose disposal; `at_least` are days that a case needs more."""
        return None if self.days is None else closed_on + dt.timedelta(days=max(self.days, at_least))
