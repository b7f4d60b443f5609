"""Registers the tables of activities with Django."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """What happens at a place and time: its agenda, who came in numbers, and what came of it."""

    name = "commonbeat.activities"
    label = "activities"
    verbose_name = "Activities"

    def ready(self) -> None:
        from commonbeat.activities import (  # noqa: F401  (declares what is kept of people; the worker finds the jobs)
            personal_tables,
            tasks,
        )
