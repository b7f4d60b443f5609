"""Addresses of the website, each part beside its views."""

from django.urls import URLPattern, URLResolver, include, path

from commonbeat.interfaces.web import frame

urlpatterns: list[URLPattern | URLResolver] = [
    path("agency.css", frame.agency_css, name="agency_css"),
    path("language/", frame.language, name="language"),
    path("components/", frame.components, name="components"),
    path("files/", include("commonbeat.interfaces.web.desk.file_urls")),
    path("desk/", include("commonbeat.interfaces.web.desk.urls")),
    path("office/", include("commonbeat.interfaces.web.office.urls")),
    path("", include("commonbeat.interfaces.web.public.urls")),
]
