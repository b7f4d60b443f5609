"""Registers the tables of observations with Django."""

from django.apps import AppConfig


class ObservationConfig(AppConfig):
    """Observations: conditions of places, with who has to see to them and when somebody looks again."""

    name = "commonbeat.kinds.observation"
    label = "observation"
    verbose_name = "Observations"
