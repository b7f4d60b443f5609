"""Addresses for programs."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from commonbeat.interfaces.api.v1.urls import nothing

urlpatterns: list[URLPattern | URLResolver] = [
    path("open311/", include("commonbeat.interfaces.api.open311.urls")),
    path("api/v1/", include("commonbeat.interfaces.api.v1.urls")),
    re_path(r"^api/(?P<rest>[\s\S]*)$", nothing, name="api-nothing"),
]
