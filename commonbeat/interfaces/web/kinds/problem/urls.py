"""Addresses of problems on the desk, besides the page of each."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.problem import brief, joint, linked, recurring, shelf, starting

urlpatterns: list[URLPattern | URLResolver] = [
    path("problems/", shelf.shelf, name="problems"),
    path("recurring/", recurring.recurring, name="recurring"),
    path("recurring/<int:number>/dismiss/", recurring.put_aside, name="recurring_dismiss"),
    path("recurring/<int:number>/put-back/", recurring.take_back, name="recurring_put_back"),
    path("projects/new/", joint.new_project, name="project_new"),
    path("reviews/new/", joint.new_review, name="review_new"),
    path("problems/new/", starting.new, name="problem_new"),
    path("<str:reference>/brief.pdf", brief.brief, name="problem_brief"),
    path("<str:reference>/places.geojson", linked.places_of, name="problem_places"),
]
