"""Where houses of the city stand, from the addresses of its 311 requests: one house for each side of each block."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pyarrow.parquet as parquet

from commonbeat.core.addresses import Address, read_address

TABLES = (
    ("chicago_311_sanitation_2011_2014_2017q1", "Street_Address", "Latitude", "Longitude"),
    ("chicago_311_multitype_2011_2013_sample", "Street Address", "Latitude", "Longitude"),
    ("chicago_311_lights_2012_2013", "Location", "latitude", "longitude"),
)
BLOCK = 100
Block = tuple[str, str, str, int, bool]
House = tuple[int, float, float]


def houses(raw: Path) -> Iterator[tuple[Address, float, float]]:
    """Every address of the tables that names a house and has a point."""
    for name, address, lat, long in TABLES:
        table = parquet.read_table(raw / f"{name}.parquet", columns=[address, lat, long])
        for text, y, x in zip(*(table[column].to_pylist() for column in (address, lat, long)), strict=True):
            found = read_address(str(text or ""))
            if found and found.direction and found.sort and y and x:
                yield found, float(y), float(x)


def make_addresses(raw: Path, out: Path) -> None:
    """Write `addresses.csv.gz`: of each side of a block, the house in the middle of those that are known."""
    blocks: dict[Block, list[House]] = defaultdict(list)
    for house, lat, long in houses(raw):
        block = (house.name, house.direction, house.sort, house.number // BLOCK, house.number % 2 == 1)
        blocks[block].append((house.number, lat, long))
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["address", "lat", "long"])
    for (name, direction, sort, _hundred, _odd), known in sorted(blocks.items()):
        middle = median(number for number, _lat, _long in known)
        number, lat, long = min(known, key=lambda one: (abs(one[0] - middle), one))
        writer.writerow([f"{number} {direction} {name} {sort}".upper(), f"{lat:.5f}", f"{long:.5f}"])
    (out / "addresses.csv.gz").write_bytes(gzip.compress(lines.getvalue().encode(), mtime=0))
