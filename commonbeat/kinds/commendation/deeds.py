"""What the steps of a commendation do besides moving it, and who reads what stands on the files."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.task_queries import supervised
from commonbeat.cases.telling import channel_of
from commonbeat.community.agency import local_day
from commonbeat.community.models import User
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.journal.verbs import Tell
from commonbeat.kinds.commendation.models import Praise

NOBODY = N_("Choose at least one person.")
YOURSELF = N_("You cannot approve praise for yourself. Somebody else has to.")
NOT_AGREED = N_("Whoever wrote this did not agree that everybody may read it.")


def approve(deed: Deed) -> None:
    """Put it on the file of everybody who is praised, and tell them in the words that were approved."""
    chosen = {int(number) for number in deed.data.get("officers") or ()}
    people = list(User.objects.filter(pk__in=chosen, grants__isnull=False).distinct().order_by("name"))
    if not people or len(people) != len(chosen):
        raise Invalid([Problem("officers", NOBODY)])
    if deed.actor.user_id in chosen:
        raise Invalid([Problem("officers", YOURSELF)])
    public, answers = bool(deed.data.get("public")), deed.case.detail("answers", {})
    if public and not answers.get("thanks_public"):
        raise Invalid([Problem("public", NOT_AGREED)])
    words = str(deed.data["words"])
    for user in people:
        deed.make(
            Praise(
                user=user, case=deed.case, words=words, public=public, approved_at=deed.at,
                approved_by_id=deed.actor.staff_id,
            )
        )  # fmt: skip
        _tell(deed, user, words)
    deed.columns["outcome"] = "shared"
    deed.facts |= {"outcome": "shared", "public": public}
    deed.personal |= {"text": deed.data.get("message") or "", "reason": ", ".join(user.name for user in people)}
    deed.said = N_("We passed your thanks on. They stand on the file of whoever you thanked.")


def _tell(deed: Deed, user: User, words: str) -> None:
    if user.is_active:
        given = {"text": words, "by": deed.actor.name, "path": "/desk/commendations/"}
        channel = channel_of(user, "staff_commended")
        deed.tell.append(Tell(channel, user.email, "staff_commended", user.language, given, urgent=True))


def decline(deed: Deed) -> None:
    """Keep it to ourselves, for a reason: it is not about us, or not meant as thanks."""
    if not str(deed.data.get("reason") or "").strip():
        raise Invalid([Problem("reason", REQUIRED)])
    deed.columns["outcome"] = "declined"
    deed.facts |= {"outcome": "declined"}
    deed.personal |= {"text": deed.data.get("message") or "", "reason": deed.data["reason"]}
    deed.said = N_("We read it. We could not pass it on to anybody.")


def reopen(deed: Deed) -> None:
    """Take it from the files again, to approve it anew."""
    effects.reopen(deed)
    Praise.objects.filter(case=deed.case).delete()


def own_file(actor: Actor) -> QuerySet[Praise]:
    """What stands on one's own file, the latest first."""
    return _latest(Praise.objects.filter(user_id=actor.staff_id))


def files_of_people(actor: Actor, *, at: dt.datetime) -> QuerySet[Praise]:
    """What stands on the files of whom one supervises, by name and not by number: nobody is ranked (RULES 10)."""
    if not actor.has(Role.SUPERVISOR):
        return Praise.objects.none()
    mine = User.objects.filter(pk=actor.staff_id, team__isnull=False).values("team")
    below = User.objects.filter(supervised(actor, on=local_day(at)) | Q(team__in=mine)).exclude(pk=actor.staff_id)
    rows = Praise.objects.filter(user__in=below.values("pk")).select_related("user", "case", "approved_by")
    return rows.order_by("user__name", "user_id", "-approved_at")


def public_thanks() -> QuerySet[Praise]:
    """What everybody may read: its sender agreed, and whoever is thanked has a public profile."""
    return _latest(Praise.objects.filter(public=True, user__listed=True, user__is_active=True))


def _latest(rows: QuerySet[Praise]) -> QuerySet[Praise]:
    return rows.select_related("user", "case", "approved_by").order_by("-approved_at", "-pk")


def sender_of(row: Praise) -> str:
    """The name that the sender wants to stand beside their words, while the case keeps it."""
    answers = row.case.detail("answers", {}) if row.case else {}
    return str(answers.get("thanks_name") or "") if answers.get("thanks_public") else ""
