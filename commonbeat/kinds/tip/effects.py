"""What the steps of a tip do besides moving it. Nothing that was written stands anywhere but in `deed.personal`."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import tell_handlers
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Task
from commonbeat.cases.telling import tell_staff
from commonbeat.community.models import User
from commonbeat.core.fields import Choice, Invalid, Problem
from commonbeat.core.text import N_

PRIORITIES = (
    Choice("urgent", N_("Urgent: somebody may be hurt")),
    Choice("high", N_("High: act within days")),
    Choice("normal", N_("Normal")),
    Choice("low", N_("Low")),
)
CREDIBILITY = (
    Choice("unknown", N_("Cannot be judged yet")),
    Choice("credible", N_("Credible: it fits what is known")),
    Choice("doubtful", N_("Doubtful")),
    Choice("not_credible", N_("Not credible")),
)
NO_TIPS = N_("%(name)s does not work on tips. Choose somebody whose role does.")
NEW_MESSAGE = N_("The sender of a tip wrote. Open the case to read it.")
WANTS_END = N_("The sender of a tip asks to close it.")


def triage(deed: Deed) -> None:
    """Keep how urgent and how credible it is; judged again, the later judgement holds."""
    deed.facts |= {"priority": deed.data["priority"], "credibility": deed.data["credibility"]}
    deed.columns["details"] = deed.case.details | deed.facts
    if deed.data.get("text"):
        deed.personal["text"] = deed.data["text"]


def assign(deed: Deed) -> None:
    """Give it to one person whose role works on tips; partners never get one."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is None:
        raise Invalid([Problem("user", effects.UNKNOWN_USER)])
    held = set(user.grants.filter(until__isnull=True).values_list("role", flat=True))
    if held.isdisjoint(deed.kind.sees):
        raise Invalid([Problem("user", NO_TIPS, {"name": user.name})])
    effects.check_handler(deed.case, user, at=deed.at)
    deed.columns["assignee_id"] = user.pk
    deed.facts["user"] = user.name
    if user.pk != deed.actor.user_id:  # once it is theirs, they may hear of it
        deed.later.append(lambda: tell_staff(deed, user, "staff_assigned", by=deed.actor.name))


def write(deed: Deed) -> None:
    """Keep what the sender writes, and make sure that somebody reads it: a closed tip opens again."""
    flow, state = deed.kind.workflow, deed.case.state
    deed.personal["text"] = deed.data["text"]
    if flow.state(state).closed:
        deed.columns["state"] = "reopened"
        deed.facts["reopened"] = True
    elif flow.state(state).waits:
        deed.columns["state"] = "working" if deed.case.assignee_id else "read"
    tell_handlers(deed, "staff_added", what=NEW_MESSAGE)


def ask_to_close(deed: Deed) -> None:
    """Note that the sender wants an end to it; whoever works it decides, and says so."""
    deed.columns["details"] = deed.case.details | {"wants_end": deed.at.isoformat()}
    tell_handlers(deed, "staff_added", what=WANTS_END)


def disclose(deed: Deed) -> None:
    """Record to whom it is given and why, before anything leaves the house (RULES 2)."""
    deed.facts["agency"] = deed.data["agency"]
    deed.personal["text"] = deed.data["reason"]


def close(deed: Deed) -> None:
    """Close with an outcome; what the sender is told is optional, because silence can protect somebody."""
    effects.resolve(deed)
    deed.columns["details"] = {k: v for k, v in deed.case.details.items() if k != "wants_end"}


def expire(deed: Deed) -> None:
    """Close what nobody has touched for so long that it cannot matter any more."""
    deed.columns["outcome"] = "expired"
    Task.objects.filter(case=deed.case, done_at__isnull=True).update(done_at=deed.at)


def pass_on(deed: Deed) -> None:
    """To a successor who works on tips, with the tasks."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user and set(user.grants.filter(until__isnull=True).values_list("role", flat=True)).isdisjoint(
        KINDS[deed.case.kind].sees
    ):
        raise Invalid([Problem("user", NO_TIPS, {"name": user.name})])
    effects.pass_on(deed)
