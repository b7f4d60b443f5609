"""What the journal keeps of the scorecard: which measure or question stands behind each of the five."""

from commonbeat.evidence.scorecard.models import ScorecardLine
from commonbeat.journal.history import TRACKED, Tracked

LINE = TRACKED.add(
    Tracked(
        "scorecard", ScorecardLine,
        ("dimension", "measure", "question", "figure", "per_residents", "says", "public", "retired_at"),
    )
)  # fmt: skip
