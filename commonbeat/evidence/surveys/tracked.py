"""What analysts change and the journal keeps: what a survey series is called and how often it asks."""

from commonbeat.evidence.surveys.models import SurveySeries
from commonbeat.journal.history import TRACKED, Tracked

SERIES = TRACKED.add(
    Tracked("survey", SurveySeries, ("slug", "name", "says", "credit", "every_months", "created_at", "retired_at"))
)
