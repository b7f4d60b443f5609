"""Registers the tables of problems with Django."""

from django.apps import AppConfig


class ProblemConfig(AppConfig):
    """Problems: their analysis, options, plan and assessments."""

    name = "commonbeat.kinds.problem"
    label = "problem"
    verbose_name = "Problems"
