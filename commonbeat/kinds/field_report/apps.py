"""Registers the tables of field reports with Django."""

from django.apps import AppConfig


class FieldReportConfig(AppConfig):
    """Field reports: people and property in them, supplements, and calls for sworn officers."""

    name = "commonbeat.kinds.field_report"
    label = "field_report"
    verbose_name = "Field reports"
