"""Tables of activities: what happens where and when, its agenda, and what came of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from commonbeat.activities.kind import ACTIVITIES
from commonbeat.community.access import with_descendants
from commonbeat.core.actor import Actor


def reach_of(actor: Actor, roles: Iterable[str]) -> frozenset[int] | None:
    """The areas in which somebody holds one of these roles, with all inside them; None means everywhere."""
    wanted, below = set(roles), with_descendants()
    found: set[int] = set()
    for grant in actor.grants:
        if grant.role in wanted:
            if not grant.area_ids:
                return None
            for area in grant.area_ids:
                found |= below.get(area, frozenset({area}))
    return frozenset(found)


class ActivityQuerySet(models.QuerySet["Activity"]):
    """Activities as somebody may read them."""

    def visible_to(self, actor: Actor) -> ActivityQuerySet:
        """What a person of the staff reads on the desk: the public ones, their own, and the others of their areas."""
        if not actor.is_staff:
            return self.none()
        seen = Q(pk__in=[])
        for kind in ACTIVITIES:
            if actor.has(*kind.reads):
                reach = reach_of(actor, kind.reads)
                mine = Q(host=actor.user_id) | Q(host__in=actor.covers) | Q(made_by=actor.user_id)
                near = Q() if reach is None else Q(public=True) | mine | Q(area__in=reach)
                seen |= Q(kind=kind.slug) & near
        return self.filter(seen)

    def shown(self) -> ActivityQuerySet:
        """What everybody may read."""
        return self.filter(public=True)


class Activity(models.Model):
    """One activity. What happened in it is counted, never by name; its public minutes are a publication of their own.

    `words` holds what was translated by people: `{language: {"title", "about", "access"}}`. `attendance` holds whole
    numbers: `{"people", "new", "languages": {code: people}}`. `sequence` grows with whatever calendars must take over.
    """

    class State(models.TextChoices):
        """Where it stands."""

        PLANNED = "planned"
        HELD = "held"
        OFF = "off"

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, null=True, editable=False)
    uid = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Its name in calendars, for ever."
    )
    kind = models.CharField(max_length=30)
    format = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    public = models.BooleanField(default=True, help_text="Residents find it; otherwise it is by invitation.")
    area = models.ForeignKey("community.Area", null=True, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10, default="en")
    title = models.CharField(max_length=160)
    about = models.TextField(blank=True)
    place = models.CharField(max_length=300)
    access = models.CharField(max_length=500, blank=True, help_text="Steps, hearing loops, parking, children.")
    words = models.JSONField(default=dict, help_text="Title, about and access in other languages.")
    languages = models.JSONField(default=list, help_text="Languages that are spoken.")
    interpreters = models.JSONField(default=list, help_text="Languages into which somebody interprets.")
    host = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)
    shown_at = models.DateTimeField(null=True, help_text="Since when residents find it.")
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=500, blank=True)
    held_at = models.DateTimeField(null=True, help_text="When its record was first written.")
    attendance = models.JSONField(default=dict)
    raised = models.TextField(blank=True, help_text="What people raised, in public words.")
    answered = models.TextField(blank=True, help_text="What was answered and decided, in public words.")
    note = models.TextField(blank=True, help_text="For colleagues; never public.")

    objects = ActivityQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_ends_after_its_start"),
            models.CheckConstraint(
                condition=Q(state="off", off_at__isnull=False) & ~Q(off_reason="") | ~Q(state="off") & Q(off_at=None),
                name="activity_called_off_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_at__isnull=False), name="activity_held_has_a_moment"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["starts_at", "id"], name="activity_calendar"),
            models.Index(fields=["area", "starts_at"], name="activity_area"),
        ]

    def said(self, language: str) -> dict[str, Any]:
        """Title, about and access in a language, each as its writer has it where nobody translated it."""
        own = {"title": self.title, "about": self.about, "access": self.access}
        given = self.words.get(language) or self.words.get(language.split("-")[0]) or {}
        return {name: given.get(name) or text for name, text in own.items()}


class AgendaItem(models.Model):
    """One point of an agenda. A promise stands there by itself; `off` says that somebody took it from this agenda."""

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    sort = models.CharField(max_length=10)
    text = models.CharField(max_length=300, blank=True)
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="+")
    promise = models.ForeignKey("cases.Promise", null=True, on_delete=models.CASCADE, related_name="agenda_items")
    off = models.BooleanField(default=False)
    result = models.CharField(max_length=10, blank=True, help_text="What was reported of a promise.")
    said = models.CharField(max_length=500, blank=True, help_text="What was said about it, in public words.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sort="promise", promise__isnull=False) | ~Q(sort="promise") & ~Q(text=""),
                name="agenda_item_says_something",
            ),
            models.UniqueConstraint(fields=["activity", "promise"], name="promise_once_on_an_agenda"),
        ]


class CameOf(models.Model):
    """A case that was opened, or a promise that was made, at an activity."""

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="came_of_it")
    case = models.OneToOneField("cases.Case", null=True, on_delete=models.CASCADE, related_name="came_of")
    promise = models.OneToOneField("cases.Promise", null=True, on_delete=models.CASCADE, related_name="came_of")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(case__isnull=True) ^ Q(promise__isnull=True), name="came_of_is_one_thing"
            )
        ]
