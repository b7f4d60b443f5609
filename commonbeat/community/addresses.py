"""Where an address is, by the agency's own list: nobody outside is asked, and nothing is kept of who asks."""

from __future__ import annotations

from dataclasses import dataclass

from commonbeat.community.models import HouseNumber
from commonbeat.community.places import locate
from commonbeat.core.addresses import Address, read_address

WITHIN = 100
"""House numbers apart: about a block. A house that the list does not have stands near one that it has."""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A street with the house asked for, or the nearest one known on it; degrees, EPSG:4326."""

    street: str
    number: int
    lat: float
    long: float
    area_id: int | None


def knows_addresses() -> bool:
    """Whether the agency brought in a list of addresses."""
    return HouseNumber.objects.exists()


def find_address(text: str) -> list[Found]:
    """Where an address is: one place, several where streets share a name, or none. One statement.

    A sort of street that does not fit is passed over where the rest does: people mix them up. A direction is not.
    """
    wanted = read_address(text)
    if wanted is None:
        return []
    rows = HouseNumber.objects.filter(name=wanted.name, number__range=(wanted.number - WITHIN, wanted.number + WITHIN))
    if wanted.direction:
        rows = rows.filter(direction=wanted.direction)
    known = list(rows[:_MOST])
    same_sort = [row for row in known if row.sort == wanted.sort]
    nearest: dict[str, HouseNumber] = {}
    for row in sorted(same_sort or known, key=lambda row: _away(row, wanted)):
        nearest.setdefault(Address(row.number, row.name, row.direction, row.sort).street, row)
    return [_found(street, row) for street, row in sorted(nearest.items())]


def _away(row: HouseNumber, wanted: Address) -> tuple[bool, int]:
    """How far a house is from the one asked for; those of its own side of the street come first."""
    apart = abs(row.number - wanted.number)
    return apart % 2 == 1, apart


def _found(street: str, row: HouseNumber) -> Found:
    place = locate(lat=row.lat, long=row.long)
    return Found(street, row.number, row.lat, row.long, place.area_id if place.inside else None)


def area_of_address(text: str) -> int | None:
    """The serving area of an address; None where it is unknown, outside, or could be in several areas."""
    areas = {found.area_id for found in find_address(text)}
    return areas.pop() if len(areas) == 1 else None
