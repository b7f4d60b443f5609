"""What stands on somebody's file: that they were commended, in which words, and who approved it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Praise(models.Model):
    """One commendation of one person. It outlives the case; who wrote it is read from the case, while there is one."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="praises")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.SET_NULL, related_name="praises")
    words = models.TextField()
    public = models.BooleanField(default=False, help_text="Its sender agreed that everybody may read it.")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey("community.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "case"], name="praise_once_per_case")]
        indexes: ClassVar = [models.Index(fields=["user", "-approved_at"], name="praise_of_a_person")]
