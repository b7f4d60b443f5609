"""What the desk shows of commendations: taking one at the counter, and what stands on people's files."""

from commonbeat.interfaces.web.kinds.commendation import declared  # noqa: F401  (declares lists and fillings)
