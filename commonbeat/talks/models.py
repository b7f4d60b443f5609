"""Tables of talks: the sides, their sessions, the points that they agreed on, whether those are kept, sealed notes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Side(models.Model):
    """Somebody who takes part, or was asked to. Contact details stand with the participant and are opened there."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="sides")
    participant = models.OneToOneField("cases.Participant", on_delete=models.CASCADE, related_name="side")
    role = models.CharField(max_length=20, help_text="What they are to the matter, in the kind's own words.")
    called = models.CharField(max_length=120, help_text="What the others hear them called.")
    way = models.CharField(max_length=10, help_text="How they are reached: email, letter, phone.")
    language = models.CharField(max_length=10)
    needs = models.JSONField(default=list, help_text="Keys of what they need to take part.")
    needs_text = models.CharField(max_length=500, blank=True)
    needed = models.BooleanField(default=True, help_text="Nothing goes on without their yes; supporters are not.")
    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=3, blank=True, help_text="yes or no; empty until they said.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=10, blank=True, help_text="page, phone, paper or person")
    accepted_at = models.DateTimeField(null=True, help_text="Said yes to what was agreed.")
    accepted_by = models.CharField(max_length=10, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="side_answered_has_a_moment",
            )
        ]

    @property
    def agrees(self) -> bool:
        """True when they said yes to taking part, and did not take it back."""
        return self.answer == "yes"


class Session(models.Model):
    """One meeting: with one side before the talks, with everybody, or from room to room."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="sessions")
    sort = models.CharField(max_length=10)
    way = models.CharField(max_length=10)
    place = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    minutes = models.PositiveIntegerField()
    sides = models.JSONField(default=list, help_text="Numbers of the sides that were asked to come.")
    came = models.JSONField(default=list, help_text="Numbers of the sides that came.")
    result = models.CharField(max_length=20, blank=True)
    held_at = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True, help_text="Called off.")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=600), name="session_is_plausible"),
            models.CheckConstraint(
                condition=Q(held_at__isnull=True) | Q(off_at__isnull=True), name="session_held_or_called_off"
            ),
        ]


class Point(models.Model):
    """One thing that was agreed, in the sides' own words: who does what, from when."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="points")
    side = models.ForeignKey(
        Side, null=True, on_delete=models.CASCADE, related_name="points", help_text="Who does it; empty: everybody."
    )
    text = models.TextField()
    starts_on = models.DateField()
    until_on = models.DateField(null=True)
    made_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("starts_on")), name="point_ends_after_its_start"
            )
        ]


class Check(models.Model):
    """What one side said, so many days later, of whether a point is kept."""

    id = models.BigAutoField(primary_key=True)
    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="checks")
    side = models.ForeignKey(Side, on_delete=models.CASCADE, related_name="checks")
    days = models.PositiveSmallIntegerField(help_text="Which follow-up: days after the agreement.")
    found = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["point", "side", "days"], name="check_once")]


class SealedNote(models.Model):
    """A note of whoever leads the talks, for themselves: sealed under the case's key, which is destroyed with it."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="sealed_notes")
    author = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    side = models.ForeignKey(Side, null=True, on_delete=models.CASCADE, related_name="+")
    sort = models.CharField(max_length=10, help_text="note or analysis")
    held = models.JSONField(help_text="The sealed words.")
    made_at = models.DateTimeField()
