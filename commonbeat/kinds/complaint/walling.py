"""Naming an officer builds the wall: subject and chain of command are kept out, and what they had is taken back."""

from __future__ import annotations

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Participant, Task
from commonbeat.cases.walls import KEPT_OUT, chain_of, may_see
from commonbeat.community.models import User
from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_

NO_SUCH_OFFICER = N_("Choose somebody of the department.")
NOBODY_LEFT = N_(
    "Nobody of professional standards would be left who may see this case. Give the role to somebody outside this "
    "officer's chain of command first."
)
CANNOT_SEE = N_("%(name)s may not see this case. Choose somebody of professional standards who is not involved.")


def officer_of(number: object) -> User:
    """The officer who was chosen, also one who has left. Raises `Invalid`."""
    found = User.objects.filter(pk=int(str(number)), grants__isnull=False).first()
    if found is None:
        raise Invalid([Problem("officer", NO_SUCH_OFFICER)])
    return found


def wall_off(deed: Deed, officer: User) -> None:
    """Keep this officer and their chain of command out of the case, and take from them what they had of it.

    Raises `Invalid` when nobody would be left to work it.
    """
    case = deed.case
    known = {(row.user_id, row.role) for row in case.participants.filter(role__in=KEPT_OUT)}
    chain = [user for user in chain_of(officer, at=deed.at) if (user.pk, Participant.Role.CHAIN) not in known]
    if (officer.pk, Participant.Role.SUBJECT) not in known:
        deed.make(_kept_out(deed, officer, Participant.Role.SUBJECT))
    for user in chain:
        deed.make(_kept_out(deed, user, Participant.Role.CHAIN))
    if not any(may_see(user, case, at=deed.at) for user in User.objects.holding(Role.STANDARDS)):
        raise Invalid([Problem("officer", NOBODY_LEFT)])
    _take_back(deed)


def _kept_out(deed: Deed, user: User, role: Participant.Role) -> Participant:
    return Participant(case=deed.case, user=user, role=role, created_at=deed.at)


def _take_back(deed: Deed) -> None:
    """Whoever worked the case and may not see it any more works it no more, nor has tasks on it."""
    owners = User.objects.filter(pk__in=Task.objects.filter(case=deed.case, done_at=None).values("owner"))
    out = [user.pk for user in owners if not may_see(user, deed.case, at=deed.at)]
    Task.objects.filter(case=deed.case, done_at=None, owner__in=out).update(owner=None)
    assignee = deed.case.assignee
    if assignee is not None and not may_see(assignee, deed.case, at=deed.at):
        deed.columns["assignee_id"] = None
        deed.personal["reason"] = assignee.name


def check_may_work(deed: Deed, user: User) -> None:
    """Raise `Invalid` when this person may not be given the case."""
    if not may_see(user, deed.case, at=deed.at):
        raise Invalid([Problem("user", CANNOT_SEE, {"name": user.name})])
