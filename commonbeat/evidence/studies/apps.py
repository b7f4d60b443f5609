"""Registers the studio with Django."""

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    """Studies: plans, their frozen versions, runs, and what the public reads of them."""

    name = "commonbeat.evidence.studies"
    label = "studies"
    verbose_name = "Studies"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonbeat.evidence.studies import depending, tasks  # noqa: F401 - sources know of studies, the worker of jobs
