"""Survey weights that reproduce several population margins at once: raking (iterative proportional fitting)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .panel import Floats, Integers

_DENSE = 1_000_000


class RakingError(ValueError):
    """Answers and margins do not fit each other; the message names the margin and the category."""


@dataclass(frozen=True)
class Raked:
    """Weights, and how near they come."""

    weights: Floats
    converged: bool
    rounds: int
    misfit: float
    """Largest relative distance between a weighted total and its margin."""

    @property
    def effective_n(self) -> float:
        """Kish's effective number of respondents: how many with equal weights would be as informative."""
        return float(self.weights.sum()) ** 2 / float(self.weights @ self.weights)

    @property
    def design_effect(self) -> float:
        """By what factor the unequal weights enlarge the variance of a mean."""
        return len(self.weights) / self.effective_n


def rake(
    answers: Mapping[str, ArrayLike],
    margins: Mapping[str, Mapping[Any, float]],
    *,
    start: ArrayLike | None = None,
    tolerance: float = 1e-8,
    rounds: int = 500,
) -> Raked:
    """Weights with which each category of each margin has its population total.

    `answers` holds one array of categories by margin, `margins` the totals by category; all margins must add up to the
    same population. `start` are design weights (equal unless given). Respondents who gave the same answers are handled
    as one, so the work of a round does not grow with their number.

    Raises RakingError for a category without a total or without respondents, totals that are not above zero, and
    margins of different populations. Where the margins contradict what is empty in the sample, `converged` is False.
    """
    if set(answers) != set(margins) or not margins:
        raise RakingError(f"Answers are about {sorted(answers)}, margins about {sorted(margins)}: they must agree.")
    codes, totals = [], []
    for name, margin in margins.items():
        code, total = _coded(name, np.asarray(answers[name]), margin)
        codes.append(code)
        totals.append(total)
    _check(list(margins), codes, totals)
    return rake_codes(codes, totals, start=start, tolerance=tolerance, rounds=rounds)


def rake_codes(
    codes: Sequence[Integers],
    totals: Sequence[Floats],
    *,
    start: ArrayLike | None = None,
    tolerance: float = 1e-8,
    rounds: int = 500,
) -> Raked:
    """`rake` for categories that are numbered 0, 1, 2 … already: one array of numbers and one of totals by margin."""
    respondents = len(codes[0])
    begin = np.ones(respondents) if start is None else np.asarray(start, dtype=float)
    if begin.shape != (respondents,) or not (begin > 0).all():
        raise RakingError("Design weights must be above zero, one for each respondent.")
    sizes = [len(total) for total in totals]
    cell = np.ravel_multi_index(tuple(codes), tuple(sizes)) if prod(sizes) < 2**62 else _folded(codes)
    if prod(sizes) <= max(_DENSE, respondents):
        cells = np.bincount(cell, weights=begin, minlength=prod(sizes))
        live = np.flatnonzero(cells)
        place = np.empty(prod(sizes), dtype=np.int64)
        place[live] = np.arange(len(live))
        cell, mass = place[cell], cells[live].astype(np.float64)
    else:
        live, cell = np.unique(cell, return_inverse=True)
        mass = np.bincount(cell, weights=begin).astype(np.float64)
    level = [np.empty(len(live), dtype=np.int64) for _ in codes]
    for mine, code in zip(level, codes, strict=True):
        mine[cell] = code
    factor, taken, misfit = _fit(mass, level, list(totals), tolerance, rounds)
    return Raked(begin * factor[cell], misfit <= tolerance, taken, misfit)


@dataclass(frozen=True)
class Trimmed(Raked):
    """Raked weights of which none exceeds a limit. `trimmed` of them stand at it, so margins are missed a bit."""

    trimmed: int
    largest: float
    """The largest weight before trimming, in multiples of the mean."""


