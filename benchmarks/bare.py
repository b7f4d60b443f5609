"""What intake is compared with: settings and one view that inserts one row into one table and does nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from commonbeat.config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("allauth")]  # noqa: F405


def insert(request: HttpRequest) -> HttpResponse:
    """Store one row as Django does it by default."""
    from django.utils import timezone

    from commonbeat.journal.models import AccessLog

    row = AccessLog.objects.create(at=timezone.now(), subject_kind="bench", subject_id=1, what=request.POST["text"])
    return HttpResponse(f"{row.pk:012}", headers={"Content-Length": "12"})


urlpatterns = [path("insert", insert)]
