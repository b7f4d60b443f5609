"""Tables of evidence: where incidents come from, every import, measures, and the numbers that were counted.

Incidents themselves are no rows: each source has one file of points, named by the hash of its content, in the folder
of files (`commonbeat.evidence.store`). An import writes a new one and leaves the one before, so it can be undone.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from commonbeat.community.models import Area


class IncidentSource(models.Model):
    """One stream of incidents: burglaries of the records system, police.uk months, street-light requests."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    noun = models.CharField(max_length=60, default="incidents", help_text="In the plural, as a sentence needs it.")
    notice = models.TextField(blank=True, help_text="Attribution or disclaimer, repeated wherever it is shown.")
    precision = models.CharField(max_length=10, default="moment", help_text="What its dates tell: moment, day, month.")
    snapped = models.BooleanField(default=False, help_text="Places were moved to a nearby anchor by the publisher.")
    mapping = models.JSONField(default=dict, help_text="How the last file was read; the next one is read so too.")
    content = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the points that count now.")
    rows = models.PositiveIntegerField(default=0)
    placed = models.PositiveIntegerField(default=0)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    categories = models.JSONField(default=dict, help_text="The source's own category → rows.")
    holes = models.JSONField(default=list, help_text="Stretches without a row: [first day, last day].")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="When its incidents were deleted.")
    deleted_because = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return self.name


class IncidentImport(models.Model):
    """One file that was brought in: how it was read, what came of its rows, and what counted before."""

    DRAFT, WAITING, RUNNING, DONE, FAILED, UNDONE = "draft", "waiting", "running", "done", "failed", "undone"

    source = models.ForeignKey(IncidentSource, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    file_sha = models.CharField(max_length=64)
    size = models.BigIntegerField(default=0)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=DRAFT)
    done_share = models.FloatField(default=0, help_text="How much of the file is read, 0 to 1.")
    counts = models.JSONField(default=dict, help_text="read, added, replaced, same, rejected, placeless.")
    reasons = models.JSONField(default=dict, help_text="Why rows were rejected or noted: code → rows.")
    said = models.TextField(blank=True, help_text="Why the import failed.")
    rejects = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the list of rejected rows.")
    content_before = models.CharField(max_length=64, blank=True)
    content_after = models.CharField(max_length=64, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source"], condition=Q(state="running"), name="one_import_runs_at_a_time")
        ]


class CountedMeasure(models.Model):
    """A measure that an analyst defined: incidents of one source, of some of its categories or of all."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    says = models.TextField(blank=True, help_text="What it counts and what it leaves out, for readers.")
    noun = models.CharField(max_length=60, default="incidents")
    source = models.ForeignKey(IncidentSource, on_delete=models.PROTECT, related_name="measures")
    categories = models.JSONField(default=list, help_text="Empty: all.")
    public = models.BooleanField(default=False, help_text="Residents see whole years by area, small numbers hidden.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            # The difference of two tables of the same incidents would give hidden numbers away.
            models.UniqueConstraint(
                fields=["source"], condition=Q(public=True, retired_at=None), name="one_public_measure_of_a_source"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Observation(models.Model):
    """A measure of one area in one month, as it was counted; dashboards, public pages and reports read this."""

    measure = models.CharField(max_length=60)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    on = models.DateField(help_text="First day of the month.")
    value = models.FloatField()
    n = models.PositiveIntegerField(help_text="How many events or cases stand behind the value.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["measure", "area", "on"], name="observation_once")]


class Refresh(models.Model):
    """When a measure was last counted for one revision of areas, from what, and what was left out."""

    measure = models.CharField(max_length=60)
    areas = models.CharField(max_length=90, help_text="level@revision")
    fingerprint = models.CharField(max_length=64)
    first_on = models.DateField(null=True, blank=True)
    last_on = models.DateField(null=True, blank=True)
    events = models.PositiveIntegerField(default=0)
    placeless = models.PositiveIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["measure", "areas"], name="refresh_once")]


class Denominator(models.Model):
    """What a rate is counted per, where that is not residents: homes, jobs, street metres; by area and year."""

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="denominators")
    year = models.PositiveSmallIntegerField()
    value = models.FloatField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["slug", "area", "year"], name="denominator_once")]
