"""Addresses of commendations on the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.commendation import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("commendations/", views.files, name="commendations"),
    path("commendations/new/", views.take, name="take_commendation"),
]
