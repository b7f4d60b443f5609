"""Addresses of missing persons on the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.missing import views

urlpatterns: list[URLPattern | URLResolver] = [path("missing/new/", views.take, name="take_missing")]
