"""Tables of a field report: its words, people, property, supplements and calls for sworn officers."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from commonbeat.core.retention import LONGEST
from commonbeat.kinds.field_report.vocabulary import BY_LAW


class FieldReport(models.Model):
    """What a case of the kind holds besides its row. While it is open, whoever has the case writes it."""

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="field_report")
    sort = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    signs = ArrayField(models.CharField(max_length=20), default=list, help_text="Why sworn officers are needed.")
    told = models.TextField(blank=True, help_text="What whoever called said.")
    saw = models.TextField(blank=True)
    did = models.TextField(blank=True)
    after = models.TextField(blank=True, help_text="What comes next, and who does it.")
    answers = models.JSONField(default=dict, help_text="Answers to the questions of its sort, by code.")
    not_now = models.TextField(blank=True, help_text="Why words that sound like police powers are no matter for them.")
    number = models.CharField(max_length=60, blank=True, help_text="Its number in the records system: a reference.")
    author = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    comments = models.TextField(blank=True, help_text="What the supervisor wants changed.")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("author")),
                name="field_report_needs_two_people",
            )
        ]


class IncidentSort(models.Model):
    """A sort of incident as the department edits it. Taken out of use, never deleted: reports hold its code."""

    code = models.SlugField(max_length=20, unique=True)
    order = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=80)
    card = models.JSONField(default=list, blank=True, help_text="What to do, line by line.")
    call = models.CharField(max_length=300, help_text="When to call sworn officers.")
    sworn = models.CharField(max_length=20, blank=True, help_text="The sign why only sworn officers take it.")
    needs = models.JSONField(default=list, blank=True, help_text="Parts that must be there before it is sent in.")
    questions = models.JSONField(default=list, blank=True, help_text="See `read_questions`.")
    approved = models.BooleanField(default=True, help_text="A supervisor reads it.")
    keep_days = models.PositiveIntegerField(null=True, blank=True, help_text="Kept for so long at the least.")
    offence = models.CharField(max_length=3, blank=True, help_text="Its NIBRS code.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(code__in=sorted(BY_LAW)) | (~Q(sworn="") & Q(retired_at=None)),
                name="incidentsort_law_leaves_it_to_sworn_officers",
            ),
            models.CheckConstraint(condition=Q(sworn="") | Q(approved=True), name="incidentsort_sworn_is_read"),
            models.CheckConstraint(
                condition=Q(keep_days=None) | Q(keep_days__gte=1, keep_days__lte=LONGEST),
                name="incidentsort_keeps_plausibly",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    """A person in a report: the role is here, who it is stands with the participant, hidden where it is a minor."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(FieldReport, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=20)
    age = models.CharField(max_length=10)
    participant = models.OneToOneField("cases.Participant", null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)


class Item(models.Model):
    """A piece of property in a report."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(FieldReport, on_delete=models.CASCADE, related_name="items")
    role = models.CharField(max_length=20)
    what = models.CharField(max_length=300)
    marks = models.CharField(max_length=200, blank=True, help_text="Serial number or marks.")
    worth = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    place = models.CharField(max_length=300, blank=True, help_text="Where it is now, and who has it.")


class Supplement(models.Model):
    """What is added after approval; the report itself stays as it was approved."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(FieldReport, on_delete=models.CASCADE, related_name="supplements")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="waiting", help_text="waiting, approved or refused")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)


class SwornCall(models.Model):
    """A call for sworn officers: why, when, and which of them took it, by name."""

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(FieldReport, on_delete=models.CASCADE, related_name="calls")
    signs = ArrayField(models.CharField(max_length=20), default=list)
    note = models.TextField(blank=True)
    dispatch = models.BooleanField(default=False, help_text="Dispatch was told first.")
    incident = models.CharField(max_length=40, blank=True, help_text="Dispatch's number.")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField(help_text="Supervisors are told when nobody has taken it by then.")
    rounds = models.PositiveIntegerField(default=0, help_text="How often supervisors were told.")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="sworn_call_is_accepted_by_somebody",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="sworn_call_due", condition=Q(accepted_at__isnull=True))
        ]


class DispatchCall(models.Model):
    """A call that dispatch handed over; what was done about it stands in the field report."""

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="dispatch_call")
    number = models.CharField(max_length=60, unique=True, help_text="Its number in the system of dispatch.")
    source = models.CharField(max_length=120, help_text="The program or person that sent it.")
    sort = models.CharField(max_length=20)
    happened_at = models.DateTimeField()
    signs = ArrayField(models.CharField(max_length=20), default=list, help_text="Why sworn officers are needed.")
    why = models.TextField(blank=True, help_text="Why it went back to dispatch, or back to the queue.")
    report = models.OneToOneField(FieldReport, null=True, on_delete=models.SET_NULL, related_name="dispatch_call")
    due_at = models.DateTimeField(null=True, help_text="When supervisors are told that nobody has taken it.")
    rounds = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(number=""), name="dispatchcall_has_a_number"),
        ]
