"""Tables of what guards a case and its people: holds, disposals by two, tombstones, requests to see who somebody is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Hold(models.Model):
    """A litigation or records-request hold: while one is open, nothing of the case is destroyed."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=400)
    placed_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)


class Disposal(models.Model):
    """A proposal to destroy a case whose time is over; another person approves it."""

    case_number = models.BigIntegerField(unique=True)
    proposed_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    reason = models.CharField(max_length=400)
    approved_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="disposal_needs_two_people",
            )
        ]


class Tombstone(models.Model):
    """What stays of a destroyed case: that it was, how it ended, and who let it go. Nothing personal."""

    case_number = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=30)
    category_code = models.CharField(max_length=60, blank=True)
    area_id = models.BigIntegerField(null=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    outcome = models.CharField(max_length=30, blank=True)
    disposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=120)
    approved_by = models.CharField(max_length=120)


class IdentityRequest(models.Model):
    """A reasoned request to see who a hidden participant is; another person decides."""

    participant = models.ForeignKey("cases.Participant", on_delete=models.CASCADE, related_name="identity_requests")
    reason = models.CharField(max_length=1000)
    requested_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    decision_reason = models.CharField(max_length=1000, blank=True)
    opens_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="identity_needs_two_people",
            )
        ]
