"""Addresses of follow-ups on the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.follow_up import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("follow-ups/", views.mine, name="follow_ups"),
    path("follow-ups/new/", views.new, name="follow_up_new"),
]
