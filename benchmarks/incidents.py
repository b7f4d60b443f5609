"""`python -m benchmarks.incidents [POINTS [AREAS …]]`: points to an area × week panel, ours against geopandas.

geopandas is no dependency of the product. To compare, install `requirements/compare.txt` into an environment of its
own and name its interpreter: `COMPARE_PYTHON=…/bin/python`. Without it, only our own times are told. Each run is a
process of its own, so that its peak memory is known; both may use every core, which geopandas leaves idle while it
joins. The two panels are compared cell by cell, and our assigner with shapely's exact answer, also for points on
borders. Results of other numbers of points stay in the file.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

RESULTS = Path(__file__).parent / "results" / "incidents.json"
BOX = (-87.95, 41.64, -87.5, 42.05)
WEEKS, START = 520, dt.date(2010, 1, 4)
CHECKED = 300_000
ROUNDS = 3
"""Both run in turn so often, and the quickest run of each counts: what others take of a shared machine is no merit."""
THEIRS = """
import json, resource, sys, time
began = time.perf_counter()
import geopandas, pandas, numpy, pyarrow.parquet as pq, shapely
points = pq.read_table(sys.argv[1], columns=["moment", "lat", "long"]).to_pandas()
areas = geopandas.GeoDataFrame({"place": range(int(sys.argv[3]))}, geometry=shapely.from_wkb(
    pq.read_table(sys.argv[2])["shape"].to_numpy(zero_copy_only=False)), crs=4326)
