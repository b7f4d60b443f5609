"""What the desk shows of observations: a quick form, the register of hazards, and what stands near a case."""

from commonbeat.interfaces.web.kinds.observation import declared  # noqa: F401  (declares panels, lists and the form)