def rake_trimmed(
    answers: Mapping[str, ArrayLike],
    margins: Mapping[str, Mapping[Any, float]],
    *,
    most: float,
    start: ArrayLike | None = None,
    rounds: int = 50,
) -> Trimmed:
    """`rake`, with weights cut at `most` times their mean, and raked again while that still helps.

    What is cut off goes to the others by raking again; the last cut stands, so `misfit` says how far the weighted
    totals may lie from the margins. Raises `RakingError`.
    """
    if most <= 1:
        raise RakingError("Weights can only be cut above their mean: choose a limit above 1.")
    raked = rake(answers, margins, start=start)
    limit, taken, weights = most * float(raked.weights.mean()), raked.rounds, raked.weights
    largest = most * float(weights.max()) / limit
    for _ in range(rounds):
        if (weights <= limit * (1 + 1e-9)).all():
            break
        again = rake(answers, margins, start=np.minimum(weights, limit))
        weights, taken = again.weights, taken + again.rounds
    weights = _under(weights, limit)
    misfit = max(_misses(np.asarray(answers[name]), weights, margin) for name, margin in margins.items())
    trimmed = int((weights >= limit * (1 - 1e-9)).sum()) if largest > most else 0
    return Trimmed(weights, misfit <= 1e-6 and raked.converged, taken, misfit, trimmed, largest)


def _under(weights: Floats, limit: float) -> Floats:
    """Weights with the same sum of which none is above the limit: the others take what is cut, in proportion."""
    total, full = float(weights.sum()), np.zeros(len(weights), dtype=bool)
    while (weights > limit * (1 + 1e-9)).any():
        full |= weights >= limit
        rest = (total - limit * full.sum()) / weights[~full].sum()
        weights = np.where(full, limit, weights * rest)
    return weights


def _misses(answers: Any, weights: Floats, margin: Mapping[Any, float]) -> float:
    return max(abs(float(weights[answers == label].sum()) / total - 1) for label, total in margin.items() if total > 0)


def _fit(
    mass: Floats, level: list[Integers], totals: list[Floats], tolerance: float, rounds: int
) -> tuple[Floats, int, float]:
    factor, misfit, taken = np.ones(len(mass)), np.inf, 0
    while misfit > tolerance and taken < rounds:
        taken += 1
        for code, total in zip(level, totals, strict=True):
            reached = np.bincount(code, weights=mass * factor, minlength=len(total))
            factor = factor * np.divide(total, reached, out=np.zeros(len(total)), where=reached > 0)[code]
        # The last margin fits now; the others show how far this round was from the end.
        misfit = max(
            float(np.abs(np.bincount(code, weights=mass * factor, minlength=len(total)) / total - 1).max())
            for code, total in zip(level, totals, strict=True)
        )
    return factor, taken, misfit


def _folded(codes: Sequence[Integers]) -> Integers:
    """One number for each combination of answers, where there are more combinations than numbers."""
    folded = codes[0]
    for code in codes[1:]:
        _, folded = np.unique(folded * (int(code.max()) + 1) + code, return_inverse=True)
    return folded.astype(np.int64)


def _coded(name: str, answers: Any, margin: Mapping[Any, float]) -> tuple[Integers, Floats]:
    found, code = np.unique(answers, return_inverse=True)
    labels = found.tolist()
    unknown = [label for label in labels if label not in margin]
    if unknown:
        raise RakingError(f"Margin “{name}” has no total for {unknown[0]!r}, which respondents chose.")
    nobody = [label for label in margin if label not in set(labels) and margin[label] > 0]
    if nobody:
        raise RakingError(
            f"Nobody answered {nobody[0]!r} in “{name}”, so no weights can reach its total. Join it with another one."
        )
    return code.astype(np.int64), np.array([float(margin[label]) for label in labels])


def _check(names: list[str], codes: list[Integers], totals: list[Floats]) -> None:
    lengths = {len(code) for code in codes}
    if len(lengths) != 1:
        raise RakingError("Every margin needs one answer from each respondent.")
    for name, total in zip(names, totals, strict=True):
        if not (np.isfinite(total).all() and (total > 0).all()):
            raise RakingError(f"The totals of “{name}” must be above zero: some category that people chose has none.")
        if abs(total.sum() / totals[0].sum() - 1) > 1e-6:
            raise RakingError(
                f"“{name}” adds up to {total.sum():g}, “{names[0]}” to {totals[0].sum():g}: margins must agree."
            )
