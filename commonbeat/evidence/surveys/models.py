"""Tables of surveys. Answers themselves are no rows: each wave has one file, named by the hash of its content."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from commonbeat.community.models import Area
from commonbeat.core.text import N_


class SurveySeries(models.Model):
    """Questions that are asked again and again: each time is a wave."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    says = models.TextField(blank=True, help_text="What readers must know: who was asked, and what about.")
    credit = models.TextField(blank=True, help_text="Who made the questions, and on what terms they may be used.")
    every_months = models.PositiveSmallIntegerField(null=True, blank=True, help_text="A wave each so many months.")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class SurveyQuestion(models.Model):
    """A question of a series, the same in every wave that asks it. `key` never changes."""

    class Kind(models.TextChoices):
        """How it is answered."""

        SCALE = "scale"
        YES_NO = "yesno"
        CHOICE = "choice"
        NUMBER = "number"

    class About(models.TextChoices):
        """What an answer tells of how willing people are to report."""

        REPORTED = "reported", N_("Whether people told the police of what happened to them")
        WOULD = "would", N_("Whether people would tell the police")

    series = models.ForeignKey(SurveySeries, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    worst = models.FloatField(null=True, help_text="Of a scale; above `best` where a low number is good.")
    best = models.FloatField(null=True)
    answers = models.JSONField(default=list, help_text="Words of a scale, worst first, or of one of several.")
    position = models.PositiveSmallIntegerField(default=0)
    about = models.CharField(
        max_length=10, choices=About.choices, blank=True, help_text="Read beside recorded crime, where it is said."
    )

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["series", "key"], name="survey_question_once")]

    def __str__(self) -> str:
        return self.text


class SurveyWave(models.Model):
    """One time of asking: when, whom, how; the file of its answers, their weights, and whether the public may read."""

    class Sampling(models.TextChoices):
        """How people came to be asked: it decides what may be said."""

        PROBABILITY = "probability", N_("Probability sample: drawn by chance from a list of everybody")
        QUOTA = "quota", N_("Quota sample: people were looked for until each group was full")
        FORM = "form", N_("Feedback form or open poll: whoever wanted to filled it in")

    class Mode(models.TextChoices):
        """How they were asked."""

        PAPER = "paper", N_("By post or on paper")
        PHONE = "phone", N_("By telephone")
        WEB = "web", N_("On the web")
        PERSON = "person", N_("In person")
        MIXED = "mixed", N_("Several ways")

    series = models.ForeignKey(SurveySeries, on_delete=models.CASCADE, related_name="waves")
    name = models.CharField(max_length=80)
    first_on = models.DateField()
    last_on = models.DateField()
    sampling = models.CharField(max_length=12, choices=Sampling.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    invited = models.PositiveIntegerField(null=True, blank=True, help_text="How many were asked, where that is known.")
    areas = models.CharField(max_length=90, blank=True, help_text="level@revision of the areas in its answers.")
    groups = models.JSONField(default=dict, help_text="Key → name of a group, such as age.")
    asked = models.JSONField(default=list, help_text="Keys of the questions that it asked.")
    content = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the answers that count.")
    n = models.PositiveIntegerField(default=0)
    weighting = models.JSONField(default=dict, help_text="Margins, limit, and what weighting cost.")
    weights = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the weights; empty: none.")
    proposed_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=400, blank=True)
    forgotten_at = models.DateTimeField(null=True, help_text="When its answers were destroyed; figures stay in `kept`.")
    kept = models.JSONField(default=dict, help_text="Figures that were shown when the answers were destroyed.")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "name"], name="survey_wave_named_once"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="survey_wave_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(released_at=None)
                | (Q(proposed_by__isnull=False) & Q(released_by__isnull=False) & ~Q(released_by=F("proposed_by"))),
                name="survey_wave_second_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sample(self) -> bool:
        """Whether anything may be said about people who did not answer."""
        return self.sampling != self.Sampling.FORM


class WaveImport(models.Model):
    """A file that was brought in for a wave: how it was read, what came of its rows, and what counted before."""

    DRAFT, DONE, UNDONE = "draft", "done", "undone"

    wave = models.ForeignKey(SurveyWave, on_delete=models.CASCADE, related_name="imports")
    file_name = models.CharField(max_length=200)
    file_sha = models.CharField(max_length=64)
    uses = models.JSONField(default=list, help_text="For each column, what it is.")
    state = models.CharField(max_length=10, default=DRAFT)
    counts = models.JSONField(default=dict, help_text="read, taken, rejected, noted.")
    reasons = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict, help_text="Columns that were not taken in → why.")
    rejects = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the list of rows and their reasons.")
    before = models.JSONField(default=dict, help_text="What the wave held before.")
    after = models.CharField(max_length=64, blank=True)
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)


class PopulationTable(models.Model):
    """How many people (or homes, or jobs) there are, by area, by group, or both: from a file, with source and year."""

    DRAFT, DONE, UNDONE = "draft", "done", "undone"

    slug = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    credit = models.CharField(max_length=300, help_text="Where the numbers are from.")
    year = models.PositiveSmallIntegerField()
    residents = models.BooleanField(default=True, help_text="Otherwise homes, jobs or something else is counted.")
    areas = models.CharField(max_length=90, blank=True, help_text="level@revision; empty: for the whole city.")
    group = models.CharField(max_length=60, blank=True, help_text="Name of the groups, such as age; empty: none.")
    file_name = models.CharField(max_length=200)
    file_sha = models.CharField(max_length=64)
    columns = models.JSONField(default=dict, help_text="area, group, number → column.")
    state = models.CharField(max_length=10, default=DRAFT)
    counts = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    rejected = models.JSONField(default=list, help_text="The first rows that were left out, each with its reason.")
    before = models.JSONField(default=dict, help_text="Residents by area that these took the place of.")
    by_id = models.BigIntegerField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"


class PopulationCount(models.Model):
    """One number of a table."""

    table = models.ForeignKey(PopulationTable, on_delete=models.CASCADE, related_name="rows")
    area = models.ForeignKey(Area, null=True, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=60, blank=True)
    value = models.FloatField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["table", "area", "category"], name="population_count_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="population_count_not_negative"),
        ]
