"""Tables of a problem: what is known, thought, chosen, planned and found out. Written by the steps of its workflow."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Problem(models.Model):
    """What a problem, joint project or after-action review holds besides its case, whose text says what it is."""

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="problem")
    type = models.CharField(max_length=20, blank=True)
    priority = models.CharField(max_length=20, blank=True)
    origin = models.CharField(max_length=20, blank=True)
    harms = models.TextField(blank=True)
    goals = models.TextField(blank=True)
    substeps = ArrayField(models.CharField(max_length=4), default=list)
    triangle = models.JSONField(default=dict, help_text="Side of the triangle → what is known of it.")
    present_response = models.TextField(blank=True, help_text="What is done about it now, with strengths and limits.")
    categories = ArrayField(models.BigIntegerField(), default=list, help_text="Categories whose cases count.")
    areas = ArrayField(models.BigIntegerField(), default=list, help_text="Areas whose cases count.")
    measures = ArrayField(models.CharField(max_length=60), default=list, help_text="Measures of the evidence, by name.")
    radius_m = models.PositiveIntegerField(null=True, help_text="Only cases so near to the case's place count.")
    budget = models.CharField(max_length=300, blank=True, help_text="Of a joint project: an amount or words.")
    volunteers = models.TextField(blank=True, help_text="Of a joint project: what volunteers do.")
    objective = models.TextField(blank=True)
    measure = models.CharField(max_length=300, blank=True)
    target = models.CharField(max_length=300, blank=True)
    target_on = models.DateField(null=True)
    started_at = models.DateTimeField(null=True, help_text="When the response began.")
    study = models.ForeignKey("studies.Study", null=True, on_delete=models.SET_NULL, related_name="+")
    question = models.ForeignKey(
        "surveys.SurveyQuestion", null=True, on_delete=models.SET_NULL, related_name="+",
        help_text="What residents are asked that tells whether it got better.",
    )  # fmt: skip
    baseline = models.JSONField(null=True, help_text="Counts of twelve months, frozen when the response began.")
    alarm_count = models.PositiveIntegerField(null=True, help_text="Closed, so many cases in 90 days open it again.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(started_at__isnull=False), name="problem_baseline_has_a_start"
            )
        ]


class Place(models.Model):
    """A place that has to do with the problem: in words, and as far as it is known as a point or an area."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="places")
    name = models.CharField(max_length=300)
    role = models.CharField(max_length=10, default="scene")
    note = models.CharField(max_length=400, blank=True)
    area = models.ForeignKey("community.Area", null=True, on_delete=models.SET_NULL, related_name="+")
    lat = models.FloatField(null=True)
    long = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(lat__isnull=True) & Q(long__isnull=True))
                | (Q(lat__gte=-90) & Q(lat__lte=90) & Q(long__gte=-180) & Q(long__lte=180)),
                name="problem_place_is_on_earth",
            )
        ]


class Partner(models.Model):
    """An organisation that has to do with the problem, and as what: in charge of the place, a guardian, a partner."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="partners")
    organisation = models.ForeignKey("community.Organisation", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, default="response")
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["problem", "organisation", "role"], name="problem_partner_once_in_a_role")
        ]


class IncidentCount(models.Model):
    """Recorded incidents by a query, and how many they were on a day. No incident itself is ever kept here."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="incident_counts")
    source = models.ForeignKey("evidence.IncidentSource", null=True, on_delete=models.SET_NULL, related_name="+")
    source_name = models.CharField(max_length=120)
    sorts = ArrayField(models.CharField(max_length=200), default=list, help_text="Empty: all that are not sensitive.")
    first_on = models.DateField(null=True, help_text="Empty: a year before the last day.")
    last_on = models.DateField(null=True, help_text="Empty: the last day that the source knows of.")
    place = models.ForeignKey(Place, null=True, on_delete=models.CASCADE, related_name="+")
    radius_m = models.PositiveIntegerField(null=True)
    area = models.ForeignKey("community.Area", null=True, on_delete=models.PROTECT, related_name="+")
    n = models.PositiveIntegerField()
    counted_from = models.DateField()
    counted_until = models.DateField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(place__isnull=False, radius_m__isnull=False, area__isnull=True)
                | Q(place__isnull=True, radius_m__isnull=True, area__isnull=False),
                name="incident_count_is_somewhere",
            )
        ]


