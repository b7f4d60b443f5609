"""Tables of requests for public records. What is removed is kept as a place in a text, never as its words."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from commonbeat.cases.walls import told_about
from commonbeat.core.actor import Actor


class Exemption(models.Model):
    """One reason of the law why a part of a record may be kept back: the agency's own list."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    basis = models.CharField(max_length=300)
    sorts = models.JSONField(default=list, help_text="Sorts of parts for which it is proposed.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(basis=""), name="exemption_has_a_basis")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class RequestQuerySet(models.QuerySet["RecordsRequest"]):
    """Requests by who may know of them."""

    def visible_to(self, actor: Actor) -> RequestQuerySet:
        """Requests without any case of which this actor may not even learn, also when the case is destroyed."""
        behind = RequestedCase.objects.exclude(told_about(actor, "number", unread=True))
        return self.exclude(pk__in=behind.values("request_id"))


class RecordsRequest(models.Model):
    """Somebody asks for records under the law of public records. Its number is its name."""

    class State(models.TextChoices):
        """Where a request stands."""

        OPEN = "open"
        RELEASED = "released"
        WITHDRAWN = "withdrawn"

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    requester = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, blank=True)
    asked_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    text = models.TextField(help_text="What was asked for.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True, help_text="Hash of the bundle that was released.")

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="recordsrequest_closed_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="released") & ~Q(sha256="") | ~Q(state="released") & Q(sha256=""),
                name="recordsrequest_released_has_a_hash",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(due_on__gte=F("asked_on")), name="recordsrequest_due_comes_later"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-asked_on", "-id"], name="recordsrequest_newest")]

    @property
    def number(self) -> str:
        """What it is called on paper."""
        return f"RR-{self.pk:05}"


class RequestedCase(models.Model):
    """A case that a request is about. While the request is open, a hold keeps the case from being destroyed."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="cases")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.SET_NULL, related_name="records_requests")
    number = models.BigIntegerField(help_text="Of the case, also when it is destroyed.")
    hold = models.ForeignKey("cases.Hold", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["request", "case"], name="requestedcase_once")]


class Item(models.Model):
    """One part of a case in a request: what is proposed, and what a person decided.

    `digest` is that of the content that was looked at: when the content changes, the decision is asked for again.
    `spans` are places in it, as pairs of begin and end.
    """

    class Choice(models.TextChoices):
        """What becomes of a part."""

        RELEASE = "release"
        PART = "part"
        REMOVE = "remove"

    id = models.BigAutoField(primary_key=True)
    chosen = models.ForeignKey(RequestedCase, on_delete=models.CASCADE, related_name="items")
    path = models.CharField(max_length=80)
    sort = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    proposal = models.CharField(max_length=10, choices=Choice.choices)
    decision = models.CharField(max_length=10, choices=Choice.choices, blank=True)
    spans = models.JSONField(default=list)
    exemption = models.ForeignKey(Exemption, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chosen", "path"], name="item_once"),
            models.CheckConstraint(
                condition=Q(decision="") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="item_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["remove", "part"]) | Q(exemption__isnull=False),
                name="item_removed_names_an_exemption",
            ),
        ]

    @property
    def seen(self) -> str:
        """How the row stood for whoever looks at it."""
        return self.decided_at.isoformat() if self.decided_at else ""
