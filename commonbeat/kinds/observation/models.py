"""What is known of a place that is not as it should be. Nothing here can hold anything about a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Hazard(models.Model):
    """The condition that an observation is about; its words and place are those of the case."""

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="hazard")
    sort = models.CharField(max_length=20)
    harm = models.CharField(max_length=10, help_text="How bad it may become: low, medium, high.")
    charge = models.CharField(max_length=20, default="unknown", help_text="What sort of owner has to see to it.")
    owner = models.ForeignKey("community.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    seen_on = models.DateField(help_text="When somebody saw it last.")
    confirmed_at = models.DateTimeField(null=True)
    recheck_on = models.DateField()
    expires_on = models.DateField(help_text="Unless somebody looks again, it leaves the register on this day.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("recheck_on")), name="hazard_is_looked_at_before_it_ends"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["expires_on"], name="hazard_expires"),
            models.Index(fields=["sort", "harm"], name="hazard_sort"),
        ]
