"""`python -m benchmarks.weights`: calibration weights of a city of blocks, their placebo sets, and raking.

svy and ipfn are no dependencies of the product. To compare, install them into an environment of its own; without
them, only our own times are told.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.two_way import seconds
from commonbeat.evidence.stats.calibration import calibrate
from commonbeat.evidence.stats.placebo import placebo_sets
from commonbeat.evidence.stats.raking import rake, rake_codes
from tests.evidence.test_calibration import blocks

RESULTS = Path(__file__).parent / "results"
PLACEBOS = 250
RESPONDENTS = 100_000
MARGINS = (2, 6, 5, 9)


def calibration() -> dict[str, float]:
    """9,642 blocks, 58 totals: the weights, and the same for 250 sets of blocks where nothing happened."""
    columns, treated = blocks()

    def weigh(chosen: np.ndarray) -> bool:
        pool = columns[~chosen]
        start = np.full(len(pool), chosen.sum() / len(pool))
        return calibrate(pool, columns[chosen].sum(axis=0), start=start).converged

    def placebos() -> int:
        matched = 0
        for units in placebo_sets(len(columns), int(treated.sum()), PLACEBOS, np.random.default_rng(1)):
            chosen = np.zeros(len(columns), dtype=bool)
            chosen[units] = True
            matched += weigh(chosen)
        return matched

    taken = seconds(lambda: weigh(treated), 5)
    began, busy = time.perf_counter(), time.process_time()
    matched = placebos()
    return {
        "calibrate_s": taken,
        "placebo_sets_s": time.perf_counter() - began,
        "placebo_sets_cpu_s": time.process_time() - busy,
        "placebo_sets_matched": float(matched),
    }


def survey() -> tuple[list[np.ndarray], list[np.ndarray]]:
    """100,000 answers to four questions, and the population's totals."""
    rng = np.random.default_rng(1)
    codes = [rng.choice(size, RESPONDENTS, p=rng.dirichlet(np.full(size, 5.0))) for size in MARGINS]
    totals = [1_000_000 * rng.dirichlet(np.full(size, 8.0)) for size in MARGINS]
    return codes, totals


def with_svy(codes: list[np.ndarray], totals: list[np.ndarray]) -> Callable[[], Any] | None:
    """svy's raking, ready to run."""
    try:
        import polars
        import svy
    except ImportError:
        return None
    frame = polars.DataFrame({f"m{i}": code for i, code in enumerate(codes)} | {"w": np.ones(RESPONDENTS)})
    controls = {f"m{i}": dict(enumerate(total.tolist())) for i, total in enumerate(totals)}

    def run() -> Any:
        sample = svy.Sample(frame, svy.Design(wgt="w"))
        return sample.weighting.rake(controls=controls, tol=1e-8, max_iter=100)

    return run


def with_ipfn(codes: list[np.ndarray], totals: list[np.ndarray]) -> Callable[[], Any] | None:
    """ipfn on a data frame of respondents, ready to run."""
    try:
        import pandas
        from ipfn import ipfn
    except ImportError:
        return None
    frame = pandas.DataFrame({f"m{i}": code for i, code in enumerate(codes)})
    aggregates = [
        pandas.Series(total, index=pandas.Index(range(len(total)), name=f"m{i}")) for i, total in enumerate(totals)
    ]
    dimensions = [[f"m{i}"] for i in range(len(totals))]
    return lambda: ipfn.ipfn(frame.assign(total=1.0), aggregates, dimensions, convergence_rate=1e-8).iteration()


def others(codes: list[np.ndarray], totals: list[np.ndarray]) -> Iterator[tuple[str, float]]:
    """Seconds of each library that is installed here."""
    for name, prepare in {"svy": with_svy, "ipfn": with_ipfn}.items():
        if (run := prepare(codes, totals)) is not None:
            yield name, seconds(run, 5)


def main() -> None:
    """Measure, print, write."""
    codes, totals = survey()
    answers = {f"m{i}": code for i, code in enumerate(codes)}
    margins = {f"m{i}": dict(enumerate(total.tolist())) for i, total in enumerate(totals)}
    told: dict[str, Any] = calibration()
    told["rake_s"] = seconds(lambda: rake(answers, margins))
    told["rake_codes_s"] = seconds(lambda: rake_codes(codes, totals))
    theirs = dict(others(codes, totals))
    told |= {f"{name}_s": taken for name, taken in theirs.items()}
    targets = {"calibrate_s ≤ 1": told["calibrate_s"] <= 1, "placebo_sets_s ≤ 30": told["placebo_sets_s"] <= 30}
    if theirs:
        told["fastest_other_over_ours"] = min(theirs.values()) / told["rake_s"]
        targets["raking no slower"] = told["fastest_other_over_ours"] >= 1
    told["targets"] = targets
    for name, value in told.items():
        print(f"{name:<26} {value if isinstance(value, dict) else f'{value:.3g}'}")
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "weights.json").write_text(json.dumps({"machine": machine, "results": told}, indent=2) + "\n")


if __name__ == "__main__":
    main()
