"""Registers the community floor with Django."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Users, grants, persons, organisations, areas, the agency."""

    name = "commonbeat.community"
    label = "community"
    verbose_name = "Community"
