"""Registers the tables of complaints with Django."""

from django.apps import AppConfig


class ComplaintConfig(AppConfig):
    """Complaints: allegations, interviews, appeals, and what they teach about policies."""

    name = "commonbeat.kinds.complaint"
    label = "complaint"
    verbose_name = "Complaints"
