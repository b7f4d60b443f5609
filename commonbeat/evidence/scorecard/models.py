"""The table of the scorecard: one row for each of the five that is chosen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonbeat.core.text import N_
from commonbeat.evidence.surveys.models import SurveyQuestion


class ScorecardLine(models.Model):
    """What stands behind one of the five: a stored measure, or a question of a survey whose waves are released."""

    class Dimension(models.TextChoices):
        """What communities ask a department to be measured by."""

        CRIME = "crime", N_("Crime")
        SATISFACTION = "satisfaction", N_("Satisfaction")
        REPORTING = "reporting", N_("Reporting")
        RELATIONSHIPS = "relationships", N_("Relationships")
        COHESION = "cohesion", N_("Cohesion")

    dimension = models.CharField(max_length=15, choices=Dimension.choices, unique=True)
    measure = models.CharField(max_length=60, blank=True, help_text="Slug of a measure; empty for a question.")
    question = models.ForeignKey(SurveyQuestion, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    figure = models.CharField(max_length=20, blank=True, help_text="Which number of the question.")
    per_residents = models.BooleanField(default=False, help_text="A count per 10,000 residents and month.")
    says = models.TextField(blank=True, help_text="Why this was chosen, and what it leaves out.")
    public = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(question=None) & ~Q(measure="")) | (Q(question__isnull=False) & Q(measure="")),
                name="scorecard_line_has_one_source",
            )
        ]

    def __str__(self) -> str:
        return str(self.Dimension(self.dimension).label)
