"""Which address leads to which view."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("commonbeat.interfaces.web.account_urls")),
    path("", include("commonbeat.interfaces.api.urls")),
    path("", include("commonbeat.interfaces.web.urls")),
]
handler400 = "commonbeat.interfaces.refusing.bad_request"
handler404 = "commonbeat.interfaces.web.errors.not_found"
handler500 = "commonbeat.interfaces.web.errors.failed"
