"""What the desk shows of security surveys: the panel, and the list for the resident."""

from commonbeat.interfaces.web.kinds.service import declared  # noqa: F401  (declares the panel and its lists)
