"""Statistics for studies of impact, usable from a notebook without the rest of Commonbeat.

    from commonbeat.evidence import stats
    panel = stats.Panel.from_long(table, unit="area", period="week", outcome="burglaries", treated="programme")
    result = stats.design("poisson-did").fit(panel, stats.generator(2024))
    print(result.sentence())

Nothing here imports the rest of the product, and nothing in the product imports this before somebody needs it.
"""

from __future__ import annotations

import numpy as np

from . import (  # noqa: F401 - each module registers its designs
    before_after,
    did,
    displacement,
    event_study,
    interrupted,
    randomisation,
    synthetic,
    synthetic_did,
)
from .calibration import Calibration, calibrate
from .design import DESIGNS, Design, Situation, design, designs
from .effect import Check, Effect, Result, Scale, Series, Sizes, State, from_json
from .panel import NEVER, Panel, PanelError
from .phrase import Phrase, phrase
from .refusal import Precondition, Refusal, Shortfall
from .sdid import Weighting
from .sdid import synthetic_did as synthetic_did_weights
from .totals import Displacement, e_test, rate_interval, wdd

__all__ = [
    "DESIGNS",
    "NEVER",
    "Calibration",
    "Check",
    "Design",
    "Displacement",
    "Effect",
    "Panel",
    "PanelError",
    "Phrase",
    "Precondition",
    "Refusal",
    "Result",
    "Scale",
    "Series",
    "Shortfall",
    "Situation",
    "Sizes",
    "State",
    "Weighting",
    "calibrate",
    "design",
    "designs",
    "e_test",
    "from_json",
    "generator",
    "phrase",
    "rate_interval",
    "synthetic_did_weights",
    "wdd",
]


def generator(seed: int) -> np.random.Generator:
    """The random numbers of one run; the same seed gives the same result."""
    return np.random.default_rng(seed)
