"""`python -m benchmarks.dashboards [INCIDENTS]`: ten years of incidents in 77 areas, from the file to the pages.

An installation of its own: the file is imported as an analyst does, its measures are counted as the worker does, and
the pages are asked for by a supervisor, one after another over one connection. Writes `results/dashboards.json`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.site import ROOT, Server, Site, get

RESULTS = ROOT / "benchmarks" / "results" / "dashboards.json"
AREAS, MONTHS, FIRST = 77, 120, dt.date(2010, 1, 1)
SORTS = ("BURGLARY", "THEFT", "ROBBERY", "ASSAULT")
MOST_MS, MOST_REFRESH_S = 300, 20
PAGES = {
    "dashboard": "/desk/evidence/board/?measure=crime&areas=bench@1",
    "trend": "/desk/evidence/look/crime/trend/?areas=bench@1",
    "map": "/desk/evidence/look/crime/map/?areas=bench@1",
    "map_geojson": "/desk/evidence/look/crime/map.geojson?areas=bench@1",
    "compare": "/desk/evidence/look/crime/compare/?areas=bench@1",
    "hot_spots": "/desk/evidence/look/crime/hot-spots/?areas=bench@1",
}


def write_file(path: Path, count: int) -> None:
    """Incidents as a records system exports them, denser in some places and seasons."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    from benchmarks.incidents import BOX

    rng = np.random.default_rng(77)
    middles = rng.uniform(BOX[:2], BOX[2:], (40, 2))
    place = np.clip(middles[rng.integers(0, 40, count)] + rng.normal(0, 0.04, (count, 2)), BOX[:2], BOX[2:])
    seconds = rng.integers(0, 3652 * 86400, count)
    moment = np.datetime64(FIRST.isoformat(), "s") + seconds.astype("timedelta64[s]")
    columns = {
        "case_number": np.char.add("HX", np.arange(count).astype(str)), "date": pa.array(moment).cast(pa.string()),
        "primary_type": np.array(SORTS)[rng.integers(0, len(SORTS), count)], "block": np.full(count, "100 N DEMO ST"),
        "latitude": place[:, 1].round(5).astype(str), "longitude": place[:, 0].round(5).astype(str),
    }  # fmt: skip
    pyarrow.csv.write_csv(pa.table(columns), path)


def draw_areas() -> None:
    """A city's box cut into areas, each with residents, and the measures of a dashboard."""
    import shapely

    from benchmarks.incidents import town
    from commonbeat.community.models import Area

    Area.objects.bulk_create(
        Area(code=str(number), level="bench", name=f"Area {number}", revision="1", population={"2010": 9000 + number},
             geometry=json.loads(shapely.to_geojson(shape)))
        for number, shape in enumerate(town(AREAS))
    )  # fmt: skip


def bring_in(file: Path) -> dict[str, Any]:
    """Import, and count every measure for every level; seconds of each."""
    from django.utils import timezone

    from commonbeat.core.actor import SYSTEM
    from commonbeat.evidence import actions
    from commonbeat.evidence.mapping import ColumnMapping
    from commonbeat.evidence.models import CountedMeasure, IncidentImport, Observation
    from commonbeat.evidence.observing import refresh_source

    now = timezone.now()
    source = actions.add_source(name="Crime", noun="incidents", slug="crime", actor=SYSTEM, at=now)
    for sort in SORTS:
        CountedMeasure.objects.create(slug=sort.lower(), name=sort.title(), noun="incidents", source=source,
                                      categories=[sort])  # fmt: skip
    with file.open("rb") as content:
        brought = actions.bring(source, content, name=file.name, actor=SYSTEM, at=now)
    actions.confirm(brought, ColumnMapping.from_dict(brought.mapping), actor=SYSTEM, at=now)
    began = time.perf_counter()
    brought = actions.carry_out(brought.pk, actor=SYSTEM, at=now)
    imported = time.perf_counter()
    if brought.state != IncidentImport.DONE:
        raise RuntimeError(brought.said)
    refresh_source(source.pk, at=now)
    refreshed = time.perf_counter()
    return {
        "import_s": round(imported - began, 2), "refresh_s": round(refreshed - imported, 2),
        "rows": brought.counts["added"], "observations": Observation.objects.count(),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "refresh_met": refreshed - imported < MOST_REFRESH_S,
    }  # fmt: skip


def look(server: Server) -> dict[str, Any]:
    """Milliseconds of each page."""
    from benchmarks.city import sign_in

    cookies, told = sign_in("sam@example.org"), {}
    for name, path in PAGES.items():
        seen = server.load(get(path, cookies=cookies), connections=1, seconds=4)
        told[name] = {key: seen[key] for key in ("p50_ms", "p99_ms", "web_cpu_ms", "database_cpu_ms")} | {
            "met": seen["p99_ms"] < MOST_MS
        }
    return told


def measure(folder: Path, incidents: int) -> dict[str, Any]:
    """Build, bring in, look."""
    import django

    django.setup()
    from benchmarks import city

    site = Site(folder, warm_up=1.0)
    city.found(site)
    draw_areas()
    file = folder / "crime.csv"
    write_file(file, incidents)
    told = bring_in(file)
    with site.served(worker=False) as server:
        return told | {"pages": look(server)}


def main() -> None:
    """Measure, say, and store what was measured."""
    incidents = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    folder = Path(tempfile.mkdtemp(prefix="cb-dashboards-"))
    os.environ |= {"COMMONBEAT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "commonbeat.config.settings"}
    from commonbeat.config import database

    database.join()
    try:
        told = measure(folder, incidents)
    finally:
        from django.db import connections

        connections.close_all()
        database.leave()
        shutil.rmtree(folder, ignore_errors=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    RESULTS.parent.mkdir(exist_ok=True)
    written = {"machine": machine, "incidents": incidents, "areas": AREAS, "results": told}
    RESULTS.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
