"""What the desk shows of mediations: panels of their page, taking one, the quick record, letters and the agreement."""

from commonbeat.interfaces.web.kinds.mediation import declared  # noqa: F401  (declares panels, lists and papers)
