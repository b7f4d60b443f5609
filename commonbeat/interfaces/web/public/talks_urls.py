"""Addresses of mediation and of talks for residents."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.public import mediation, talks, talks_numbers

urlpatterns: list[URLPattern | URLResolver] = [
    path("mediation/", mediation.ask_for_mediation, name="ask_for_mediation"),
    path("mediation/numbers/", talks_numbers.mediation_numbers, name="mediation_numbers"),
    path("mediation.csv", talks_numbers.mediation_table, name="mediation_table"),
    path("conferences/numbers/", talks_numbers.conference_numbers, name="conference_numbers"),
    path("conferences.csv", talks_numbers.conference_table, name="conference_table"),
    path("talks/<str:token>/", talks.part, name="talks"),
    path("talks/<str:token>/agreement.pdf", talks.paper, name="talks_paper"),
    path("talks/<str:token>/session-<int:number>.ics", talks.session, name="talks_session"),
    path("talks/of/<str:token>/<str:reference>/", talks.own_part, name="my_talks"),
]
