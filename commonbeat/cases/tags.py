"""Tags: a small vocabulary of the department's own that says what a matter is about, never who somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower

from commonbeat.community.reference import Remembered


class Tag(models.Model):
    """One word for a sort of matter that no category says, such as an event. Retired, never deleted: cases hold it."""

    code = models.SlugField(max_length=40, unique=True, allow_unicode=True)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True, help_text="When to put it on.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="tag_name_once")]

    def __str__(self) -> str:
        return self.name


tags = Remembered(lambda: {row.pk: row for row in Tag.objects.order_by(Lower("name"))}, "tags")
"""Every tag by id in the order of names, retired ones too."""


def tags_of(numbers: Iterable[int]) -> list[Tag]:
    """The tags behind a case's numbers, by name."""
    wanted = set(numbers)
    return [tag for number, tag in tags().items() if number in wanted] if wanted else []


def offered_tags() -> list[Tag]:
    """Tags that can be put on today."""
    return [tag for tag in tags().values() if tag.retired_at is None]


def tag_by_code(code: str) -> Tag | None:
    """The tag with this code, retired or not."""
    return next((tag for tag in tags().values() if tag.code == code), None)
