"""Categories of concern: rows that an agency edits, with their questions, clocks and public precision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from commonbeat.community.reference import Remembered
from commonbeat.core.fields import Choice, Field, ShowWhen


class Category(models.Model):
    """One category. A category in use is retired, never deleted."""

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=30, default="concern")
    order = models.PositiveIntegerField(default=0)
    questions = models.JSONField(default=list, help_text="See `read_questions`.")
    acknowledge_hours = models.FloatField(default=24, help_text="Working hours until somebody has read it.")
    respond_hours = models.FloatField(default=120, help_text="Working hours until there is an outcome.")
    recheck_hours = models.FloatField(
        null=True, blank=True, help_text="Hours after which to look again (72 for a vehicle)."
    )
    cure_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Working days that an owner has to put something right."
    )
    procedures = models.JSONField(default=list, help_text="Procedures of the kind that this category calls for.")
    handlers = models.JSONField(default=list, help_text="Roles that may handle it; empty means all workers.")
    needs_sworn = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False, help_text="Nothing is sent automatically; no point is shown.")
    danger = models.CharField(max_length=10, default="never", help_text="never, possible, likely")
    danger_words = models.JSONField(
        default=dict, help_text="Language → phrases that speak of danger here; added to the product's own words."
    )
    outcomes = models.JSONField(default=list, help_text="Outcome codes offered; empty means all of the kind.")
    public_point = models.BooleanField(default=True)
    public_precision_m = models.PositiveIntegerField(default=100)
    public_delay_hours = models.FloatField(default=0)
    public_text = models.CharField(max_length=10, default="reviewed", help_text="none or reviewed")
    legacy_names = models.JSONField(default=list, help_text="Names under which other systems export it.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(acknowledge_hours__gt=0) & Q(respond_hours__gt=0), name="category_clocks_run"
            ),
            models.CheckConstraint(
                condition=Q(sensitive=False) | Q(public_point=False), name="category_sensitive_shows_no_point"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CategoryText(models.Model):
    """A category's words in one language."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    group = models.CharField(max_length=80)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=600, blank=True)
    keywords = models.JSONField(default=list)

    class Meta:
        app_label = "cases"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["category", "language"], name="categorytext_per_language")
        ]


def read_questions(rows: list[dict[str, Any]]) -> tuple[Field, ...]:
    """Stored questions as fields.

    Each row has `code`, `datatype`, `label` (by language), and may have `required`, `hint` (by language), `choices`
    (`key`, `label` by language), `show_when` (`question`, `in`), `personal`, `minimum` and `maximum`.
    Raises `KeyError` or `ValueError`.
    """
    return tuple(
        Field(
            code=row["code"],
            datatype=row["datatype"],
            label=_source(row["label"]),
            labels=row["label"],
            hint=_source(row.get("hint") or {}),
            hints=row.get("hint") or {},
            required=bool(row.get("required")),
            choices=tuple(
                Choice(c["key"], _source(c["label"]), c["label"], bool(c.get("danger")))
                for c in row.get("choices") or ()
            ),
            show_when=(
                ShowWhen(row["show_when"]["question"], frozenset(row["show_when"]["in"]))
                if row.get("show_when")
                else None
            ),
            personal=bool(row.get("personal")),
            minimum=row.get("minimum"),
            maximum=row.get("maximum"),
        )
        for row in sorted(rows, key=lambda row: row.get("order", 0))
    )


def _source(words: Mapping[str, str]) -> str:
    return words.get("en") or next(iter(words.values()), "")


@dataclass(frozen=True)
class Known:
    """One category from memory: the row, its words by language, its questions as fields."""

    row: Category
    texts: Mapping[str, CategoryText]
    fields: tuple[Field, ...]
    found_by: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def text(self, language: str) -> CategoryText:
        """Its words in a language, in the base language, or in any."""
        return (
            self.texts.get(language)
            or self.texts.get(language.split("-")[0])
            or self.texts.get("en")
            or next(iter(self.texts.values()), None)
            or CategoryText(category=self.row, language="en", name=self.row.code, group="")
        )


def _load() -> dict[int, Known]:
    rows = Category.objects.prefetch_related("texts").order_by("order", "code")
    return {
        row.pk: Known(row, {text.language: text for text in row.texts.all()}, read_questions(row.questions))
        for row in rows
    }


categories = Remembered(_load, "categories")
"""Every category by id, retired ones too."""


def procedures_of(category_id: int | None) -> frozenset[str]:
    """The procedures that a category calls for: steps and counts that other categories don't have."""
    known = categories().get(category_id) if category_id else None
    return frozenset(known.row.procedures) if known else frozenset()


def by_code(code: str) -> Known | None:
    """The category with this code, retired or not."""
    return next((known for known in categories().values() if known.row.code == code), None)


def offered(channel: str = "web") -> list[Known]:
    """Categories that can be chosen today by this way in."""
    return [known for known in categories().values() if is_offered(known, channel)]


def is_offered(known: Known, channel: str = "web") -> bool:
    """True for a category in use whose kind takes reports by this way in."""
    from commonbeat.cases.kind import KINDS

    kind = known.row.kind
    return known.row.retired_at is None and kind in KINDS and KINDS[kind].takes(channel)
