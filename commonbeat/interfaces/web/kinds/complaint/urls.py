"""Addresses of complaints on the desk."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.complaint import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("complaints/new/", views.take, name="take_complaint"),
    path("complaints/<str:reference>/letter/", views.letter, name="complaint_letter_desk"),
    path("recommendations/", views.recommendations, name="recommendations"),
    path("recommendations/<int:number>/", views.answer, name="answer_recommendation"),
]
