"""The cast: a resident, officers, a supervisor, professional standards, and a stranger, in a small city."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone, translation

from commonbeat.cases.categories import Category
from commonbeat.community import reference
from commonbeat.community.access import actor_for
from commonbeat.community.models import Area, Team, User
from commonbeat.core.actor import Actor
from commonbeat.interfaces import limits
from commonbeat.journal import deliver, tasks
from commonbeat.kinds.field_report.models import IncidentSort
from commonbeat.publishing import digests
from tests import make

pytest_plugins = ["tests.visits", "tests.workers"]


@pytest.fixture(autouse=True)
def _fresh(settings: Any, tmp_path: Path) -> None:
    """No memory, files, counters, language or time zone of the test before; days are counted where the agency is."""
    settings.FILES_ROOT = tmp_path / "files"
    settings.KEYS_ROOT = tmp_path / "keys"
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody guesses passwords here
    timezone.activate(ZoneInfo("America/Chicago"))
    translation.deactivate()
    reference.forget()
    limits.forget()
    tasks.forget()


@pytest.fixture(autouse=True)
def _by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes by the clock on the wall is never at night, whenever tests run. A moment that a test names may be."""

    def quiet_until(at: dt.datetime) -> dt.datetime | None:
        return None if abs(at - timezone.now()) < dt.timedelta(days=2) else usual(at)

    usual = deliver.quiet_until
    for module in (deliver, digests):
        monkeypatch.setattr(module, "quiet_until", quiet_until)


@dataclass
class City:
    """Two areas, one team, two categories, and the people."""

    north: Area
    south: Area
    team: Team
    noise: Category
    vehicle: Category
    omar: User
    olga: User
    cleo: User
    sam: User
    pat: User
    ada: User
    ed: User

    def actor(self, user: User) -> Actor:
        """What a user may do today."""
        return actor_for(user, at=make.NOW)


def _sorts_again() -> None:
    """Fill in again what a migration filled, and what a test with transactions of its own has emptied since."""
    if not IncidentSort.objects.exists():
        import_module("commonbeat.kinds.field_report.migrations.0002_sorts_of_incidents_are_rows").fill(apps, None)


@pytest.fixture
def city(db: None) -> City:
    """omar is officer of the north, olga of the south, cleo a CSO, sam supervises, pat is professional standards,
    ada administers, ed publishes."""
    _sorts_again()
    north, south = make.area("North"), make.area("South", at=make.SOUTH)
    team = Team.objects.create(slug="outreach", name="Outreach team")
    omar = make.user("Omar Officer", "officer", areas=(north,), team=team)
    olga = make.user("Olga Officer", "officer", areas=(south,), team=team)
    made = City(
        north=north, south=south, team=team,
        noise=make.category("noise", name="Noise"),
        vehicle=make.category("abandoned-vehicle", name="Abandoned vehicle", recheck_hours=72),
        omar=omar, olga=olga,
        cleo=make.user("Cleo Service", "cso", team=team, sworn=False),
        sam=make.user("Sam Supervisor", "supervisor", team=team),
        pat=make.user("Pat Standards", "standards"),
        ada=make.user("Ada Admin", "admin"),
        ed=make.user("Ed Editor", "editor"),
    )  # fmt: skip
    make.assignment(omar, north)
    make.assignment(olga, south)
    return made


@pytest.fixture
def signed_in(city: City) -> Any:
    """A function that gives a browser signed in as somebody."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="commonbeat.interfaces.web.sessions.StaffBackend")
        session = client.session
        session["second_factor"] = True
        session.save()
        return client

    return sign_in
