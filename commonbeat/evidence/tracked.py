"""What analysts change and the journal keeps: sources of incidents and the measures counted from them."""

from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.journal.history import TRACKED, Tracked

SOURCE = TRACKED.add(
    Tracked("source", IncidentSource, ("slug", "name", "noun", "notice", "snapped", "created_at", "retired_at"))
)
MEASURE = TRACKED.add(
    Tracked("measure", CountedMeasure, ("slug", "name", "says", "noun", "source", "categories", "public", "retired_at"))
)
