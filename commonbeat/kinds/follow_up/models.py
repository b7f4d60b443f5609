"""Tables of a follow-up: what somebody agreed to, the calls, the help that was offered, referrals and releases."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class FollowUp(models.Model):
    """What somebody who was harmed agreed to, and what keeps them safe when we are in touch.

    `origin` is known here alone: the case that it came from says nothing of it.
    """

    case = models.OneToOneField("cases.Case", primary_key=True, on_delete=models.CASCADE, related_name="follow_up")
    origin = models.ForeignKey("cases.Case", null=True, on_delete=models.SET_NULL, related_name="+")
    field_number = models.CharField(max_length=40, blank=True, help_text="Number of the report in the records system.")
    child = models.BooleanField(default=False, help_text="Under 18: a guardian is asked.")
    consent = models.CharField(max_length=20, blank=True)
    consent_at = models.DateTimeField(null=True)
    consent_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    consent_words = models.CharField(max_length=400, blank=True, help_text="How they said it.")
    ways = models.JSONField(default=list, help_text="Ways that are safe.")
    times = models.CharField(max_length=200, blank=True, help_text="When it is safe.")
    voicemail = models.BooleanField(default=False, help_text="Words may be left.")
    careful = models.CharField(max_length=300, blank=True, help_text="Words never to use or leave.")
    stopped_at = models.DateTimeField(null=True, help_text="They asked us not to call again.")
    needs = models.JSONField(default=list)
    last_word = models.TextField(blank=True, help_text="The person's own word at the end.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(consent="", consent_at__isnull=True) | (~Q(consent="") & Q(consent_at__isnull=False)),
                name="follow_up_consent_has_a_moment",
            )
        ]


class CallBack(models.Model):
    """One time that somebody tried to be in touch."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="callbacks")
    way = models.CharField(max_length=20)
    held_at = models.DateTimeField()
    outcome = models.CharField(max_length=20)
    text = models.TextField(blank=True)
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()


class Support(models.Model):
    """One kind of help that was offered, and what they said to it."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="supports")
    need = models.CharField(max_length=20)
    what = models.CharField(max_length=200)
    answer = models.CharField(max_length=20)
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()


class Referral(models.Model):
    """The way to a service: by themselves, or by us under a written release that names what, to whom and until when."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="referrals")
    service = models.CharField(max_length=200)
    need = models.CharField(max_length=20)
    how = models.CharField(max_length=20)
    shares = models.TextField(blank=True, help_text="What may be told.")
    signed_on = models.DateField(null=True)
    until = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, default="pending")
    result_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(how="release")
                | (Q(signed_on__isnull=False) & Q(until__gt=F("signed_on")) & ~Q(shares="")),
                name="referral_release_says_what_and_until_when",
            )
        ]