frame = geopandas.GeoDataFrame(points[["moment"]], geometry=geopandas.points_from_xy(points.long, points.lat), crs=4326)
joined = frame.sjoin(areas, predicate="intersects")
week = (joined.moment - pandas.Timestamp(2010, 1, 4)).dt.days // 7
panel = joined.groupby([joined.place, week]).size().unstack(fill_value=0)
numpy.save(sys.argv[4], panel.reindex(index=range(int(sys.argv[3])), columns=range(520), fill_value=0).to_numpy())
print(json.dumps({"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time(),
                  "events": int(panel.to_numpy().sum()),
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def town(count: int) -> Any:
    """A city's box cut into areas without gaps."""
    rng, box = np.random.default_rng(279), shapely.box(*BOX)
    centres = shapely.multipoints(rng.uniform(BOX[:2], BOX[2:], (count, 2)))
    cut = shapely.get_parts(shapely.voronoi_polygons(centres, extend_to=box))
    return shapely.intersection(cut, box)


def write_points(path: Path, count: int) -> None:
    """Points that gather in some places, as incidents do, in pieces so that making them needs little memory."""
    rng = np.random.default_rng(10)
    middles = rng.uniform(BOX[:2], BOX[2:], (40, 2))
    schema = pa.schema([("moment", pa.timestamp("us")), ("lat", pa.float64()), ("long", pa.float64()),
                        ("category", pa.string())])  # fmt: skip
    with pq.ParquetWriter(path, schema) as out:
        for done in range(0, count, 1_000_000):
            some = min(1_000_000, count - done)
            place = middles[rng.integers(0, 40, some)] + rng.normal(0, 0.04, (some, 2))
            seconds = rng.integers(0, WEEKS * 7 * 86400, some)
            moment = np.datetime64(START.isoformat(), "us") + seconds.astype("timedelta64[s]").astype("timedelta64[us]")
            kind = pa.array(["burglary"] * some)
            out.write_batch(pa.record_batch([pa.array(moment), place[:, 1], place[:, 0], kind], schema=schema))


def on_borders(areas: Any) -> Any:
    """Every corner, the middle of every side, and the nearest numbers beside them: x and y."""
    corners = shapely.get_coordinates(areas)
    sides = (corners[1:] + corners[:-1]) / 2
    places = np.concatenate([corners, sides])
    beside = [np.nextafter(places, limit) for limit in (-np.inf, np.inf)]
    return np.concatenate([places, *beside]).T


def ours(points: Path, shapes: Path, panel: Path) -> dict[str, Any]:
    """The panel as the product's worker counts it, loading what it needs and drawing the raster of areas included."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commonbeat.config.settings")
    from commonbeat.config import database

    database.hold_off()
    import django

    django.setup()
    began, used = time.perf_counter(), time.process_time()
    from commonbeat.evidence.assign import GridAssigner
    from commonbeat.evidence.counting import chosen, connect, gather, write_facts
    from commonbeat.evidence.periods import Calendar, Period

    areas = shapely.from_wkb(pq.read_table(shapes)["shape"].to_numpy(zero_copy_only=False))
    assigner = GridAssigner(list(areas))
    facts = points.with_suffix(".facts")
    write_facts(points, facts, assigner)
    weeks = Calendar(START, WEEKS, Period.WEEK)
    counted = gather(chosen(connect().read_parquet(facts), None, weeks.start, weeks.end), len(areas), weeks)
    taken, used = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = pq.ParquetFile(points).read_row_group(0, columns=["lat", "long"]).slice(0, CHECKED)
    np.save(panel, counted.counts)
    x, y = np.hstack([(sample["long"].to_numpy(), sample["lat"].to_numpy()), on_borders(areas)])
    exact = np.full(len(x), len(areas))
    point, area = shapely.STRtree(areas).query(shapely.points(x, y), predicate="intersects")
    np.minimum.at(exact, point, area)
    exact[exact == len(areas)] = -1
    wrong = int((assigner.assign(x, y) != exact).sum())
    return {
        "seconds": taken,
        "cpu_seconds": used,
        "peak_mb": peak,
        "events": counted.events,
        "mismatches": wrong,
        "checked": len(x),
    }


def _in_a_process(command: list[str]) -> dict[str, Any]:
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def _quickest(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The quickest run, with the most memory and the most mistakes of any."""
    worst = {name: max(run[name] for run in runs) for name in ("peak_mb", "mismatches") if name in runs[0]}
    return min(runs, key=lambda run: float(run["seconds"])) | worst


def main() -> None:
    """Measure, say, and store what was measured."""
    if sys.argv[1:2] == ["ours"]:
        print(json.dumps(ours(*map(Path, sys.argv[2:5]))))
        return
    count = int(sys.argv[1]) if sys.argv[1:] else 10_000_000
    compare = os.environ.get("COMPARE_PYTHON")
    results = json.loads(RESULTS.read_text())["results"] if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as name:
        points = Path(name) / "points.parquet"
        write_points(points, count)
        for areas in map(int, sys.argv[2:] or (279, 2000)):
            shapes = Path(name) / f"{areas}.parquet"
            pq.write_table(pa.table({"shape": pa.array(shapely.to_wkb(town(areas)), pa.binary())}), shapes)
            panels = [str(Path(name) / f"{who}.npy") for who in ("ours", "theirs")]
            both = {
                "ours": [sys.executable, "-m", "benchmarks.incidents", "ours", *map(str, (points, shapes)), panels[0]]
            }
            if compare:
                both["geopandas"] = [compare, "-c", THEIRS, str(points), str(shapes), str(areas), panels[1]]
            runs = [{who: _in_a_process(command) for who, command in both.items()} for _ in range(ROUNDS)]
            told: dict[str, Any] = {who: _quickest([run[who] for run in runs]) for who in both}
            mine = told["ours"]
            if compare:
                told["different_cells"] = int((np.load(panels[0]) != np.load(panels[1])).sum())
                told["ratio"] = told["geopandas"]["seconds"] / mine["seconds"]
                told["cpu_ratio"] = told["geopandas"]["cpu_seconds"] / mine["cpu_seconds"]
            results[f"{count} points, {areas} areas"] = told
            print(areas, json.dumps(told))
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    RESULTS.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
