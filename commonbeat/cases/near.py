"""Rows near a point: the great-circle distance as a condition of the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, FloatField, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.db.models.lookups import LessThanOrEqual

EARTH_M = 6_371_008.8
"""Mean radius of the earth in metres."""
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Near:
    """Within `metres` of a point (degrees, EPSG:4326)."""

    lat: float
    long: float
    metres: float


def within(near: Near) -> Q:
    """The condition on rows with `lat` and `long`: a box that an index or a scan drops rows by, then the distance."""
    reach = near.metres / METRES_PER_DEGREE * 1.001
    box = Q(lat__gte=near.lat - reach, lat__lte=near.lat + reach)
    return box & Q(LessThanOrEqual(distance(near), Value(near.metres)))


def distance(near: Near) -> Combinable:
    """Metres between a row and a point (haversine)."""
    lat, long = Radians(F("lat")), Radians(F("long"))
    here_lat, here_long = (Radians(Value(v, output_field=FloatField())) for v in (near.lat, near.long))
    half = _square(Sin((lat - here_lat) / 2.0)) + Cos(lat) * Cos(here_lat) * _square(Sin((long - here_long) / 2.0))
    return 2.0 * EARTH_M * ASin(Sqrt(Least(half, Value(1.0))))


def _square(value: Combinable) -> Power:
    return Power(value, Value(2.0))
