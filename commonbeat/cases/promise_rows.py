"""The table of promises: who promised what to whom, by when, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Promise(models.Model):
    """One promise, on a case of any kind or on none. Open until somebody says that it was kept, missed or released."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open"
        KEPT = "kept"
        MISSED = "missed"
        RELEASED = "released"

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, null=True, editable=False)
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="promises")
    area = models.ForeignKey("community.Area", null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+", help_text="Who promised.")
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    where = models.CharField(max_length=20, help_text="At a door, at a meeting, in a message …")
    to = models.CharField(max_length=200, help_text="To whom.")
    for_reporter = models.BooleanField(default=False, help_text="The reporter of the case reads it on their page.")
    text = models.CharField(max_length=500)
    due_on = models.DateField()
    task = models.OneToOneField("cases.Task", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    reported = models.CharField(max_length=500, blank=True, help_text="What they were told of it, where it was made.")
    reported_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True) | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="promise_ended_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "kept"]) | ~Q(reason=""), name="promise_not_kept_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(for_reporter=False) | Q(case__isnull=False), name="promise_to_a_reporter_has_a_case"
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("owner"), F("due_on"), name="promise_owner", condition=Q(state="open")),
        ]
