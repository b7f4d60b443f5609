"""Tries a mapping on the first rows of a file, before anybody decides."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils import timezone

from commonbeat.community.agency import current, local_day
from commonbeat.evidence.checking import Checker
from commonbeat.evidence.importing import connect
from commonbeat.evidence.mapping import ColumnMapping
from commonbeat.evidence.reading import TableFile
from commonbeat.evidence.reasons import REASONS

_SHOWN = 12


@dataclass(frozen=True)
class Tried:
    """What the first rows would become: some of them in full, and why how many would be left out."""

    read: int
    rows: list[dict[str, str]]
    reasons: list[tuple[str, int]]


def tried(table: TableFile, mapping: ColumnMapping) -> Tried:
    """Read the first rows; those that something is wrong with are shown first. Raises `BadTable`."""
    sample = table.sample()
    checker = Checker(mapping, current().timezone, local_day(timezone.now()))
    with connect() as connection:
        found = checker.check(connection, sample, np.arange(1, sample.num_rows + 1)).to_pylist()
    reasons = Counter(row["reason"] for row in found if row["reason"])
    shown = sorted(found, key=lambda row: (not row["reason"], row["row"]))[: _SHOWN // 2]
    shown += [row for row in found if row not in shown][: _SHOWN - len(shown)]
    rows = [_words(row) for row in sorted(shown, key=lambda row: row["row"])]
    return Tried(len(found), rows, [(REASONS[reason], count) for reason, count in reasons.most_common()])


def _words(row: dict[str, Any]) -> dict[str, str]:
    moment, placed = row["moment"], row["lat"] is not None
    return {
        "row": str(row["row"]),
        "moment": f"{moment:%Y-%m-%d %H:%M}" if moment else row["said"],
        "place": f"{row['lat']:.4f}, {row['long']:.4f}" if placed else row["where_said"],
        "category": row["category"],
        "key": row["key"] if row["keyed"] else "",
        "reason": REASONS.get(row["reason"], ""),
    }
