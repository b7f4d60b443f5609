"""Tables of the journal: entries in a hash chain, seals over them, deliveries, and who looked at what."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class EntryQuerySet(models.QuerySet["Entry"]):
    """Entries by subject and audience."""

    def about(self, kind: str, subject_id: int) -> EntryQuerySet:
        """Everything that happened to one subject, oldest first."""
        return self.filter(subject_kind=kind, subject_id=subject_id).order_by("number")

    def told_to(self, audience: str) -> EntryQuerySet:
        """What this audience may read: the public reads less than a reporter, staff read all."""
        wider = {"public": ["public"], "reporter": ["public", "reporter"]}.get(audience)
        return self if wider is None else self.filter(audience__in=wider)


class Entry(models.Model):
    """One deed, in the same transaction as the deed itself. The database refuses changes and deletions.

    The subject is a soft reference, so that evidence outlives its subject. `personal` can be shredded: its digest
    stays in the chain. Entries of one subject form a chain (`previous`, `hash`); seals join the chains.
    """

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    verb = models.CharField(max_length=60)
    actor_sort = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=120, blank=True)
    audience = models.CharField(max_length=10, default="internal")
    data = models.JSONField(default=dict)
    personal = models.JSONField(null=True, blank=True)
    personal_digest = models.BinaryField(max_length=32, null=True)
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "number"], name="entry_chain_has_no_forks"),
            models.CheckConstraint(
                condition=Q(audience__in=["internal", "reporter", "public"]), name="entry_audience_is_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["at"], name="entry_at")]


class Seal(models.Model):
    """A hash over all entries up to one, chained to the seal before: a whole chain cannot vanish unseen."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    entries = models.PositiveIntegerField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)


class Delivery(models.Model):
    """Something that somebody is told, and whether it arrived. The row is the state; jobs only wake the sender."""

    class State(models.TextChoices):
        """Where a message stands."""

        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        BOUNCED = "bounced"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20)
    recipient = models.CharField(max_length=500, blank=True)
    person = models.ForeignKey("community.Person", null=True, blank=True, on_delete=models.SET_NULL)
    template = models.CharField(max_length=60)
    language = models.CharField(max_length=10)
    context = models.JSONField(default=dict)
    urgent = models.BooleanField(
        default=False, help_text="Answers the recipient's own deed: quiet hours don't hold it."
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="delivery_due", condition=Q(state__in=["pending", "sending"]))
        ]


class OutboxMessage(models.Model):
    """Mail that the demo keeps instead of sending, readable on the outbox page."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    recipient = models.CharField(max_length=500)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    headers = models.JSONField(default=dict)


class AccessLog(models.Model):
    """Who looked at what: another table than deeds, with another clock."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=120, blank=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    what = models.CharField(max_length=40)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "at"], name="accesslog_subject"),
            models.Index(fields=["user_id", "at"], name="accesslog_user"),
        ]


class Webhook(models.Model):
    """An address of another system that is told of events, signed with a shared secret."""

    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=100)
    verbs = models.JSONField(default=list, help_text="Verbs to tell, such as case.opened; empty means all.")
    created_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)


class PushSubscription(models.Model):
    """A browser that takes notifications. Its address is sealed: a copy of the database reaches nobody.

    `digest` finds it again when the browser names its address. When it ends, both are gone and the row stays.
    """

    id = models.BigAutoField(primary_key=True)
    sealed = models.TextField(blank=True)
    digest = models.BinaryField(max_length=32, null=True, unique=True)
    created_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
