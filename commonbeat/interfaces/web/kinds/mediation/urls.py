"""Addresses of mediations on the desk, besides the page of each."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.kinds.mediation import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("mediations/new/", views.take, name="take_mediation"),
    path("mediations/quick/", views.quick, name="quick_mediation"),
    path("conferences/new/", views.refer_conference, name="refer_conference"),
    path("<str:reference>/agreement.pdf", views.agreement, name="talks_agreement"),
    path("<str:reference>/sides/<int:number>/letter/", views.letter, name="talks_letter"),
]
