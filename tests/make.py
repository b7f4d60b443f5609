"""Makes rows for tests: small, invented, with sensible defaults that a test overrides where it matters."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from typing import Any

from PIL import Image

from commonbeat.cases.actions import Opened, Report, open_case
from commonbeat.cases.categories import Category, CategoryText
from commonbeat.community.models import Area, AreaAssignment, RoleGrant, Team, User
from commonbeat.community.reference import touch
from commonbeat.core.actor import ANONYMOUS, Actor

NOW = dt.datetime(2026, 3, 11, 15, 0, tzinfo=dt.UTC)
"""A Wednesday, 10:00 in Chicago: the office is open."""

_numbers = itertools.count(1)

NORTH = (41.90, -87.70)
"""A point inside the area `north` of the cast."""
SOUTH = (41.80, -87.70)


def square(lat: float, long: float, side: float = 0.08) -> dict[str, Any]:
    """A GeoJSON square around a point, side in degrees."""
    h = side / 2
    ring = [[long - h, lat - h], [long + h, lat - h], [long + h, lat + h], [long - h, lat + h], [long - h, lat - h]]
    return {"type": "Polygon", "coordinates": [ring]}


def area(name: str, *, at: tuple[float, float] = NORTH, **fields: Any) -> Area:
    """A serving area."""
    row = Area.objects.create(
        **{"code": name.lower(), "level": "community_area", "name": name, "geometry": square(*at), "serves": True,
           "population": {"2010": 50_000}} | fields
    )  # fmt: skip
    touch("areas")
    return row


def category(
    code: str = "noise", *, name: str = "", texts: dict[str, dict[str, Any]] | None = None, **fields: Any
) -> Category:
    """A category with words in English and Spanish."""
    row = Category.objects.create(code=code, **fields)
    words = texts or {
        "en": {"group": "Neighbours", "name": name or code.title(), "keywords": ["loud", "party"]},
        "es": {"group": "Vecinos", "name": (name or code.title()) + " (es)", "keywords": ["ruido", "fiesta"]},
    }
    for language, values in words.items():
        CategoryText.objects.create(category=row, language=language, **values)
    touch("categories")
    return row


def user(name: str, *roles: str, areas: tuple[Area, ...] = (), team: Team | None = None, **fields: Any) -> User:
    """Somebody who signs in with the password `correct horse battery`, with grants for areas or everywhere."""
    row = User.objects.create_user(
        f"{name.lower().replace(' ', '.')}@demo.example", "correct horse battery",
        **{"name": name, "joined_at": NOW, "sworn": True, "listed": True, "team": team} | fields,
    )  # fmt: skip
    for role in roles:
        grant = RoleGrant.objects.create(
            user=row, role=role, since=dt.date(2020, 1, 1), team=team if role == "partner" else None
        )
        grant.areas.set(areas)
    touch("officers")
    return row


def assignment(officer: User, where: Area) -> AreaAssignment:
    """This officer looks after this area."""
    row = AreaAssignment.objects.create(user=officer, area=where, since=dt.date(2020, 1, 1))
    touch("officers")
    return row


def concern(
    kind: Category,
    *,
    at: dt.datetime = NOW,
    actor: Actor = ANONYMOUS,
    place: tuple[float, float] | None = NORTH,
    **fields: Any,
) -> Opened:
    """A concern opened through the one verb that opens cases."""
    where = {"lat": place[0], "long": place[1]} if place else {}
    report = Report(
        **{"category_id": kind.pk, "text": f"Loud music every night, number {next(_numbers)}.", 
           "address": "100 N State St",
           **where} | fields
    )  # fmt: skip
    return open_case("concern", report, actor=actor, at=at)


def complaint(*, at: dt.datetime = NOW, actor: Actor = ANONYMOUS, **fields: Any) -> Opened:
    """A complaint opened through the one verb that opens cases."""
    text = f"The officer swore at me, number {next(_numbers)}."
    report = Report(**{"text": text, "answers": {"behalf": "self"}} | fields)
    return open_case("complaint", report, actor=actor, at=at)


def photo(colour: str = "red") -> bytes:
    """A small JPEG as a camera writes it, with words in its hidden data."""
    hidden = Image.Exif()
    hidden[0x010E] = "Taken at home"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", exif=hidden)
    return out.getvalue()


def mediation(*, at: dt.datetime = NOW, actor: Actor = ANONYMOUS, **fields: Any) -> Opened:
    """A request for mediation opened through the one verb that opens cases."""
    text = f"They drum over my head every night, number {next(_numbers)}."
    answers = {"about": "noise", "other": "The family upstairs", "afraid": "no"}
    report = Report(**{"text": text, "answers": answers} | fields)
    return open_case("mediation", report, actor=actor, at=at)
