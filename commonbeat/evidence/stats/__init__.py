"""Statistics for studies of impact, usable from a notebook without the rest of Commonbeat.

    from commonbeat.evidence import stats
    panel = stats.Panel.from_long(table, unit="area", period="week", outcome="burglaries", treated="programme")
    result = stats.design("poisson-did").fit(panel, stats.generator(2024))
    print(result.sentence())

Nothing here imports the rest of the product, and nothing in the product imports this before somebody needs it.
"""

from __future__ import annotations

import numpy as np

from . import did, event_study, interrupted, randomisation  # noqa: F401 - each module registers its designs
from .design import DESIGNS, Design, Situation, design, designs
from .effect import Check, Effect, Result, Scale, Series, Sizes, State, from_json
from .panel import NEVER, Panel, PanelError
from .phrase import Phrase, phrase
from .refusal import Precondition, Refusal, Shortfall

__all__ = [
    "DESIGNS",
    "NEVER",
    "Check",
    "Design",
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
    "design",
    "designs",
    "from_json",
    "generator",
    "phrase",
]


def generator(seed: int) -> np.random.Generator:
    """The random numbers of one run; the same seed gives the same result."""
    return np.random.default_rng(seed)
