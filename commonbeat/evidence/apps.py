"""Registers the tables of evidence with Django."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Incident sources and imports, measures and their stored observations, denominators."""

    name = "commonbeat.evidence"
    label = "evidence"
    verbose_name = "Evidence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonbeat.evidence import (  # noqa: F401 - the worker finds the jobs, the journal what is kept
            personal_tables,
            record_measures,
            reporting_measures,
            tasks,
            tracked,
        )
