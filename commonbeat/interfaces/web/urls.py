"""Addresses of the website, each part beside its views."""

from django.urls import URLPattern, URLResolver, include, path

from commonbeat.interfaces.web import frame
from commonbeat.interfaces.web.tip import disclosing, paying

urlpatterns: list[URLPattern | URLResolver] = [
    path("agency.css", frame.agency_css, name="agency_css"),
    path("language/", frame.language, name="language"),
    path("components/", frame.components, name="components"),
    path("files/", include("commonbeat.interfaces.web.desk.file_urls")),
    path("desk/evidence/", include("commonbeat.interfaces.web.evidence.urls")),
    path("desk/tips/<str:reference>/words.json", disclosing.words, name="tip_words"),
    path("desk/", include("commonbeat.interfaces.web.desk.urls")),
    path("tip/", include("commonbeat.interfaces.web.tip.urls")),
    path("office/rewards/", paying.rewards, name="rewards"),
    path("office/", include("commonbeat.interfaces.web.office.urls")),
    path("", include("commonbeat.interfaces.web.public.urls")),
]
