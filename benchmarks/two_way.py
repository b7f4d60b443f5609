"""`python -m benchmarks.two_way`: the two-way Poisson fit against pyfixest, and 999 permutations.

pyfixest is no dependency of the product. To compare: `pip install --require-hashes -r requirements/compare.txt`
into an environment of its own; without it, only our own times are told.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from commonbeat.evidence import stats
from commonbeat.evidence.stats import did, twoway
from commonbeat.evidence.stats.simulate import Shape, simulate

RESULTS = Path(__file__).parent / "results"
REPEATS = 9
SHAPE = Shape(units=500, treated=50, periods=260, start=130, mean=3, growth=0.02)
"""500 areas × 260 weeks with populations that change, so that no short-cut through four totals applies."""


def seconds(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The median of some runs, after one that warms up."""
    work()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def theirs(panel: stats.Panel) -> tuple[float, float] | None:
    """pyfixest's warm time and coefficient."""
    try:
        import pandas
        import pyfixest
    except ImportError:
        return None
    units, periods = panel.shape
    frame = pandas.DataFrame(
        {
            "events": panel.outcome.ravel(),
            "people": np.log(panel.exposure).ravel(),
            "treated": panel.treated.ravel().astype(float),
            "unit": np.repeat(np.arange(units), periods),
            "period": np.tile(np.arange(periods), units),
        }
    )

    def fit() -> Any:
        return pyfixest.fepois(
            "events ~ treated | unit + period", frame, vcov={"CRV1": "unit"}, offset="people", iwls_tol=1e-11
        )

    return seconds(fit, 3), float(fit().coef().iloc[0])


def main() -> None:
    """Measure, print, write."""
    panel = simulate(stats.Situation.MANY_AREAS, stats.generator(1), ratio=0.8, shape=SHAPE).panel
    told: dict[str, Any] = {
        "fit_ms": 1000 * seconds(lambda: twoway.fit(panel.outcome, panel.exposure, panel.treated)),
        "fit_and_error_ms": 1000 * seconds(lambda: did.rate_ratio(panel)),
        "permutations_999_s": seconds(lambda: stats.design("randomisation").fit(panel, stats.generator(1)), 3),
    }
    told["refits_999_s"] = refits(panel)
    targets = {
        "permutations_999_s ≤ 60": told["permutations_999_s"] <= 60,
        "refits_999_s ≤ 60": told["refits_999_s"] <= 60,
    }
    if (other := theirs(panel)) is not None:
        told |= {
            "pyfixest_ms": 1000 * other[0],
            "ratio": 1000 * other[0] / told["fit_and_error_ms"],
            "difference": abs(twoway.fit(panel.outcome, panel.exposure, panel.treated).log_ratio - other[1]),
        }
        targets |= {"ratio ≥ 5": told["ratio"] >= 5, "difference ≤ 1e-8": told["difference"] <= 1e-8}
    told["targets"] = targets
    for name, value in told.items():
        print(f"{name:<22} {value if isinstance(value, dict) else f'{value:.3g}'}")
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[0]}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "two_way.json").write_text(json.dumps({"machine": machine, "results": told}, indent=2) + "\n")


def refits(panel: stats.Panel) -> float:
    """Seconds for the whole regression, fitted anew for 999 other places of the programme."""
    rng = np.random.default_rng(1)
    began = time.perf_counter()
    for _ in range(999):
        treated = panel.treated[rng.permutation(len(panel.units))]
        twoway.fit(panel.outcome, panel.exposure, treated)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
