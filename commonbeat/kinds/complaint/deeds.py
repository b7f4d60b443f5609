"""What the steps of a complaint do besides moving it."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases import clocks as clock
from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.models import Task
from commonbeat.cases.telling import tell_owner, tell_staff, tell_user
from commonbeat.community.agency import close_of, local_day, setting, wall_clock
from commonbeat.community.models import User
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.complaint.diversion import divert
from commonbeat.kinds.complaint.models import Allegation, Appeal, Interview, Recommendation
from commonbeat.kinds.complaint.vocabulary import DAYS_OF, POLICY, outcome_of
from commonbeat.kinds.complaint.walling import check_may_work, officer_of, wall_off

WHO = N_("Choose the officer, or describe them in a few words.")
NO_SUCH_ALLEGATION = N_("Choose one of the allegations of this case.")
NOT_AFTER = N_("Choose a day after the one by which a decision is due now.")
NOTHING_ALLEGED = N_("Record first what is alleged. Close it without a finding if nothing is.")
NOT_FOUND_YET = N_("Every allegation needs a finding first. %(n)s still have none.")
NO_LESSON = N_("An allegation ended in “policy failure”. Write down first what should change, as a recommendation.")
BOTH_SIDES = N_("Mediation needs the agreement of both sides. Nobody is made to take part.")
ANOTHER_PERSON = N_("You made this decision. Somebody else decides on the appeal.")
TOO_LATE = N_("The time to appeal ended on %(day)s. Write to us if you have something new to tell.")
ONCE = N_("This was appealed and decided before. A court or an oversight body can look at it now.")
IN_FUTURE = N_("Give a time that is not after now.")


def announce(deed: Deed) -> None:
    """Tell professional standards that a complaint came in: its reference, and nothing of what it says (RULES 9)."""
    people = Supervisors(deed.kind.led_by, at=deed.at).of(deed.case)
    deed.tell += [tell_user(user, deed.case, "staff_complaint", words={}) for user in people]
    deed.facts["to"] = [user.name for user in people]


# --- who works it ----------------------------------------------------------------------------------


def assign(deed: Deed) -> None:
    """Give the case to somebody who may see it."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is None:
        raise Invalid([Problem("user", effects.UNKNOWN_USER)])
    check_may_work(deed, user)
    deed.columns["assignee_id"] = user.pk
    deed.facts["user"] = user.name
    if user.pk != deed.actor.user_id:
        tell_staff(deed, user, "staff_assigned", by=deed.actor.name)


