"""Real history without any programme: assaults by community area and month."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from commonbeat.evidence import stats

FILE = Path(__file__).parent / "data" / "chicago_assaults_by_month.csv"


@cache
def assaults() -> stats.Panel:
    """77 areas × 120 months, nobody treated."""
    header, *lines = FILE.read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines]
    outcome = np.array([row[1:] for row in rows], dtype=np.float64)
    return stats.Panel(
        units=tuple(f"{int(row[0]):02}" for row in rows),
        periods=tuple(header.split(",")[1:]),
        outcome=outcome,
        treated=np.zeros(outcome.shape, dtype=bool),
        outcome_name="assaults",
        period_name="months",
    )
