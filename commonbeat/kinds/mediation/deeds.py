"""What the steps of a mediation do besides moving it."""

from __future__ import annotations

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.telling import tell_owner, tell_user
from commonbeat.cases.walls import KEPT_OUT, chain_of, may_see
from commonbeat.community.agency import setting
from commonbeat.community.models import User
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.mediation.vocabulary import AGREEMENT, FIRST, OFFICER, OTHER, STRONGER, risks_in
from commonbeat.talks import agreeing, sides
from commonbeat.talks.models import Side

NO_OFFICER = N_("Choose an officer of the department.")
NO_BALANCE = N_("Write what is done so that both can speak freely.")
NOT_AGREED = N_("This outcome stands for an agreement to which every side said yes.")
HAS_AGREEMENT = N_("Every side said yes to an agreement. Close it as mediated with an agreement, or talk again.")
FIRST_CALLED = N_("the one who asked")
OFFICER_CALLED = N_("the officer")


def add_side(deed: Deed) -> None:
    """Take somebody in as the other side; whoever asked becomes a side with the first of them."""
    sides.add_reporter(deed, role=FIRST, called=FIRST_CALLED)
    sides.add_side(deed, role=OTHER)


def divert(deed: Deed) -> None:
    """A complaint comes over: whoever complained and the officers are the sides. The wall around them comes along."""
    sides.add_reporter(deed, role=FIRST, called=FIRST_CALLED)
    wanted = [int(one) for one in deed.data["officers"] if str(one).isdigit()]
    officers = list(User.objects.filter(pk__in=wanted, grants__isnull=False).distinct().order_by("pk"))
    if not officers:
        raise Invalid([Problem("officers", NO_OFFICER)])
    for officer in officers:
        part = Participant(
            case=deed.case, role=Participant.Role.SUBJECT, user=officer, told_by="email", created_at=deed.at
        )
        deed.make(part)
        deed.make(
            Side(case=deed.case, participant=part, role=OFFICER, called=OFFICER_CALLED, way="email",
                 language=officer.language, made_at=deed.at)
        )  # fmt: skip
        for user in chain_of(officer, at=deed.at):
            if not deed.case.participants.filter(user=user, role__in=KEPT_OUT).exists():
                chain = Participant(case=deed.case, role=Participant.Role.CHAIN, user=user, created_at=deed.at)
                deed.make(chain)


def screen(deed: Deed) -> None:
    """Look before anything else whether talks are safe and free; where they are not, nothing goes on from here."""
    answers = {name: str(value) for name, value in deed.data.items()}
    found = risks_in(answers)
    if answers["power"] == STRONGER and not answers.get("balance"):
        raise Invalid([Problem("balance", NO_BALANCE)])
    deed.columns["details"] = deed.case.details | {"screening": {"answers": answers, "risks": found}}
    deed.facts["suitable"] = not found
    if found:
        deed.columns["state"] = "intake"


def invite(deed: Deed) -> None:
    """Ask every side, each by their own way, whether they take part."""
    sides.ask_sides(deed, template="talks_asked", days=int(setting("talks_answer_days")))


def refuse(deed: Deed) -> None:
    """Mediation is not the right way: whoever asked hears why, and where else to turn; the others hear that it ends."""
    deed.columns["outcome"] = "inappropriate"
    deed.facts |= {"outcome": "inappropriate", "referral": deed.data["referral"]}
    deed.personal |= {"text": deed.data["message"], "reason": deed.data.get("reason") or ""}
    _tell_those_asked(deed)
    _end(deed)


def close(deed: Deed) -> None:
    """End it with an outcome; every side reads the same words, whoever said what."""
    outcome = str(deed.data["outcome"])
    agreed = bool(deed.case.detail("agreed_on"))
    if outcome == AGREEMENT and not agreed:
        raise Invalid([Problem("outcome", NOT_AGREED)])
    if outcome in {"no_agreement", "declined", "no_contact", "no_show"} and agreed:
        raise Invalid([Problem("outcome", HAS_AGREEMENT)])
    effects.resolve(deed)
    _tell_those_asked(deed)
    _end(deed)


def withdraw(deed: Deed) -> None:
    """A side does not want to go on: it ends for everybody, and nobody hears who it was."""
    sides.by_side(deed)
    sides.call_off_all(deed)
    deed.columns["outcome"] = "withdrawn"
    deed.facts["outcome"] = "withdrawn"
    deed.personal["reason"] = deed.data.get("reason") or ""
    tell_owner(deed, "staff_added", what=N_("A side of the talks does not want to go on."))
    _tell_those_asked(deed)
    _end(deed)


def _tell_those_asked(deed: Deed) -> None:
    """The sides that were asked; whoever asked for it hears by the step itself."""
    ended = deed.kind.workflow.outcome(deed.columns["outcome"])
    those = [side for side in sides.sides_of(deed.case) if side.asked_at and side.role != FIRST]
    if ended:
        deed.said = ended.public
        sides.tell_sides(deed, ended.public, only=those)


def _end(deed: Deed) -> None:
    """Close what was still to do, and tell whoever works the matter that this came from: the outcome, nothing more."""
    Task.objects.filter(case=deed.case, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    number = deed.case.detail("origin")
    origin = Case.objects.filter(pk=number, closed_at=None).select_related("assignee").first() if number else None
    owner = origin.assignee if origin else None
    if origin and owner and owner.is_active and owner.pk != deed.actor.user_id and may_see(owner, origin, at=deed.at):
        deed.tell.append(
            tell_user(owner, origin, "staff_added", words={"what": N_("The mediation that came from it has ended.")})
        )


def reopen(deed: Deed) -> None:
    """Begin again: everybody is asked anew."""
    agreeing.talk_again(deed)
    tell_owner(deed, "staff_reopened")


def record_quick(deed: Deed) -> None:
    """What was settled on the spot, as it was told: ended with its outcome."""
    effects.resolve(deed)
    deed.columns["assignee_id"] = deed.actor.user_id
    deed.personal["text"] = str(deed.data.get("agreed") or "")
