"""Registers the journal with Django."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Entries, seals, deliveries and the access log."""

    name = "commonbeat.journal"
    label = "journal"
    verbose_name = "Journal"

    def ready(self) -> None:
        from commonbeat.journal import tracked  # noqa: F401  (declares whose changes are kept)
