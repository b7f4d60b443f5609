"""Registers the tables of talks with Django."""

from django.apps import AppConfig


class TalksConfig(AppConfig):
    """Talks between sides: their yes, sessions, agreements, and the sealed notes of whoever leads them."""

    name = "commonbeat.talks"
    label = "talks"
    verbose_name = "Talks"

    def ready(self) -> None:
        from commonbeat.talks import (  # noqa: F401  (declares what is kept of people; the worker finds the jobs)
            personal_tables,
            tasks,
        )
