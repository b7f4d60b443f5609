"""Registers surveys and populations with Django."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Survey series, their waves and imports, and the populations that they are weighted to."""

    name = "commonbeat.evidence.surveys"
    label = "surveys"
    verbose_name = "Surveys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonbeat.evidence.surveys import (  # noqa: F401 - the journal and the schedule find what is kept, the worker jobs
            keeping,
            tasks,
            tracked,
        )