class Recurrence(models.Model):
    """Concerns that kept coming back at a place, or (with a category) in an area, as a nightly look found them."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open"
        DISMISSED = "dismissed"
        PROBLEM = "problem"
        PASSED = "passed"  # nobody decided, and it did not come back any more

    id = models.BigAutoField(primary_key=True)
    area = models.ForeignKey("community.Area", null=True, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey("cases.Category", null=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=300, blank=True)
    lat = models.FloatField(null=True)
    long = models.FloatField(null=True)
    cases = ArrayField(models.BigIntegerField(), default=list, help_text="Numbers of the concerns, at most 200.")
    n = models.PositiveIntegerField()
    weeks = models.PositiveSmallIntegerField()
    expected = models.FloatField(null=True, help_text="How many these weeks of earlier years had on average.")
    years = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=400, blank=True)
    problem = models.ForeignKey(Problem, null=True, on_delete=models.SET_NULL, related_name="+")
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When a look found it last.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-found_at"], name="recurrence_state")]


class Hypothesis(models.Model):
    """A possible cause, with the chain of whys that led to it; evidence decides about it."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="hypotheses")
    text = models.TextField()
    whys = ArrayField(models.CharField(max_length=400), default=list)
    state = models.CharField(max_length=10, default="open")
    reason = models.CharField(max_length=400, blank=True)


class Evidence(models.Model):
    """Something that speaks for or against a hypothesis, and where it comes from."""

    id = models.BigAutoField(primary_key=True)
    hypothesis = models.ForeignKey(Hypothesis, on_delete=models.CASCADE, related_name="evidence")
    speaks = models.CharField(max_length=10)
    text = models.TextField()
    source = models.CharField(max_length=300, blank=True)


class Option(models.Model):
    """Something that could be done, by a technique of situational prevention; chosen or put aside with a reason."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="options")
    technique = models.CharField(max_length=20)
    text = models.TextField()
    decision = models.CharField(max_length=10, default="open")
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["technique"], name="option_technique")]


class Action(models.Model):
    """One step of the plan: what, who (a partner, somebody here, or both), by when, after what, and how far it is."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("community.Organisation", null=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    due_on = models.DateField()
    after = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, default="planned")
    note = models.CharField(max_length=400, blank=True)
    done_on = models.DateField(null=True)
    question = models.ForeignKey("cases.Question", null=True, on_delete=models.SET_NULL, related_name="+")
    reply = models.TextField(blank=True, help_text="What the partner answered through the link.")
    task = models.OneToOneField("cases.Task", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(owner__isnull=False) | Q(organisation__isnull=False), name="action_has_an_owner"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="action_ends_after_it_starts"),
        ]


class Permit(models.Model):
    """A permit that a joint project needs: from whom, how it stands, and until when it is good."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="permits")
    what = models.CharField(max_length=200)
    authority = models.CharField(max_length=200)
    reference = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10)
    asked_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    note = models.CharField(max_length=400, blank=True)
    task = models.OneToOneField("cases.Task", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True) | Q(state="granted"), name="permit_expires_when_granted"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=True) | Q(asked_on__isnull=True) | Q(decided_on__gte=F("asked_on")),
                name="permit_is_asked_before_it_is_decided",
            ),
        ]

    def expired(self, today: dt.date) -> bool:
        """True where it was granted, and its last day is over."""
        return self.state == "granted" and self.expires_on is not None and self.expires_on < today


class Assessment(models.Model):
    """What came of a response: was it carried out, what changed, what moved elsewhere, and what was learnt."""

    id = models.BigAutoField(primary_key=True)
    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="assessments")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    carried_out = models.CharField(max_length=10)
    process = models.TextField()
    result = models.TextField()
    displacement = models.CharField(max_length=10, blank=True, help_text="Of problems only.")
    displacement_words = models.TextField(blank=True)
    grade = models.CharField(max_length=30)
    lessons = models.TextField()
    study = models.ForeignKey("studies.Study", null=True, on_delete=models.SET_NULL, related_name="+")
    counts = models.JSONField(null=True, help_text="Counts before and after as they stood at the assessment.")