def pass_on(deed: Deed) -> None:
    """Give the case to a successor who may see it."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is not None:
        check_may_work(deed, user)
    effects.pass_on(deed)
    deed.words["officer"] = ""  # who looks into a complaint is told in person, not by a form letter


# --- what it is about ------------------------------------------------------------------------------


def classify(deed: Deed) -> None:
    """Set the level, and with it the day by which a decision is due, counted from the day it came in."""
    level = str(deed.data["level"])
    days = int(setting(DAYS_OF[level]))
    due = close_of(local_day(deed.case.opened_at) + dt.timedelta(days=days))
    deed.columns["details"] = deed.case.details | {"level": level}
    deed.columns["clocks"] = clock.start_until(deed.case.clocks, "decide", due)
    deed.facts |= {"level": level, "due": due}
    deed.personal["reason"] = deed.data.get("reason") or ""


def allege(deed: Deed) -> None:
    """Record one allegation; an officer who is named is kept out from now on, with their chain of command."""
    described, number = str(deed.data.get("described") or ""), deed.data.get("officer")
    if not number and not described:
        raise Invalid([Problem("officer", WHO)])
    officer = officer_of(number) if number else None
    made = Allegation(
        case=deed.case, sort=str(deed.data["allegation"]), officer=officer, described=described,
        text=str(deed.data["text"]), made_at=deed.at,
    )  # fmt: skip
    deed.make(made)
    deed.personal["text"] = made.text
    if officer:
        deed.personal["officer"] = officer.name
        wall_off(deed, officer)


def identify(deed: Deed) -> None:
    """Say who the officer of an allegation is."""
    row, officer = _allegation(deed), officer_of(deed.data["officer"])
    Allegation.objects.filter(pk=row.pk).update(officer=officer)
    deed.personal |= {"officer": officer.name, "text": row.text}
    wall_off(deed, officer)


def strike(deed: Deed) -> None:
    """Take an allegation out that should not be there; its words and the wall stay."""
    row = _allegation(deed)
    Allegation.objects.filter(pk=row.pk).update(struck_at=deed.at)
    deed.personal |= {"text": row.text, "reason": deed.data["reason"]}


def standing(case_id: int) -> list[Allegation]:
    """The allegations of a case that were not taken out, in the order in which they were recorded."""
    rows = Allegation.objects.filter(case=case_id, struck_at=None)
    return list(rows.select_related("officer", "found_by").order_by("pk"))


def _allegation(deed: Deed) -> Allegation:
    number = str(deed.data["which"])
    found = next((row for row in standing(deed.case.pk) if str(row.pk) == number), None)
    if found is None:
        raise Invalid([Problem("which", NO_SUCH_ALLEGATION)])
    return found


# --- looking into it -------------------------------------------------------------------------------


def interview(deed: Deed) -> None:
    """Keep whom we heard, and what they said."""
    held_at = wall_clock(str(deed.data["held_at"]))
    if held_at > deed.at:
        raise Invalid([Problem("held_at", IN_FUTURE)])
    deed.make(
        Interview(
            case=deed.case, role=str(deed.data["role"]), name=str(deed.data.get("name") or ""),
            how=str(deed.data["how"]), held_at=held_at, text=str(deed.data["text"]), made_at=deed.at,
            made_by_id=deed.actor.staff_id,
        )
    )  # fmt: skip
    deed.personal["text"] = deed.data.get("name") or ""


def answer(deed: Deed) -> None:
    """Take an answer, and go on where the question interrupted: a level that was set stays set."""
    effects.answer(deed)
    if deed.case.detail("level"):
        deed.columns["state"] = "investigating"


def update(deed: Deed) -> None:
    """News to the complainant; the next ones are due so many days later."""
    due = close_of(local_day(deed.at) + dt.timedelta(days=int(setting("complaint_interim_days"))))
    deed.columns["clocks"] = clock.start_until(deed.case.clocks, "interim", due)


def extend(deed: Deed) -> None:
    """Move the day of the decision, with the reason for the record and words for the complainant."""
    until = dt.date.fromisoformat(str(deed.data["until"])[:10])
    before = (deed.case.clocks.get("decide") or {}).get("due")
    today = local_day(deed.at)
    if until <= max(today, local_day(dt.datetime.fromisoformat(before)) if before else today):
        raise Invalid([Problem("until", NOT_AFTER)])
    due = close_of(until)
    deed.columns["clocks"] = clock.start_until(deed.case.clocks, "decide", due)
    deed.facts |= {"due": due}
    deed.personal["reason"] = deed.data["reason"]


def find(deed: Deed) -> None:
    """Say what was found on one allegation, and why."""
    row = _allegation(deed)
    found = str(deed.data["finding"])
    Allegation.objects.filter(pk=row.pk).update(
        finding=found, reason=str(deed.data["reason"]), found_at=deed.at, found_by=deed.actor.user_id
    )
    deed.facts["finding"] = found
    deed.personal |= {"text": row.text, "reason": deed.data["reason"]}


def recommend(deed: Deed) -> None:
    """Write down what a policy or a training should learn: command staff read it, without the case."""
    made = Recommendation(
        case=deed.case, about=str(deed.data["about"]), text=str(deed.data["text"]), made_at=deed.at,
        made_by_id=deed.actor.staff_id,
    )  # fmt: skip
    deed.make(made)
    deed.personal["text"] = f"{made.about}: {made.text}"


def mediate(deed: Deed) -> None:
    """Pause the case while both sides talk it over; what they say there is the mediator's alone."""
    if not deed.data.get("both"):
        raise Invalid([Problem("both", BOTH_SIDES)])
    deed.facts["mediation"] = divert(deed).pk


def mediated(deed: Deed) -> None:
    """Both sides agreed: this is how it ends."""
    _close(deed, "mediated", final=True)


# --- deciding --------------------------------------------------------------------------------------


