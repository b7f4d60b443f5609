"""Registers the tables of requests for services with Django."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """Requests for services: security surveys and what they found."""

    name = "commonbeat.kinds.service"
    label = "service"
    verbose_name = "Requests for services"
