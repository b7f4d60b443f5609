"""Addresses of photos: the public form for anyone, every other form for staff who may see the case."""

from django.urls import URLPattern, URLResolver, path

from commonbeat.interfaces.web.desk import photos

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:number>/public/", photos.public_file, name="public_file"),
    path("<int:number>/thumb/", photos.public_file, {"variant": "thumb"}, name="public_thumb"),
    path("<int:number>/<slug:variant>/", photos.file, name="file"),
]
