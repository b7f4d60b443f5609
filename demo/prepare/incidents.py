"""Incidents of the demo: only the columns that are counted, points as the city published them (to the block)."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

FILES = {
    "chicago_aggassault_2010_2019.parquet": ("aggravated_assaults.parquet", ["date", "loc_cat", "longitude", "latitude"]),
    "chicago_burglary_2011_2014.parquet": (
        "burglaries.parquet", ["ID", "Date", "Block", "Description", "Latitude", "Longitude"],
    ),
}  # fmt: skip


def make_incidents(raw: Path, folder: Path) -> None:
    """Write the files of incidents."""
    folder.mkdir(exist_ok=True)
    for source, (target, columns) in FILES.items():
        table = pq.read_table(raw / source, columns=columns).replace_schema_metadata(None)
        pq.write_table(table, folder / target, compression="zstd", compression_level=19, store_schema=False)