def decide(deed: Deed) -> None:
    """End it by what was found on each allegation; every one has a finding, and policies learn from it."""
    rows = standing(deed.case.pk)
    if not rows:
        raise Invalid([Problem("message", NOTHING_ALLEGED)])
    open_ones = sum(not row.finding for row in rows)
    if open_ones:
        raise Invalid([Problem("message", NOT_FOUND_YET, {"n": open_ones})])
    learned = Recommendation.objects.filter(case=deed.case).exists()
    if any(row.finding == POLICY for row in rows) and not learned:
        raise Invalid([Problem("message", NO_LESSON)])
    _close(deed, outcome_of(row.finding for row in rows))


def close(deed: Deed) -> None:
    """End it without a finding, for a reason that is told."""
    _close(deed, str(deed.data["outcome"]))


def _close(deed: Deed, outcome: str, *, final: bool = False) -> None:
    """End it with an outcome and a letter; unless this is `final`, it can be appealed for some days."""
    final = final or Appeal.objects.filter(case=deed.case).exists()
    until = local_day(deed.at) + dt.timedelta(days=int(setting("complaint_appeal_days")))
    deed.columns["outcome"] = outcome
    deed.columns["details"] = deed.case.details | {
        "decided": outcome, "decided_by": deed.actor.user_id, "decided_on": local_day(deed.at).isoformat(),
        "appeal_until": "" if final else until.isoformat(),
    }  # fmt: skip
    deed.facts |= {"outcome": outcome}
    deed.personal |= {"text": deed.data.get("message") or "", "reason": deed.data.get("reason") or ""}
    deed.said = said.public if (said := deed.kind.workflow.outcome(outcome)) else ""
    Task.objects.filter(case=deed.case, done_at__isnull=True).exclude(sort__in=effects.PROMISED).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )


def appeal(deed: Deed) -> None:
    """The complainant asks for another look, within the days that the letter named; once."""
    if not str(deed.data.get("text") or "").strip():
        raise Invalid([Problem("text", REQUIRED)])
    until = deed.case.detail("appeal_until")
    if Appeal.objects.filter(case=deed.case, decided_at__isnull=False).exists():
        raise Invalid([Problem("text", ONCE)])
    if until and local_day(deed.at) > dt.date.fromisoformat(until):
        raise Invalid([Problem("text", TOO_LATE, {"day": until})])
    made = Appeal(
        case=deed.case, asked_at=deed.at, text=str(deed.data["text"]), against=deed.case.outcome,
        of_id=deed.case.detail("decided_by"),
    )  # fmt: skip
    deed.make(made)
    deed.personal["text"] = made.text
    due = close_of(local_day(deed.at) + dt.timedelta(days=int(setting("complaint_review_days"))))
    deed.columns["clocks"] = clock.start_until(deed.case.clocks, "appeal", due)
    tell_owner(deed, "staff_reopened")


def uphold(deed: Deed) -> None:
    """Another person looked: the decision stands."""
    row = _decide_appeal(deed, upheld=True)
    _close(deed, row.against, final=True)


def grant(deed: Deed) -> None:
    """Another person looked: it is looked into again, and not by whoever decided."""
    row = _decide_appeal(deed, upheld=False)
    days = int(setting(DAYS_OF.get(deed.case.detail("level", ""), "complaint_decide_days")))
    ticking = deed.columns.get("clocks", deed.case.clocks)
    due = close_of(local_day(deed.at) + dt.timedelta(days=days))
    deed.columns["clocks"] = clock.start_until(ticking, "decide", due)
    if deed.case.assignee_id == row.of_id:
        deed.columns["assignee_id"] = None


def _decide_appeal(deed: Deed, *, upheld: bool) -> Appeal:
    row = Appeal.objects.filter(case=deed.case, decided_at=None).first()
    if row is None:
        raise Invalid([Problem("message", N_("No appeal is open on this case."))])
    if row.of_id is not None and row.of_id == deed.actor.user_id:
        raise Invalid([Problem("message", ANOTHER_PERSON)])
    Appeal.objects.filter(pk=row.pk).update(decided_at=deed.at, decided_by=deed.actor.user_id, upheld=upheld)
    deed.facts["upheld"] = upheld
    return row
