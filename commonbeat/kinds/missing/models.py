"""Tables of missing persons: what the public is shown of one, and who thinks to have seen them."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Bulletins as the public reads them."""

    def shown(self, at: dt.datetime) -> BulletinQuerySet:
        """Those that are public now. An expired one, or one of a closed case, is gone before any job withdraws it."""
        return self.filter(state=Bulletin.State.PUBLIC, until__gt=at, case__closed_at__isnull=True)


class Bulletin(models.Model):
    """What the public is shown of a missing person: drafted by one person, approved by another, withdrawn for good.

    `words` holds per language what people wrote: looks, clothes, seen. `key` is in the address and tells nothing; the
    bulletin that replaces another one takes it over.
    """

    class State(models.TextChoices):
        """Where a bulletin stands."""

        DRAFT = "draft"
        PUBLIC = "public"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="bulletins")
    key = models.CharField(max_length=32, null=True, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    name = models.CharField(max_length=80)
    age = models.PositiveSmallIntegerField()
    words = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="en")
    seen_on = models.DateField()
    agreed = models.CharField(max_length=10, help_text="On what ground somebody is shown to the public.")
    agreed_by = models.CharField(max_length=200, help_text="Who agreed and how, or why nobody could be asked.")
    photo = models.ForeignKey("cases.CaseFile", null=True, on_delete=models.SET_NULL, related_name="+")
    photo_until = models.DateTimeField(null=True)
    until = models.DateTimeField()
    drafted_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    returned = models.CharField(max_length=400, blank=True, help_text="Why a supervisor gave a draft back.")
    withdrawn_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=400, blank=True, help_text="Why it was withdrawn.")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
                name="bulletin_needs_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="public") | Q(approved_by__isnull=False, key__isnull=False),
                name="bulletin_public_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state="public")
                | Q(photo_until__isnull=True)
                | Q(age__gte=18)
                | Q(photo_until__lt=F("until")),
                name="bulletin_photo_of_a_child_ends_first",
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(state="draft"), name="bulletin_one_draft"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="public"), name="bulletin_one_public"),
        ]  # fmt: skip


class Sighting(models.Model):
    """Somebody thinks to have seen a missing person. Never public; who wrote it is a participant, or nobody."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="sightings")
    participant = models.ForeignKey("cases.Participant", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    place = models.CharField(max_length=300, blank=True)
    seen = models.CharField(max_length=200, blank=True, help_text="When it was, in their own words.")
    language = models.CharField(max_length=10, default="en")
    sent_at = models.DateTimeField()
    judged = models.CharField(max_length=10, blank=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judged="", judged_at__isnull=True) | (~Q(judged="") & Q(judged_at__isnull=False)),
                name="sighting_judged_has_a_moment",
            )
        ]
