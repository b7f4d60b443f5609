"""Tables of what is done on a case besides moving it: sound measured, hours agreed, notices served, looks taken.

They are written by steps alone and go with the case when it is destroyed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

LOWEST_DB, HIGHEST_DB = 20, 140
"""dB(A): below is quieter than any meter of the trade shows, above is pain."""


class SoundLimit(models.Model):
    """How loud it may be in a zone at a time of day, as the agency's ordinance says. Over midnight is fine."""

    zone = models.CharField(max_length=80)
    starts = models.TimeField()
    ends = models.TimeField(help_text="The same as `starts` means all day.")
    level_db = models.FloatField(help_text="dB(A); what is louder is above the limit.")
    source = models.CharField(max_length=200, blank=True, help_text="Where it is written.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(level_db__gte=LOWEST_DB, level_db__lte=HIGHEST_DB), name="soundlimit_is_plausible"
            )
        ]

    def __str__(self) -> str:
        return f"{self.zone} {self.starts:%H:%M}–{self.ends:%H:%M}"


class SoundMeasurement(models.Model):
    """One measurement of sound, with the limit that held then: a later limit changes no finding."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="measurements")
    measured_at = models.DateTimeField()
    measured_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    spot = models.CharField(max_length=20)
    level_db = models.FloatField(help_text="dB(A), the average over the time measured.")
    background_db = models.FloatField(null=True, help_text="dB(A) with the source silent.")
    seconds = models.PositiveIntegerField()
    instrument = models.CharField(max_length=120)
    calibrated_on = models.DateField(null=True)
    zone = models.CharField(max_length=80, blank=True)
    limit_db = models.FloatField(null=True, help_text="dB(A); empty when the agency had set none.")
    limit_starts = models.TimeField(null=True)
    limit_ends = models.TimeField(null=True)
    limit_source = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(level_db__gte=LOWEST_DB, level_db__lte=HIGHEST_DB)
                & (Q(background_db__isnull=True) | Q(background_db__lte=F("level_db"))),
                name="soundmeasurement_is_plausible",
            )
        ]


class Agreement(models.Model):
    """Quiet hours that the people concerned agreed on, in words that each of them said yes to."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="agreements")
    days = models.JSONField(help_text="Days of the week, 0 is Monday.")
    quiet_from = models.TimeField()
    quiet_until = models.TimeField()
    terms = models.TextField()
    parties = models.TextField(help_text="Who agreed, one in a line.")
    consent = models.CharField(max_length=20, help_text="How they said yes: in_person, writing, phone.")
    starts_on = models.DateField()
    review_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(review_on__gt=F("starts_on")), name="agreement_review_comes_later")
        ]


class Notice(models.Model):
    """A notice to an owner: what is to be put right, and by which day."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="notices")
    owner = models.ForeignKey("cases.Participant", on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=20, help_text="handed, mailed, posted, email")
    violations = models.TextField(help_text="One in a line, with the section of the code.")
    cure_on = models.DateField()
    served_at = models.DateTimeField()
    served_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "cases"


class Inspection(models.Model):
    """A look at whether a notice was followed: complied, partly, or not; with more time where it was given."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="inspections")
    found = models.CharField(max_length=20)
    extended_to = models.DateField(null=True)
    inspected_at = models.DateTimeField()
    inspected_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "cases"
