"""How many recorded incidents were around a point: counts by sort, small ones hidden, sensitive sorts left out."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from commonbeat.community.agency import local_day, setting
from commonbeat.core.numbers import Suppressed, suppress_table
from commonbeat.evidence import counting, store
from commonbeat.evidence.models import IncidentSource
from commonbeat.evidence.offences import code_of

DAYS = 365
_DEGREE_M = 111_195.0
_CODES = ("09", "100", "11", "36", "370", "64")
"""Beginnings of NIBRS codes of killings, abductions, sex offences, pornography and trafficking."""
_WORDS = re.compile(
    r"sex|rape|prostitut|child|juvenile|minor|domestic|famil|traffick|kidnap|abduct|suicid|homicid|murder|stalk|"
    r"harass|violence|missing|mental",
    re.I,
)


@dataclass(frozen=True)
class Around:
    """Incidents of one source around a point in a year, by sort; `left_out` when sorts were not even counted."""

    source: IncidentSource
    since: dt.date
    counts: list[tuple[str, int | Suppressed]]
    left_out: bool


def is_sensitive(category: str) -> bool:
    """True where a place and a time could tell who suffered it: by its code, or by its words."""
    code = code_of(category)
    return bool(_WORDS.search(category)) or (code is not None and code.nibrs.startswith(_CODES))


def around(lat: float, long: float, metres: float, *, at: dt.datetime) -> list[Around]:
    """Counts of every source in use, for the last year that it knows of. Reads files: a moment for each source."""
    found = []
    for source in IncidentSource.objects.filter(retired_at=None).exclude(content="").order_by("name"):
        path = store.points_of(source.slug, source.content)
        if path.exists() and source.last_on:
            since = min(source.last_on, local_day(at)) - dt.timedelta(days=DAYS)
            found.append(_count(source, str(path), lat, long, metres, since))
    return found


def _count(source: IncidentSource, path: str, lat: float, long: float, metres: float, since: dt.date) -> Around:
    import ibis

    points = counting.connect().read_parquet(path)
    high = metres / _DEGREE_M
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    rows = points.filter(
        points.lat.between(lat - high, lat + high), points.long.between(long - wide, long + wide),
        points.moment >= ibis.literal(dt.datetime.combine(since, dt.time())),
    )  # fmt: skip
    east, north = (rows.long - long) / wide, (rows.lat - lat) / high
    rows = rows.filter(east * east + north * north <= 1)
    table = rows.group_by(rows.category).aggregate(n=rows.count()).to_pyarrow().to_pylist()
    told = {row["category"]: {"n": int(row["n"])} for row in table if not is_sensitive(row["category"])}
    safe = suppress_table(told, minimum=int(setting("minimum_count")))
    counts = [(name, safe.cells[name]["n"]) for name in sorted(told, key=lambda name: -told[name]["n"])]
    return Around(source, since, counts, left_out=any(is_sensitive(name) for name in source.categories))
