"""Registers the website's templates and static files with Django."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, components, static files."""

    name = "commonbeat.interfaces.web"
    label = "web"

    def ready(self) -> None:
        from commonbeat.interfaces.web import kinds
        from commonbeat.interfaces.web.desk import work

        work.declare()
        kinds.declare()
