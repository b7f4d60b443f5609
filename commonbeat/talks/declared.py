"""What kinds of talks declare alike: who sees them, how long what came to nothing is kept, what the notes are."""

from __future__ import annotations

from commonbeat.cases.kind import PersonalField
from commonbeat.core.actor import Role
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_

_MINE = ("assigned",)
SEES: dict[str, tuple[str, ...]] = {
    Role.LIAISON: ("all", "unplaced", "assigned"),
    Role.OFFICER: _MINE,
    Role.CSO: _MINE,
    Role.PROGRAMME: _MINE,
    Role.PARTNER: _MINE,
    Role.RECORDS: ("all", "unplaced"),
}
"""Those who arrange talks see all; whoever leads some sees these."""
CAME_TO_NOTHING = {
    outcome: Retention(365, N_("Nothing came of it."), least=30)
    for outcome in ("inappropriate", "declined", "no_contact", "withdrawn")
}
SAFETY = PersonalField(N_("Answers about safety"), N_("To bring nobody into danger"), N_("As long as the case"))
NOTES = PersonalField(
    N_("Sealed notes of who leads the talks"), N_("To prepare the talks; for them alone"),
    N_("Until 90 days after the end; the key is destroyed with them"),
)  # fmt: skip
