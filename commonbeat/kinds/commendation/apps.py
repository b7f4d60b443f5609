"""Registers the tables of commendations with Django."""

from django.apps import AppConfig


class CommendationConfig(AppConfig):
    """Commendations: what stands on the file of whoever was praised."""

    name = "commonbeat.kinds.commendation"
    label = "commendation"
    verbose_name = "Commendations"
