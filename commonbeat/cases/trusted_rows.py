"""The table of trusted contacts: who, in an area, agreed to be asked by the officers who look after it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class TrustedContact(models.Model):
    """Somebody who knows an area. Who it is stands in `person`, kept apart from their reports."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField(unique=True, null=True, editable=False)
    area = models.ForeignKey("community.Area", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("community.Person", on_delete=models.CASCADE, related_name="+")
    organisation = models.CharField(max_length=200, blank=True, help_text="For whom they speak.")
    role = models.CharField(max_length=200, blank=True, help_text="What they are in this area.")
    reach = models.CharField(max_length=200, blank=True, help_text="When and how to reach them.")
    agreed_on = models.DateField(help_text="When they agreed to be a contact.")
    agreed_how = models.CharField(max_length=20)
    confirmed_on = models.DateField(help_text="When they said so last.")
    added_by = models.ForeignKey("community.User", null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="Erased soon after.")

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_on__gte=models.F("agreed_on")), name="trusted_contact_agreed_first"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["area"], name="trusted_area", condition=Q(ended_at=None))]
