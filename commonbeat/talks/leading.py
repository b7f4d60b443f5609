"""Who may lead talks: nobody who is named in them, works with somebody who is, or took part in what came before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case
from commonbeat.cases.telling import tell_staff
from commonbeat.cases.walls import KEPT_OUT
from commonbeat.community.agency import local_day
from commonbeat.community.cover import running
from commonbeat.community.models import AreaAssignment, User
from commonbeat.core.actor import WORKERS, Role
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry

LEADERS = WORKERS | {Role.PARTNER}
"""Roles that may lead talks; partners are mediators of another organisation."""
UNKNOWN = N_("Choose somebody who can sign in and may lead talks.")
NAMED = N_("%(name)s is named in this matter, or commands somebody who is. Choose somebody else.")
COLLEAGUE = N_("%(name)s works in one team with an officer who takes part. Choose somebody else.")
TOOK_PART = N_("%(name)s worked on what this came from. Choose somebody else, or write why it is fair all the same.")
OWN_BEAT = N_("%(name)s looks after the area where this happens. Choose somebody else, or write why it is fair.")
KNOWS = N_("Nobody leads talks between people they know. Choose somebody else.")
WITH_OFFICER = N_("With an officer as a side there is no exception. Choose somebody else.")

FIELDS = (
    Field("user", N_("Who leads the talks"), source="talks_leader", required=True),
    Field("knows", N_("Do they know one of the sides, or are they related?"), "singlevaluelist", required=True,
          choices=(Choice("no", N_("No, I asked them")), Choice("yes", N_("Yes")))),
    Field("reason", N_("Why it is fair all the same"), "text",
          hint=N_("Only where they worked on this before, or look after the area.")),
)  # fmt: skip


@dataclass(frozen=True)
class Conflicts:
    """What speaks against somebody: `never` cannot be set aside, `doubts` only with a reason on record."""

    never: tuple[str, ...]
    doubts: tuple[str, ...]


def conflicts_of(user: User, case: Case, *, at: dt.datetime) -> Conflicts:
    """Everything that the records tell of somebody's interest in a matter."""
    never, doubts = [], []
    people = case.participants.filter(user__isnull=False).values_list("user_id", "user__team_id", "role")
    if any(number == user.pk and role in (*KEPT_OUT, "third_party") for number, _team, role in people):
        never.append(NAMED)
    officers = {team for _number, team, role in people if role == "subject"}
    if user.team_id is not None and user.team_id in officers:
        never.append(COLLEAGUE)
    origin = case.detail("origin")
    if origin and Entry.objects.about("case", origin).filter(actor_sort="staff", actor_id=user.pk).exists():
        doubts.append(TOOK_PART)
    today = local_day(at)
    if case.area_id and AreaAssignment.objects.filter(running(today), user=user, area=case.area_id).exists():
        doubts.append(OWN_BEAT)
    if officers and doubts:
        never.append(WITH_OFFICER)
    return Conflicts(tuple(never), tuple(doubts))


def choose_leader(deed: Deed) -> None:
    """Give the talks to somebody without an interest in them; what could look like one needs a reason on record."""
    user = User.objects.active().filter(pk=int(deed.data["user"]), grants__role__in=LEADERS).first()
    if user is None:
        raise Invalid([Problem("user", UNKNOWN)])
    if deed.data["knows"] == "yes":
        raise Invalid([Problem("knows", KNOWS)])
    check_leader(user, deed.case, reason=str(deed.data.get("reason") or ""), at=deed.at)
    deed.columns["assignee_id"] = user.pk
    deed.facts["user"] = user.name
    deed.personal["reason"] = deed.data.get("reason") or ""
    if user.pk != deed.actor.user_id:  # after the case is written: before, they may not see it
        deed.later.append(lambda: tell_staff(deed, user, "staff_assigned", by=deed.actor.name))


def check_leader(user: User, case: Case, *, reason: str, at: dt.datetime) -> None:
    """Raise `Invalid` where somebody may not lead these talks, or only with a reason that is not there."""
    found = conflicts_of(user, case, at=at)
    against = found.never or (() if reason.strip() else found.doubts)
    if against:
        raise Invalid([Problem("user", words, {"name": user.name} if "%(name)s" in words else {}) for words in against])
