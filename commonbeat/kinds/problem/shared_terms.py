"""What problems, joint projects and reviews declare alike: how they begin, how long they stay, what is personal."""

from __future__ import annotations

from commonbeat.cases.kind import Intake, PersonalField
from commonbeat.core.retention import Retention
from commonbeat.core.text import N_
from commonbeat.kinds.problem.effects import GIVEN_UP

INTAKE = Intake(channels=(), categories=False, contact=False, photos=False, reported=False)
"""The department opens them itself; nobody reports one."""


def terms(learnt: str, *, ended: str = GIVEN_UP, nothing: str = N_("Nothing came of it.")) -> dict[str, Retention]:
    """How long they are kept: long, for what was `learnt`; shorter where they `ended` without anything done."""
    return {"default": Retention(10 * 365, learnt, least=3 * 365), ended: Retention(2 * 365, nothing, least=90)}


def personal(written: PersonalField) -> tuple[PersonalField, ...]:
    """What is kept of people: whoever is asked about an action, and what is `written`."""
    asked = PersonalField(
        N_("Name and e-mail address of a partner who is asked"), N_("To ask about an action"),
        N_("Until two years after the last case closes, or erasure on request"),
    )  # fmt: skip
    return asked, written
