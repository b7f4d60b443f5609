"""What a kind of activity declares: plain data. Planning, agenda, record, history and undo come from this floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from commonbeat.cases.kind import PersonalField
from commonbeat.core.fields import Choice
from commonbeat.core.registry import Registry
from commonbeat.core.retention import Retention

TOPIC, QUESTION, PROGRESS, PROMISE = "topic", "question", "progress", "promise"
"""Sorts of points on an agenda: a topic, a question, how a case stands, and a promise that is reported back."""


@dataclass(frozen=True)
class ActivityKind:
    """One kind of activity.

    `formats` are its ways of meeting, in the field's words. `plans` are the roles that plan, change, call off and
    record, in the areas of their grants; `reads` are those that read its page on the desk (what is not public only in
    their areas). `agenda` maps the sorts of points that people add to their words. `promises` says that what was
    promised before comes onto the agenda by itself. `note` is how long the internal note and the words of the history
    are kept after it ended. `route` is the word in the addresses of its pages.
    """

    slug: str
    label: str
    plural: str
    formats: tuple[Choice, ...]
    plans: frozenset[str]
    reads: frozenset[str]
    agenda: Mapping[str, str]
    note: Retention
    promises: bool = False
    personal: tuple[PersonalField, ...] = ()

    def __post_init__(self) -> None:
        if not self.plans <= self.reads:
            raise ValueError(f"{self.slug}: whoever plans reads it as well.")
        if not self.formats:
            raise ValueError(f"{self.slug}: name at least one format.")

    def format_label(self, key: str) -> str:
        """The source text of a format; the key for one that is offered no more."""
        return next((choice.label for choice in self.formats if choice.key == key), key)


ACTIVITIES: Registry[ActivityKind] = Registry("kind of activity")
