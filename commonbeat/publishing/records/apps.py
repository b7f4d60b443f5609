"""Registers requests for records with Django."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Requests for public records, their exemptions, and what was released."""

    name = "commonbeat.publishing.records"
    label = "records"
    verbose_name = "Requests for records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commonbeat.publishing.records import keeping, personal, tracked  # noqa: F401  (declare what is kept)
