"""Addresses of the pages for tips."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.tip import numbers, returning, sending

urlpatterns: list[URLPattern | URLResolver] = [
    path("", sending.send, name="tip"),
    path("return/", returning.come_back, name="tip_return"),
    path("numbers/", numbers.numbers, name="tip_numbers"),
]
