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
    staggered,
    synthetic,
    synthetic_did,
)
from .bacon import Comparison, Part, TwoWay, decompose, two_way
from .calibration import Calibration, calibrate
from .design import DESIGNS, Design, Situation, design, designs
from .effect import Check, Effect, Result, Scale, Series, Sizes, State, from_json
from .group_time import GroupTime, group_time
from .matching import Likeness, alike, likeness, within
from .panel import NEVER, Panel, PanelError
from .phrase import Phrase, phrase
from .raking import Raked, RakingError, Trimmed, rake, rake_trimmed
from .refusal import Precondition, Refusal, Shortfall
from .sdid import Weighting
from .sdid import synthetic_did as synthetic_did_weights
from .survey import Estimate, Sample, SurveyError, TooFew
from .survey_did import SurveyDiD
from .totals import Displacement, e_test, rate_interval, wdd

__all__ = [
    "DESIGNS",
    "NEVER",
    "Calibration",
    "Check",
    "Comparison",
    "Design",
    "Displacement",
    "Effect",
    "Estimate",
    "GroupTime",
    "Likeness",
    "Panel",
    "PanelError",
    "Part",
    "Phrase",
    "Precondition",
    "Raked",
    "RakingError",
    "Refusal",
    "Result",
    "Sample",
    "Scale",
    "Series",
    "Shortfall",
    "Situation",
    "Sizes",
    "State",
    "SurveyDiD",
    "SurveyError",
    "TooFew",
    "Trimmed",
    "TwoWay",
    "Weighting",
    "alike",
    "calibrate",
    "decompose",
    "design",
    "designs",
    "e_test",
    "from_json",
    "generator",
    "group_time",
    "likeness",
    "phrase",
    "rake",
    "rake_trimmed",
    "rate_interval",
    "synthetic_did_weights",
    "two_way",
    "wdd",
    "within",
]


def generator(seed: int) -> np.random.Generator:
    """The random numbers of one run; the same seed gives the same result."""
    return np.random.default_rng(seed)
