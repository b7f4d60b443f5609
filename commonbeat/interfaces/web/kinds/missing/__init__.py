"""What the desk shows of missing persons: what the public sees of them, sightings, and taking a report at once."""

from commonbeat.interfaces.web.kinds.missing import declared  # noqa: F401  (declares panels, lists and the counter)
