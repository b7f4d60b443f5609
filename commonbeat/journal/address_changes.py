"""The agency's list of addresses: brought in whole from a table, so that what is typed can be found on the map."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import transaction

from commonbeat.community.models import HouseNumber
from commonbeat.core.actor import Actor
from commonbeat.core.addresses import read_address
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.geography import BadPlace, check_place
from commonbeat.core.text import N_
from commonbeat.journal.verbs import record

SUBJECT, THE_LIST = "addresses", 1
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "address": ("address", "street_address", "full_address", "cmpaddabrv"),
    "lat": ("lat", "latitude", "y"),
    "long": ("long", "lon", "lng", "longitude", "x"),
}
NO_COLUMNS = N_(
    "The file needs a heading with the columns address, lat and long, such as: address,lat,long. "
    "Coordinates are degrees (WGS 84)."
)
NONE_READ = N_(
    "No line could be read. Each needs a house number with a street, and degrees (WGS 84), such as: "
    "5100 S Ellis Ave,41.8017,-87.6015"
)
_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of a file: how many addresses are known now, and how many of its lines could not be used."""

    known: int
    left_out: int


def _column(heading: Sequence[str], sort: str) -> int | None:
    names = [name.strip().lower().replace(" ", "_") for name in heading]
    return next((names.index(name) for name in COLUMNS[sort] if name in names), None)


def read_lines(lines: Iterable[str]) -> Iterator[HouseNumber | None]:
    """The houses of a CSV, None for each line that cannot be used. Raises `Invalid` without the needed columns."""
    rows = csv.reader(line.replace("\x00", "") for line in lines)
    heading = next(rows, [])
    places = [_column(heading, sort) for sort in COLUMNS]
    if any(place is None for place in places):
        raise Invalid([Problem("file", NO_COLUMNS)])
    address, lat, long = (place or 0 for place in places)
    for row in rows:
        if any(cell.strip() for cell in row):
            yield _house(row, address, lat, long)


def _house(row: Sequence[str], address: int, lat: int, long: int) -> HouseNumber | None:
    try:
        house, at = read_address(row[address]), (float(row[lat]), float(row[long]))
        check_place(*at)
    except (ValueError, IndexError, BadPlace):
        return None
    if house is None:
        return None
    return HouseNumber(
        name=house.name, direction=house.direction, sort=house.sort, number=house.number, lat=at[0], long=at[1]
    )


@transaction.atomic
def replace_addresses(lines: Iterable[str], *, source: str, actor: Actor, at: dt.datetime) -> Replaced:
    """Put the addresses of a CSV in place of those known so far. Raises `Invalid`; the old list stays then.

    An address that comes twice counts once. `source` is the file's name, for the journal.
    """
    left_out = 0

    def usable() -> Iterator[HouseNumber]:
        nonlocal left_out
        for house in read_lines(lines):
            if house is None:
                left_out += 1
            else:
                yield house

    HouseNumber.objects.all().delete()
    houses = usable()
    while some := list(islice(houses, _AT_ONCE)):
        HouseNumber.objects.bulk_create(some, ignore_conflicts=True)
    known = HouseNumber.objects.count()
    if not known:
        raise Invalid([Problem("file", NONE_READ)])
    data = {"source": source[:200], "known": known, "left_out": left_out}
    record(SUBJECT, THE_LIST, "addresses.replaced", actor=actor, at=at, data=data)
    return Replaced(known, left_out)
