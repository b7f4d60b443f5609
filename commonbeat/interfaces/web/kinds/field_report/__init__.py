"""What the desk shows of field reports: beginning one, its panels, the queue, protocol cards, and the document."""

from commonbeat.interfaces.web.kinds.field_report import declared  # noqa: F401  (declares panels, lists and the form)
