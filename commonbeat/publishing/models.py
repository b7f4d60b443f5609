"""Tables of what the public may read: cards of cases, publications, and followers."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class PublicCaseQuerySet(models.QuerySet["PublicCase"]):
    """Cards as the public reads them."""

    def shown(self, at: dt.datetime) -> PublicCaseQuerySet:
        """Cards whose delay is over and that nobody hid."""
        return self.filter(hidden=False, visible_at__lte=at)


class PublicCase(models.Model):
    """The card of a case: everything the public may know, and nothing else. Public pages read only this.

    The place is never the reported one. `version` moves with every change (a database trigger), so that what is
    cached can be known to be current.
    """

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="card")
    reference = models.CharField(max_length=20)
    kind = models.CharField(max_length=30)
    # The database checks both where the case has them: twice would lock the category's and the area's row twice.
    category = models.ForeignKey(
        "cases.Category", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    area = models.ForeignKey(
        "community.Area", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    closed = models.BooleanField(default=False)
    state = models.CharField(max_length=30)
    outcome = models.CharField(max_length=30, blank=True)
    text = models.TextField(blank=True, help_text="Only after a person reviewed it.")
    answer = models.TextField(blank=True, help_text="What we did, after a second person published it.")
    language = models.CharField(max_length=10, default="en")
    lat = models.FloatField(null=True)
    long = models.FloatField(null=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True)
    agency = models.CharField(max_length=200, blank=True, help_text="Agency responsible, when it is not us.")
    media = models.JSONField(default=list, help_text="Ids of files that may be shown.")
    visible_at = models.DateTimeField()
    hidden = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0, help_text="Set by the database on every change.")

    objects = PublicCaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reference"], name="card_reference")]
        indexes: ClassVar = [
            models.Index(fields=["-opened_at", "-case"], name="card_newest", condition=Q(hidden=False)),
            models.Index(fields=["area", "-opened_at", "-case"], name="card_area", condition=Q(hidden=False)),
            models.Index(fields=["area", "version"], name="card_area_version"),
            models.Index(fields=["changed_at"], name="card_changed"),
        ]


class Publication(models.Model):
    """Something told to the public: drafted by one person, published by another, withdrawn if need be.

    `words` holds per language what the kind's fields ask for (an outcome: title, said, did). `facts` are the same in
    every language: `{"label": source text, "text": source text, "params": {…}}`, or how a case ended:
    `{"label": source text, "outcome": [kind, slug]}`.
    """

    class State(models.TextChoices):
        """Where a publication stands."""

        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)
    case_number = models.BigIntegerField(null=True, unique=True)
    activity = models.OneToOneField(
        "activities.Activity", null=True, on_delete=models.SET_NULL, related_name="publication",
        help_text="Whose minutes these are.",
    )  # fmt: skip
    category = models.ForeignKey("cases.Category", null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("community.Area", null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10, default="en")
    words = models.JSONField(default=dict)
    facts = models.JSONField(default=list, help_text="Numbers and judgements beside the words, small counts hidden.")
    drafted_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    published_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | Q(drafted_by__isnull=True) | ~Q(published_by=F("drafted_by")),
                name="publication_needs_two_people",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["-published_at", "-id"], name="publication_newest", condition=Q(state="published")),
            models.Index(fields=["drafted_at"], name="publication_drafts", condition=Q(state="draft")),
        ]


class Follow(models.Model):
    """Somebody who asked to hear about an area, a category or a case: by e-mail (after a mailed yes) or in a browser.

    Who follows no more has neither an address nor a browser here.
    """

    id = models.BigAutoField(primary_key=True)
    email = models.EmailField(blank=True)
    browser = models.ForeignKey("journal.PushSubscription", null=True, on_delete=models.PROTECT, related_name="follows")
    language = models.CharField(max_length=10, default="en")
    area = models.ForeignKey("community.Area", null=True, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey("cases.Category", null=True, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="+")
    every = models.CharField(max_length=10, default="day", help_text="day, week, or now")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    told_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["email", "browser", "area", "category", "case"], condition=Q(ended_at__isnull=True),
                nulls_distinct=False, name="follow_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | (Q(email="") ^ Q(browser__isnull=True)),
                name="follow_goes_to_an_address_or_a_browser",
            ),
        ]  # fmt: skip
