"""The five things that a department is measured by, in words."""

from __future__ import annotations

from dataclasses import dataclass

from commonbeat.core.registry import Registry
from commonbeat.core.text import N_
from commonbeat.evidence.scorecard.models import ScorecardLine

Slug = ScorecardLine.Dimension


@dataclass(frozen=True)
class Dimension:
    """One of the five: its name, what it asks, and what would fit behind it."""

    slug: str
    title: str
    asks: str
    fits: str


FIVE: Registry[Dimension] = Registry("dimension of the scorecard")
for _one in (
    Dimension(
        Slug.CRIME, str(Slug.CRIME.label), N_("How much crime is recorded?"),
        N_("A measure of incidents. What is recorded also depends on how willing people are to report."),
    ),
    Dimension(
        Slug.SATISFACTION, str(Slug.SATISFACTION.label), N_("How content are people who dealt with us?"),
        N_("A question to people who dealt with the department, or the share of concerns answered on time."),
    ),
    Dimension(
        Slug.REPORTING, str(Slug.REPORTING.label), N_("How willing are people to tell us?"),
        N_("Reports of residents, or a question such as “Would you tell the police if you saw something wrong?”"),
    ),
    Dimension(
        Slug.RELATIONSHIPS, str(Slug.RELATIONSHIPS.label), N_("How do residents and police get on?"),
        N_("A question such as “Police officers here treat people with respect.”"),
    ),
    Dimension(
        Slug.COHESION, str(Slug.COHESION.label), N_("Do neighbors look after each other?"),
        N_("A question such as “People around here are willing to help their neighbors.”"),
    ),
):  # fmt: skip
    FIVE.add(_one)
