"""What a kind of case declares: plain data, with two hooks (`route` and a step's `then`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from commonbeat.cases.keeping import EVERY_OTHER, RetentionRule, retention_rules
from commonbeat.cases.routing import Decision, Facts
from commonbeat.core.actor import Role
from commonbeat.core.fields import Field
from commonbeat.core.registry import Registry
from commonbeat.core.retention import Retention
from commonbeat.core.workflow import Workflow

SCOPES = ("all", "team", "assigned", "unplaced")
EVERYWHERE = ("all",)
WORKERS_SEE: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    (Role.OFFICER, Role.CSO, Role.LIAISON, Role.PROGRAMME), ("all", "assigned")
)
"""Whoever works matters that are no secret among them: those of their areas, and what was given to them."""
COLLEAGUES_SEE: Mapping[str, tuple[str, ...]] = {
    **WORKERS_SEE, **dict.fromkeys((Role.SUPERVISOR, Role.RECORDS, Role.ADMIN), EVERYWHERE),
    Role.PARTNER: ("team", "assigned"),
}  # fmt: skip
"""The same, with those who lead, keep the records and administer, and partners for what is given to them."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How a kind gets in: its own questions before the category's, and what may be known of the sender.

    `place` is False where something may have happened at no place that anybody can name. `reported` is False where the
    department opens the matter itself: nobody comes back with a code, and no clock of an answer runs.
    `openers` are the roles that may open such a case at the desk, for somebody who called or came or on their own.
    `back` is the address of the page that takes the code of such a case.
    """

    fields: tuple[Field, ...] = ()
    channels: tuple[str, ...] = ("web", "phone", "counter", "paper", "text", "meeting", "open311", "api", "import")
    categories: bool = True
    contact: bool = True
    photos: bool = True
    place: bool = True
    reported: bool = True
    openers: frozenset[str] = frozenset()
    back: str = "/return/"


@dataclass(frozen=True, slots=True)
class PersonalField:
    """One line of the inventory of personal data: what, why, and how long."""

    name: str
    purpose: str
    kept: str


@dataclass(frozen=True)
class Kind:
    """One kind of case.

    `sees` maps a role to scopes (all, team, assigned, unplaced; "all" is narrowed by the areas or team of the grant,
    "unplaced" are cases of no area, which a grant for areas would never show). `notices` maps a step (or "opened") to
    the message template that tells about it. `retention` maps an outcome (or "default") to how long the case is kept,
    unless the agency set a time of its own. `public` says that a public card is projected. `walled` keeps out whoever
    commands a subject of the case, and tells nobody of it who does not see it. `sealed` keeps every word and photo
    under a key of the case outside the database, and destroys both by itself when its time is over. `idle_days` is
    after how long without any deed an open case ends by its step `expire`. `keeps_words` says that what was written
    stays until its time is over, also when whoever wrote it is erased: the law asks for the record. `led_by` is the
    role that hears of clocks that ran out. `clocks` maps a clock to the agency's number of days for it, where the law
    counts days and no category says hours; `hours` does so in hours around the clock, for what cannot wait for the
    office to open. `urgent` says that a clock that ran out is told at once. `noticed` says that staff note here
    themselves what residents could have reported: how willing people are to report is read beside it.
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
    walled: bool = False
    keeps_words: bool = False
    sealed: bool = False
    idle_days: int | None = None
    led_by: str = Role.SUPERVISOR
    clocks: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    urgent: bool = False
    noticed: bool = False
    personal: tuple[PersonalField, ...] = ()
    route: Callable[[Facts], Decision | None] | None = None

    def __post_init__(self) -> None:
        for role, scopes in self.sees.items():
            if not set(scopes) <= set(SCOPES):
                raise ValueError(f"{self.slug}: {role} sees {scopes}; use {', '.join(SCOPES)}.")
        if EVERY_OTHER not in self.retention:
            raise ValueError(f"{self.slug}: say how long a case is kept by default.")
        if self.sealed and (self.public or self.intake.contact):
            raise ValueError(f"{self.slug}: what is sealed has no public card and keeps nobody's contact.")

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
