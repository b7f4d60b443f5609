"""Registers the scorecard with Django."""

from django.apps import AppConfig


class ScorecardConfig(AppConfig):
    """Which measure or question stands behind each of the five."""

    name = "commonbeat.evidence.scorecard"
    label = "scorecard"
    verbose_name = "Scorecard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonbeat.evidence.scorecard import tracked  # noqa: F401 - the journal finds what is kept
