"""What the desk shows of complaints: panels of their page, taking one at the counter, the letter, recommendations."""

from commonbeat.interfaces.web.kinds.complaint import declared  # noqa: F401  (declares panels, lists and papers)
