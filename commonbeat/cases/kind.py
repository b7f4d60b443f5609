"""What a kind of case declares: plain data, with two hooks (`route` and a step's `then`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from commonbeat.cases.keeping import EVERY_OTHER, RetentionRule, retention_rules
from commonbeat.cases.routing import Decision, Facts
from commonbeat.core.fields import Field
from commonbeat.core.registry import Registry
from commonbeat.core.retention import Retention
from commonbeat.core.workflow import Workflow

SCOPES = ("all", "team", "assigned")


@dataclass(frozen=True, slots=True)
class Intake:
    """How a kind gets in: its own questions before the category's, and what may be known of the sender."""

    fields: tuple[Field, ...] = ()
    channels: tuple[str, ...] = ("web", "phone", "counter", "paper", "text", "meeting", "open311", "api", "import")
    categories: bool = True
    contact: bool = True
    photos: bool = True


@dataclass(frozen=True, slots=True)
class PersonalField:
    """One line of the inventory of personal data: what, why, and how long."""

    name: str
    purpose: str
    kept: str


@dataclass(frozen=True)
class Kind:
    """One kind of case.

    `sees` maps a role to scopes (all, team, assigned; "all" is narrowed by the areas or team of the grant).
    `notices` maps a step (or "opened") to the message template that tells about it. `retention` maps an outcome (or
    "default") to how long the case is kept, unless the agency set a time of its own. `public` says that a public card
    is projected.
    """

    slug: str
    label: str
    plural: str
    workflow: Workflow
    sees: Mapping[str, tuple[str, ...]]
    retention: Mapping[str, Retention]
    intake: Intake = Intake()
    notices: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    personal: tuple[PersonalField, ...] = ()
    route: Callable[[Facts], Decision | None] | None = None

    def __post_init__(self) -> None:
        for role, scopes in self.sees.items():
            if not set(scopes) <= set(SCOPES):
                raise ValueError(f"{self.slug}: {role} sees {scopes}; use {', '.join(SCOPES)}.")
        if EVERY_OTHER not in self.retention:
            raise ValueError(f"{self.slug}: say how long a case is kept by default.")

    def takes(self, channel: str) -> bool:
        """True when reports by category come in this way."""
        return self.intake.categories and channel in self.intake.channels

    def keep(self, outcome: str) -> Retention:
        """How long a case with this outcome is kept here: as the agency set it, or else as declared."""
        rule, declared = self.rule(outcome), self.declared(outcome)
        return declared.as_set(rule.days, rule.basis) if rule else declared

    def declared(self, outcome: str) -> Retention:
        """How long a case with this outcome is kept when the agency says nothing."""
        return self.retention.get(outcome, self.retention[EVERY_OTHER])

    def rule(self, outcome: str) -> RetentionRule | None:
        """The agency's rule for this outcome; a rule for every other one gives way to a time declared for this one."""
        rules = retention_rules()
        general = None if outcome in self.retention else rules.get((self.slug, EVERY_OTHER))
        return rules.get((self.slug, outcome), general)


KINDS: Registry[Kind] = Registry("kind")
