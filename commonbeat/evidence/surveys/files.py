"""Files of surveys: one for each state of a wave, named by the hash of its content, one for its weights.

surveys/<series>/<sha256>.parquet           q:<question>, g:<group>, area, weight, stratum, cluster; nothing else
surveys/<series>/<sha256>.weights.parquet   weight; NaN for whoever has none
surveys/<series>/<sha256>.csv               rows that something is wrong with: number, reason, column; never answers
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from commonbeat.evidence import store
from commonbeat.evidence.surveys.answers import ROW_REASONS, Read

if TYPE_CHECKING:
    import pyarrow as pa


_FORMULA = ("=", "+", "-", "@")


def folder(series: str) -> Path:
    """Where the files of a series lie."""
    return Path(settings.FILES_ROOT) / "surveys" / series


def answers_of(series: str, content: str) -> Path:
    """The answers of a wave in one state."""
    return folder(series) / f"{content}.parquet"


def weights_of(series: str, weights: str) -> Path:
    """Weights of a wave."""
    return folder(series) / f"{weights}.weights.parquet"


def rejects_of(series: str, rejects: str) -> Path:
    """Rows of an import that something is wrong with."""
    return folder(series) / f"{rejects}.csv"


def keep_answers(series: str, read: Read) -> str:
    """Write the rows that count; returns the hash of their content."""
    import pyarrow as pa

    keep = np.flatnonzero(read.keep)
    table: dict[str, Any] = {f"q:{key}": pa.array(values[keep]) for key, values in read.answers.items()}
    table |= {f"g:{key}": pa.array([texts[i] for i in keep], pa.string()) for key, texts in read.groups.items()}
    if read.area is not None:
        table["area"] = pa.array([read.area[i] for i in keep], pa.string())
    for name in ("weight", "stratum", "cluster"):
        if (values := getattr(read, name)) is not None:
            table[name] = pa.array(values[keep])
    return _keep(pa.table(table), folder(series), "parquet")


def keep_weights(series: str, weights: NDArray[np.float64]) -> str:
    """Write weights, one for each row of the answers; returns the hash of their content."""
    import pyarrow as pa

    return _keep(pa.table({"weight": pa.array(weights)}), folder(series), "weights.parquet")


def _keep(table: pa.Table, place: Path, ending: str) -> str:
    import pyarrow.parquet as pq

    with store.written(place / "new.parquet") as draft:
        pq.write_table(table, draft, compression="zstd")
        digest = store.digest_of(draft)
        (place / f"{digest}.{ending}").write_bytes(draft.read_bytes())
    (place / "new.parquet").unlink(missing_ok=True)
    return digest


def keep_rejects(series: str, read: Read) -> str:
    """Write which rows something is wrong with, and what; without what people said."""
    place = folder(series)
    with store.written(place / "new.csv") as draft:
        with draft.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["row", "reason", "explanation", "column"])
            for row, reason, column in read.told:
                lines.writerow(
                    [row, reason, ROW_REASONS[reason], f"'{column}" if column.startswith(_FORMULA) else column]
                )
        digest = store.digest_of(draft)
        (place / f"{digest}.csv").write_bytes(draft.read_bytes())
    (place / "new.csv").unlink(missing_ok=True)
    return digest


def forget(series: str, *names: Path) -> None:
    """Delete files; those that are gone already are no fault."""
    for name in names:
        name.unlink(missing_ok=True)
    place = folder(series)
    if place.exists() and not any(place.iterdir()):
        place.rmdir()
