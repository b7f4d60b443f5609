"""The demo city's places and categories, through the same functions as the imports use."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TypeAlias

from commonbeat.cases.work_records import SoundLimit
from commonbeat.core.actor import SYSTEM
from commonbeat.interfaces.cli.import_.addresses import store as store_addresses
from commonbeat.interfaces.cli.import_.areas import read_shapes
from commonbeat.interfaces.cli.import_.areas import store as store_areas
from commonbeat.interfaces.cli.import_.categories import store as store_categories
from commonbeat.journal import history
from commonbeat.journal.area_changes import Upload

Moment: TypeAlias = dt.datetime

REVISION = "2010"
LEVELS = (("city", "city.geojson", None), ("community_area", "areas.geojson", "city"), ("beat", "beats.geojson", None))
SERVING = "community_area"


def load_places(folder: Path, *, at: Moment) -> None:
    """The city, its 77 areas with their residents, its police beats, addresses, categories, and sound limits."""
    for level, name, parent in LEVELS:
        shapes = read_shapes(folder / name)
        store_areas(Upload(shapes, level, REVISION), serves=level == SERVING, parent_level=parent)
    store_addresses(folder / "addresses.csv.gz")
    store_categories(json.loads((folder / "categories.json").read_text(encoding="utf-8"))["categories"])
    for limit in json.loads((folder / "sound_limits.json").read_text(encoding="utf-8")):
        history.add(SoundLimit(), limit, actor=SYSTEM, at=at)
