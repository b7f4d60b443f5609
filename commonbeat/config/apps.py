"""Registers the product as a whole: the only place where every kind is imported."""

from django.apps import AppConfig


class ProductConfig(AppConfig):
    """Declares all kinds once the models of every floor are known."""

    name = "commonbeat.config"
    label = "config"

    def ready(self) -> None:
        from commonbeat import kinds

        kinds.declare()
