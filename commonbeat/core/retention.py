"""How long records are kept, and why: declared beside the outcomes that start the clock."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """Keep for `days` after closing, for `reason`; `None` keeps for ever."""

    days: int | None
    reason: str

    def dispose_on(self, closed_on: dt.date) -> dt.date | None:
        """The first day on which a records officer may propose disposal."""
        return None if self.days is None else closed_on + dt.timedelta(days=self.days)
