"""Registers the tables of missing persons with Django."""

from django.apps import AppConfig


class MissingConfig(AppConfig):
    """Missing persons: what the public is shown of them, and who thinks to have seen them."""

    name = "commonbeat.kinds.missing"
    label = "missing"
    verbose_name = "Missing persons"
