"""Weights that make a pool of units add up to given totals: bounded linear calibration, in the way of microsynth.

Among all weights inside the bounds that reproduce the totals, the answer is the one closest to the starting weights
in chi-square distance (Deville and Särndal 1992). Its dual has one variable per total, so 10,000 units with 60 totals
are a small concave problem, solved by a semi-smooth Newton method with a line search.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Weights and how well they do: `misfit` is total reached minus total wanted, column by column."""

    weights: Array
    misfit: Array
    mean_square_error: float
    """Of the totals that had to be met (those without slack)."""
    converged: bool
    steps: int

    @property
    def effective_n(self) -> float:
        """Kish's effective number of units: how many equally weighted ones would be as informative."""
        squares = float(self.weights @ self.weights)
        return float(self.weights.sum()) ** 2 / squares if squares else 0.0


def calibrate(
    columns: Array,
    totals: Array,
    *,
    start: Array,
    bounds: tuple[float, float] = (0.0, np.inf),
    slack: Array | None = None,
    tolerance: float = 1e-10,
    steps: int = 250,
) -> Calibration:
    """The weights inside `bounds` × `start` whose sums over `columns` (units × k) are `totals`, closest to `start`.

    Equals `survey::calibrate(calfun = "linear", bounds = …)` of R, carried on until the relative misfit is below
    `tolerance`. Linearly dependent columns are harmless. A positive `slack` for a column asks for that total only
    approximately: misfit² / slack is then added to the distance. Where no weights exist `converged` is False, and the
    weights are those of the best step.

    Raises ValueError when shapes disagree, numbers are not finite or a starting weight is not positive.
    """
    columns, totals, start = (np.asarray(value, dtype=float) for value in (columns, totals, start))
    _check(columns, totals, start, bounds)
    scale = np.sqrt(np.maximum(start @ columns**2, 1e-300))
    scaled = np.ascontiguousarray(columns / scale)
    wanted = totals / scale
    loose = np.zeros(len(totals)) if slack is None else np.asarray(slack, dtype=float) / scale**2
    dual, taken, converged = _climb(
        scaled, wanted, start, bounds, loose, tolerance * (1 + np.abs(totals)) / scale, steps
    )
    weights = start * np.clip(1 + scaled @ dual, *bounds)
    misfit = weights @ columns - totals
    strict = misfit[loose == 0]
    return Calibration(weights, misfit, float(np.mean(strict**2)) if strict.size else 0.0, converged, taken)


def _climb(
    columns: Array,
    wanted: Array,
    start: Array,
    bounds: tuple[float, float],
    loose: Array,
    near: Array,
    steps: int,
) -> tuple[Array, int, bool]:
    """Newton's method up the concave dual; returns the dual, the steps taken and whether the totals were met."""
    dual = np.zeros(len(wanted))
    along = np.zeros(len(start))
    mass = _mass(columns, wanted) if bounds[0] >= 0 and not loose.any() else None
    height = _height(along, dual, wanted, start, bounds, loose)
    for step in range(1, steps + 1):
        factor = np.clip(1 + along, *bounds)
        gap = wanted - (start * factor) @ columns - loose * dual
        if np.all(np.abs(gap) <= near):
            return dual, step - 1, True
        free = (1 + along > bounds[0]) & (1 + along < bounds[1])
        part = columns[free] * np.sqrt(start[free, None])
        direction = _solve(part.T @ part + np.diag(loose), gap)
        slope = float(gap @ direction)
        move = columns @ direction
        length = 1.0
        while True:
            candidate = dual + length * direction
            higher = _height(along + length * move, candidate, wanted, start, bounds, loose)
            if higher >= height + 1e-4 * length * slope or length < 1e-8:
                break
            length /= 2
        if length < 1e-8:  # rounding is all that is left to gain
            return dual, step, bool(np.all(np.abs(gap) <= 1e4 * near))
        dual, along, height = candidate, along + length * move, higher
        # No weights above zero with this sum can do it: Σ w·(x·dual) is at most the sum times the largest x·dual.
        if mass is not None and float(wanted @ dual) > mass * float(along.max()) + 1e-9 * float(np.abs(along).max()):
            break
    gap = wanted - (start * np.clip(1 + along, *bounds)) @ columns - loose * dual
    return dual, step, bool(np.all(np.abs(gap) <= near))


def _height(along: Array, dual: Array, wanted: Array, start: Array, bounds: tuple[float, float], loose: Array) -> float:
    """The dual objective: wanted·dual − Σ start · ∫clip(1 + u) du − ½ Σ loose · dual²."""
    factor = np.clip(1 + along, *bounds)
    integral = factor * (1 + along) - (factor**2 + 1) / 2
    return float(wanted @ dual - start @ integral - 0.5 * (loose * dual) @ dual)


def _mass(columns: Array, wanted: Array) -> float | None:
    """The sum that the weights must have, where one of the columns says so by being the same for every unit."""
    for column, total in zip(columns.T, wanted, strict=True):
        if column[0] != 0 and np.ptp(column) == 0:
            return float(total / column[0])
    return None


def _solve(matrix: Array, right: Array) -> Array:
    """The smallest solution of a symmetric system that may be singular (dependent columns, few free units)."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > max(float(values[-1]), 1e-12) * 1e-13
    inside = vectors[:, kept]
    solution: Array = inside @ ((right @ inside) / values[kept])
    left = right - inside @ (right @ inside)
    # What no free unit can change still has a direction uphill: follow it, or a start at the bounds would stay there.
    if np.abs(left).max() > 1e-9 * max(float(np.abs(right).max()), 1e-300):
        solution += left
    return solution


def _check(columns: Array, totals: Array, start: Array, bounds: tuple[float, float]) -> None:
    if columns.ndim != 2 or totals.shape != (columns.shape[1],) or start.shape != (columns.shape[0],):
        raise ValueError(
            f"calibrate needs units × k columns, k totals and one starting weight per unit; "
            f"got {columns.shape}, {totals.shape} and {start.shape}"
        )
    if not (np.isfinite(columns).all() and np.isfinite(totals).all() and np.isfinite(start).all()):
        raise ValueError("calibrate needs finite numbers: drop or complete the missing values first")
    if not (start > 0).all():
        raise ValueError("every starting weight must be above zero")
    if not bounds[0] < 1 < bounds[1]:
        raise ValueError(f"the bounds are factors of the starting weight and must lie around 1; got {bounds}")
