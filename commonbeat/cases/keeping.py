"""How long an agency itself keeps cases, by kind and outcome, where it differs from what the kind declares."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonbeat.community.reference import Remembered
from commonbeat.core.retention import LONGEST

EVERY_OTHER = "default"
"""What a rule says instead of an outcome when it holds for all that have no time of their own."""
AT_LEAST = "keep_days"
"""Among the details of a case: days for which it is kept at the least, whatever holds for its outcome."""


class RetentionRule(models.Model):
    """One line of the agency's own retention schedule. Out of use, the declared time holds again."""

    kind = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30, help_text="An outcome of the kind, or `default` for every other one.")
    days = models.PositiveIntegerField(help_text="After closing.")
    basis = models.CharField(max_length=300, help_text="The law or records schedule that says so.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "outcome"], name="retentionrule_once"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=LONGEST), name="retentionrule_is_plausible"),
            models.CheckConstraint(condition=~Q(basis=""), name="retentionrule_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.outcome}"


def _load() -> dict[tuple[str, str], RetentionRule]:
    return {(row.kind, row.outcome): row for row in RetentionRule.objects.filter(retired_at=None).order_by("pk")}


retention_rules = Remembered(_load, "retention")
"""The agency's rules in use by kind and outcome, from memory."""
