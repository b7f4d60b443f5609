"""Make the tables of the demo's studies: assaults by beat and month, and burglaries around street lights that were out.

A light that is out is compared with lights of the same area that went out at least half a year later or earlier: the
same weeks, counted around lights that were on. Sites of one area are added up, so that no address is in the tables.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import shapely
from areas import proper_name
from numpy.typing import NDArray

FIRST, MONTHS = (2010, 1), 39
OUT = "Street Lights - All/Out"
WEEKS_BEFORE, WEEKS_AFTER = 10, 4
NEAR_METRES = 150.0
APART_DAYS = 180
MOST_DARK_DAYS = 28
LEAST_SITES = 20
METRES_PER_DEGREE = 111_320.0


def make_studies(raw: Path, out: Path) -> None:
    """Write the tables of the studies from `raw` into `out`."""
    out.mkdir(exist_ok=True)
    assaults_by_beat(raw, out / "assaults_by_beat.csv.gz")
    lights(raw, out)


def assaults_by_beat(raw: Path, path: Path) -> None:
    """Aggravated assaults and batteries by police beat and month."""
    beats = parquet.read_table(raw / "chicago_police_beats.parquet").to_pylist()
    shapes: dict[str, list[Any]] = defaultdict(list)
    for row in beats:
        shapes[f"{int(row['beat_num']):04}"].append(shapely.from_wkb(row["geometry"]))
    names = sorted(name for name in shapes if not name.startswith("31"))
    polygons = [shapely.union_all(shapes[name]) for name in names]
    table = parquet.read_table(raw / "chicago_aggassault_2010_2019.parquet").to_pydict()
    month = np.array([(day.year - FIRST[0]) * 12 + day.month - FIRST[1] for day in table["date"]])
    points = shapely.points(np.array(table["longitude"]), np.array(table["latitude"]))
    kept = (month >= 0) & (month < MONTHS)
    at, beat = shapely.STRtree(polygons).query(points[kept], predicate="within")
    counts = np.zeros((len(names), MONTHS), dtype=int)
    np.add.at(counts, (beat, month[kept][at]), 1)
    middles = [shapely.point_on_surface(polygon) for polygon in polygons]
    labels = [f"{FIRST[0] + n // 12}-{n % 12 + 1:02}" for n in range(MONTHS)]
    rows = [
        (name, label, counts[row, n], f"{middles[row].y:.5f}", f"{middles[row].x:.5f}")
        for row, name in enumerate(names)
        for n, label in enumerate(labels)
    ]
    write(path, ("area", "period", "count", "lat", "long"), rows)


def lights(raw: Path, out: Path) -> None:
    """Burglaries near lights that were out, and near others at the same time: by area, before, while dark, after."""
    names = {
        int(row["area_id"]): proper_name(row["community"])
        for row in parquet.read_table(raw / "chicago_community_areas.parquet").to_pylist()
    }
    crimes = parquet.read_table(raw / "chicago_burglary_2011_2014.parquet").to_pydict()
    known = [n for n, value in enumerate(crimes["Latitude"]) if value is not None]
    days = np.array([crimes["Date"][n].toordinal() for n in known])
    where = metres(np.array([crimes["Latitude"][n] for n in known]), np.array([crimes["Longitude"][n] for n in known]))
    tree = shapely.STRtree(shapely.points(where))
    sites = outages(raw)
    by_area: dict[int, list[int]] = defaultdict(list)
    for n, site in enumerate(sites):
        by_area[site["area"]].append(n)
    near = [tree.query(shapely.Point(site["xy"]), predicate="dwithin", distance=NEAR_METRES) for site in sites]
    totals: dict[tuple[str, str], NDArray[np.float64]] = {}
    for area, members in sorted(by_area.items()):
        if len(members) < LEAST_SITES or area not in names:
            continue
        sums = {group: np.zeros((2, WEEKS_BEFORE + 1 + WEEKS_AFTER)) for group in ("out", "on")}
        for n in members:
            pairs = [m for m in members if abs(sites[m]["start"] - sites[n]["start"]) >= APART_DAYS]
            if not pairs:
                continue
            other = pairs[(n * 7919) % len(pairs)]  # any fixed choice will do; this one makes no run of neighbours
            for group, place in (("out", n), ("on", other)):
                sums[group] += windows(days[near[place]], sites[n]["start"], sites[n]["end"])
        for group, found in sums.items():
            totals[names[area], group] = found
    dark = (*range(WEEKS_BEFORE), WEEKS_BEFORE)
    after = (*range(WEEKS_BEFORE), *range(WEEKS_BEFORE + 1, WEEKS_BEFORE + 1 + WEEKS_AFTER))
    for name, columns in (("lights_dark", dark), ("lights_repaired", after)):
        rows = [
            (f"{area}: light {group}", f"step {number:02}", int(found[0, column]), int(found[1, column]))
            for (area, group), found in totals.items() for number, column in enumerate(columns, 1)
        ]  # fmt: skip
        write(out / f"{name}.csv.gz", ("area", "period", "count", "population"), rows)


def outages(raw: Path) -> list[dict[str, Any]]:
    """Where and when all lights of a stretch were out, each place and day once."""
    table = parquet.read_table(raw / "chicago_311_lights_2012_2013.parquet").to_pylist()
    seen, found = set(), []
    for row in sorted(table, key=lambda row: (row["Created Date"], row["Service Request No"])):
        key = (row["Location"], row["Created Date"])
        dark = (row["Completed Date"] - row["Created Date"]).days
        if row["Type"] != OUT or key in seen or not 2 <= dark <= MOST_DARK_DAYS or row["community_area"] is None:
            continue
        seen.add(key)
        start = row["Created Date"].date().toordinal()
        place = metres(np.array([row["latitude"]]), np.array([row["longitude"]]))[0]
        found.append({"area": int(row["community_area"]), "xy": tuple(place), "start": start, "end": start + dark})
    return found


def windows(days: NDArray[Any], start: int, end: int) -> NDArray[np.float64]:
    """Burglaries and days of each step: weeks before, the dark time, weeks after the repair."""
    edges = [start - 7 * n for n in range(WEEKS_BEFORE, 0, -1)]
    edges += [start, end, *(end + 7 * n for n in range(1, WEEKS_AFTER + 1))]
    counts = np.histogram(days, bins=[*edges[:-1], edges[-1] - 0.5])[0]
    return np.array([counts, np.diff(edges)], dtype=np.float64)


def metres(lat: NDArray[Any], long: NDArray[Any]) -> NDArray[np.float64]:
    """Positions in metres, good enough within one city."""
    return np.column_stack([long * METRES_PER_DEGREE * np.cos(np.radians(41.85)), lat * METRES_PER_DEGREE])


def write(path: Path, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
    """A table as CSV, compressed so that the same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
