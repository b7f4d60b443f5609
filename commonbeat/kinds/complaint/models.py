"""Tables of a complaint: what is alleged of whom, who was heard, appeals, and what policies should learn."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Allegation(models.Model):
    """One thing that somebody is said to have done, and what was found. The officer is empty until they are known."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="allegations")
    sort = models.CharField(max_length=20)
    officer = models.ForeignKey(
        "community.User", null=True, on_delete=models.PROTECT, related_name="+",
        help_text="Kept out of the case as its subject.",
    )  # fmt: skip
    described = models.CharField(max_length=300, blank=True, help_text="The officer as somebody described them.")
    text = models.TextField()
    finding = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True, help_text="Why this was found, for the record.")
    found_at = models.DateTimeField(null=True)
    found_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(finding="", found_at__isnull=True) | (~Q(finding="") & Q(found_at__isnull=False)),
                name="allegation_found_has_a_moment",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["officer"], name="allegation_officer")]


class Interview(models.Model):
    """Somebody was heard: who, how, when, and what they said."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="interviews")
    role = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    how = models.CharField(max_length=20)
    held_at = models.DateTimeField()
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")


class Appeal(models.Model):
    """The complainant asks for another look; somebody else than who decided says whether the decision stands."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="appeals")
    asked_at = models.DateTimeField()
    text = models.TextField()
    against = models.CharField(max_length=30, help_text="The outcome that was appealed.")
    of = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    upheld = models.BooleanField(null=True, help_text="The decision stands.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(of__isnull=True) | ~Q(decided_by=F("of")),
                name="appeal_needs_another_person",
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(decided_at=None), name="appeal_one_at_a_time"),
        ]


class Recommendation(models.Model):
    """What a complaint teaches about a policy or a training: for command staff, without the case or its people."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(
        "cases.Case", null=True, on_delete=models.SET_NULL, related_name="recommendations",
        help_text="Shown to those who see the case.",
    )  # fmt: skip
    about = models.CharField(max_length=200)
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    answer = models.CharField(max_length=20, blank=True)
    answer_text = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="recommendation_answered_has_a_moment",
            )
        ]
