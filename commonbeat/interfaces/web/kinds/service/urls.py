"""Addresses of security surveys on the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.service import paper

urlpatterns: list[URLPattern | URLResolver] = [
    path("<str:reference>/survey.pdf", paper.paper, name="survey_paper"),
]
