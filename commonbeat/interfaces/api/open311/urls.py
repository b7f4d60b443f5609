"""Addresses of Open311; ids and codes may contain anything, the last ending is the format."""

from django.urls import path, re_path

from commonbeat.interfaces.api.open311 import views

urlpatterns = [
    path("", views.landing, name="open311"),
    path("discovery.<str:fmt>", views.discovery, name="open311-discovery"),
    path("v2/discovery.<str:fmt>", views.discovery, name="open311-discovery-v2"),
    path("v2/openapi.yaml", views.openapi, name="open311-openapi"),
    path("v2/services.<str:fmt>", views.services, name="open311-services"),
    path("v2/services/<path:code>.<str:fmt>", views.service, name="open311-service"),
    path("v2/requests.<str:fmt>", views.requests, name="open311-requests"),
    path("v2/requests/<path:number>.<str:fmt>", views.one_request, name="open311-request"),
    path("v2/tokens/<path:token>.<str:fmt>", views.token, name="open311-token"),
    path("v2/servicerequestupdates.<str:fmt>", views.service_request_updates, name="open311-updates"),
    path("bulk.<str:fmt>", views.everything, name="open311-bulk"),
    path("media/<str:reference>/<int:number>", views.media, name="open311-media"),
    path("v2/", views.nothing, name="open311-v2"),
    re_path(r"^(?P<rest>[\s\S]*)$", views.nothing, name="open311-nothing"),
]
