"""What the desk shows of problems: panels of their page, the start from cases, the library, the printed brief."""

from commonbeat.interfaces.web.kinds.problem import declared  # noqa: F401  (declares panels, lists and fillings)
