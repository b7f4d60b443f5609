"""Addresses of observations on the desk, besides the page of each."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.observation import entering, listing

urlpatterns: list[URLPattern | URLResolver] = [
    path("observations/new/", entering.new, name="observation_new"),
    path("hazards/", listing.register, name="hazards"),
    path("hazards/points.geojson", listing.points, name="hazard_points"),
    path("hazards.csv", listing.table, name="hazard_table"),
]
