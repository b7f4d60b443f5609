"""Tables of a security survey: what was looked at, what was found, what was advised, and whether it was done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Survey(models.Model):
    """One walk through a place with the checklist; a case has one, which a second walk brings up to date."""

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="survey")
    answers = models.JSONField(default=dict, help_text="Question of the checklist → good, mend or none.")
    walked_at = models.DateTimeField()
    walked_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(null=True, help_text="When the resident got the list.")
    again_on = models.DateField(null=True, help_text="When somebody asks what was done.")


class Finding(models.Model):
    """Something that could be safer, with advice; later, whether it was done."""

    id = models.BigAutoField(primary_key=True)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="findings")
    topic = models.CharField(max_length=20, help_text="The principle that it belongs to.")
    question = models.CharField(max_length=20, blank=True, help_text="Of the checklist; empty when added by hand.")
    severity = models.CharField(max_length=10, default="medium")
    seen = models.CharField(max_length=600, blank=True)
    advice = models.CharField(max_length=600)
    state = models.CharField(max_length=10, default="open")
    note = models.CharField(max_length=300, blank=True)
    looked_on = models.DateField(null=True)
    order = models.ForeignKey(
        "cases.Case", null=True, on_delete=models.SET_NULL, related_name="+", help_text="Who mends it: its work order."
    )
    ordered_at = models.DateTimeField(null=True)
    order_ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["survey", "question"], condition=~Q(question=""), name="finding_once_per_question"
            )
        ]
