"""Tables of the studio: data that were brought in, studies, frozen plans, runs, pictures, and public pages."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Dataset(models.Model):
    """Counts by area and period that an analyst brought in as a table. Never changed: newer data are another row."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=120)
    outcome_name = models.CharField(max_length=60, help_text="What is counted, in the plural: “burglaries”.")
    unit_name = models.CharField(max_length=40, default="areas")
    period_name = models.CharField(max_length=40, default="months")
    absent_is_zero = models.BooleanField(default=False)
    text = models.TextField(help_text="The table as it came, in UTF-8.")
    fingerprint = models.CharField(max_length=64)
    units = models.PositiveIntegerField()
    periods = models.PositiveIntegerField()
    first_period = models.CharField(max_length=40)
    last_period = models.CharField(max_length=40)
    has_population = models.BooleanField()
    has_positions = models.BooleanField()
    added_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()


class Study(models.Model):
    """A question about a programme. `draft` is the plan being worked on; what counts are its frozen versions."""

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.PROTECT, related_name="studies")
    request = models.JSONField(
        default=dict, help_text="What to count from the department's own records, when there is no table."
    )
    draft = models.JSONField(default=dict)
    dose = models.JSONField(default=dict, help_text="What was delivered: amount by period.")
    explore = models.JSONField(default=list, help_text="Groups that were named after a plan was frozen.")
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()


class PlanVersion(models.Model):
    """A plan as it was frozen. A database trigger refuses every change: a new version stands beside it."""

    id = models.BigAutoField(primary_key=True)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    plan = models.JSONField()
    stamp = models.CharField(max_length=64, help_text="Hash of the plan.")
    data = models.CharField(max_length=64, help_text="Fingerprint of the history that was known.")
    history_until = models.CharField(max_length=40)
    known_after = models.PositiveIntegerField(help_text="Periods from the start on that were in the data already.")
    software = models.CharField(max_length=40)
    ahead = models.JSONField(help_text="What was foretold: smallest detectable effect, regression to the mean.")
    reason = models.CharField(max_length=400, blank=True, help_text="Why the version before it did not do.")
    frozen_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "number"], name="plan_number_once")]

    @property
    def registered(self) -> bool:
        """Whether nothing after the start could be known when the plan was frozen."""
        return self.known_after == 0


class Run(models.Model):
    """One calculation of a frozen plan on given data. `job` and `result` hold everything to do it again."""

    class State(models.TextChoices):
        """Where a run stands."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="runs")
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=120, blank=True)
    cancel_asked = models.BooleanField(default=False)
    job = models.TextField(blank=True)
    result = models.JSONField(null=True)
    problem = models.CharField(max_length=400, blank=True)
    asked_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}


class Picture(models.Model):
    """A chart of a run in one language, drawn once by the run itself."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pictures")
    language = models.CharField(max_length=10)
    slug = models.SlugField(max_length=40)
    svg = models.TextField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "language", "slug"], name="picture_once")]


class StudyPage(models.Model):
    """What the public reads of a study: words by language and the run they tell of. A second person publishes."""

    class State(models.TextChoices):
        """Where the page stands."""

        DRAFT = "draft"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    study = models.OneToOneField(Study, primary_key=True, on_delete=models.PROTECT, related_name="page")
    plan = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    words = models.JSONField(default=dict, help_text="By language: title, tried, next.")
    version = models.PositiveIntegerField(default=1)
    drafted_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    published_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="published") | (Q(published_by__isnull=False) & ~Q(published_by=F("drafted_by"))),
                name="study_page_second_person",
            )
        ]
