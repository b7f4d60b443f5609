"""Notices to owners: served with a day by which things are put right, looked at again, and extended or escalated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from commonbeat.cases.categories import categories
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.telling import tell_user
from commonbeat.cases.work_records import Inspection, Notice
from commonbeat.community.agency import calendar, close_of, local_day
from commonbeat.community.people import find_or_make_person
from commonbeat.core.fields import Choice, Field, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.core.working_time import working_day_after

CURE_DAYS = 10
"""Working days where the category says nothing."""

WAYS = (
    Choice("handed", N_("Handed over")),
    Choice("mailed", N_("By mail")),
    Choice("posted", N_("Posted at the property")),
    Choice("email", N_("By e-mail")),
)
FOUND = (
    Choice("complied", N_("All of it was put right")),
    Choice("partly", N_("Some of it was put right")),
    Choice("not", N_("Nothing was put right")),
)
LEFT = frozenset({"partly", "not"})
FIELDS = (
    Field("violations", N_("What has to be put right"), "text", required=True,
          hint=N_("One in a line, with the section of the code. The owner reads this.")),
    Field("owner_name", N_("Owner's name"), personal=True,
          hint=N_("Leave empty when the owner is on this case already.")),
    Field("owner_address", N_("Owner's address for letters"), personal=True),
    Field("owner_email", N_("Owner's e-mail address"), personal=True, hint=N_("Questions to them go there.")),
    Field("owner_phone", N_("Owner's telephone number"), personal=True, maximum=40),
    Field("owner_language", N_("Owner's language"), source="language", initial="en", 
          hint=N_("The letter is printed in it.")),
    Field("how", N_("How the notice is served"), "singlevaluelist", required=True, choices=WAYS),
    Field("cure_on", N_("To be put right by"), "datetime",
          hint=N_("Leave empty for the category's own time, in working days.")),
)  # fmt: skip
INSPECTION_FIELDS = (
    Field("found", N_("What you found"), "singlevaluelist", required=True, choices=FOUND),
    Field("text", N_("What you saw"), "text", required=True, hint=N_("For the record; the reporter does not read it.")),
    Field(
        "next", N_("What happens next"), "singlevaluelist", show_when=ShowWhen("found", LEFT), required=True,
        choices=(Choice("extend", N_("More time")), Choice("escalate", N_("To a supervisor, who decides"))),
    ),
    Field("extend_to", N_("New day"), "datetime", show_when=ShowWhen("next", frozenset({"extend"}))),
    Field("reason", N_("Why there is more time"), "text", show_when=ShowWhen("next", frozenset({"extend"}))),
)  # fmt: skip

NO_OWNER = N_("Enter the owner's name: nobody is on this case as its owner yet.")
BAD_EMAIL = N_("Enter a whole e-mail address such as owner@example.org, or leave it empty.")
NO_ADDRESS = N_("Enter the address that the letter goes to.")
NO_EMAIL = N_("Enter the e-mail address that the notice goes to.")
NOT_AFTER_TODAY = N_("Choose a day after today.")
NO_REASON = N_("Write why the owner gets more time.")
NO_NOTICE = N_("There is no notice on this case. Serve one first.")


def owner_of(case: Case) -> Participant | None:
    """The owner as last named on a case."""
    owners = case.participants.filter(role=Participant.Role.OWNER).select_related("person")
    return owners.order_by("-id").first()


def latest_notice(case: Case) -> Notice | None:
    """The notice that a look is about."""
    return Notice.objects.filter(case=case).order_by("-served_at", "-id").first()


def cure_day(notice: Notice, looks: Iterable[Inspection]) -> dt.date:
    """The day that holds now: the one of the notice, or the latest that it was extended to."""
    given = [look for look in looks if look.extended_to]
    latest = max(given, key=lambda look: (look.inspected_at, look.pk), default=None)
    return latest.extended_to if latest and latest.extended_to else notice.cure_on


def default_cure_day(case: Case, *, at: dt.datetime) -> dt.date:
    """The category's days from today, in working days."""
    known = categories().get(case.category_id) if case.category_id else None
    days = (known.row.cure_days if known else None) or CURE_DAYS
    return working_day_after(local_day(at), days, calendar())


def serve(deed: Deed) -> None:
    """Serve a notice: the owner becomes a contact of the case, and the days to put things right begin."""
    given = deed.data
    cure_on = _later_day(deed, "cure_on") or default_cure_day(deed.case, at=deed.at)
    owner = _owner(deed)
    notice = Notice(
        case=deed.case, owner=owner, how=given["how"], violations=given["violations"], cure_on=cure_on,
        served_at=deed.at, served_by_id=deed.actor.user_id,
    )  # fmt: skip
    deed.make(notice)
    _look_by(deed, cure_on)
    deed.facts |= {"notice": notice.pk, "due": close_of(cure_on)}


def _later_day(deed: Deed, code: str) -> dt.date | None:
    if not deed.data.get(code):
        return None
    day = dt.date.fromisoformat(deed.data[code][:10])
    if day <= local_day(deed.at):
        raise Invalid([Problem(code, NOT_AFTER_TODAY)])
    return day


def _owner(deed: Deed) -> Participant:
    given = deed.data
    contact = {name: str(given.get(f"owner_{name}") or "").strip() for name in ("name", "email", "phone", "address")}
    known = owner_of(deed.case)
    if known and known.person and not known.person.shredded_at and not any(contact.values()):
        person = known.person
        _check_way(given["how"], email=person.email, address=person.address)
        return known
    if not contact["name"]:
        raise Invalid([Problem("owner_name", NO_OWNER)])
    if contact["email"] and "@" not in contact["email"].strip("@"):
        raise Invalid([Problem("owner_email", BAD_EMAIL)])
    _check_way(given["how"], email=contact["email"], address=contact["address"])
    language = given.get("owner_language") or "en"
    person_made = find_or_make_person(**contact, language=language, apart=deed.kind.walled, at=deed.at)
    owner = Participant(
        case=deed.case, role=Participant.Role.OWNER, person=person_made,
        told_by="email" if contact["email"] else "none", created_at=deed.at,
    )  # fmt: skip
    deed.make(owner)
    return owner


def _check_way(how: str, *, email: str, address: str) -> None:
    if how == "mailed" and not address:
        raise Invalid([Problem("owner_address", NO_ADDRESS)])
    if how == "email" and not email:
        raise Invalid([Problem("owner_email", NO_EMAIL)])


def _look_by(deed: Deed, day: dt.date) -> None:
    """The clock of the state and a task in the list of whoever works the case."""
    deed.runs_until = close_of(day)
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(
        Task(case=deed.case, sort="reinspect", text="", owner_id=owner, due_at=deed.runs_until, created_at=deed.at)
    )


def reinspect(deed: Deed) -> None:
    """Look whether a notice was followed: done, more time, or a supervisor decides."""
    notice, given = latest_notice(deed.case), deed.data
    if notice is None:
        raise Invalid([Problem("", NO_NOTICE)])
    Task.objects.filter(case=deed.case, sort="reinspect", done_at=None).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )
    extended = _extension(deed) if given.get("next") == "extend" else None
    look = Inspection(
        notice=notice, found=given["found"], extended_to=extended, inspected_at=deed.at,
        inspected_by_id=deed.actor.user_id,
    )  # fmt: skip
    deed.make(look)
    deed.facts |= {"notice": notice.pk, "found": look.found}
    deed.personal |= {"text": given["text"], "reason": given.get("reason") or ""}
    if extended:
        deed.columns.pop("state", None)  # the owner's days go on
        deed.facts["due"] = close_of(extended)
    elif look.found in LEFT:
        deed.facts["escalated"] = True
        people = Supervisors(at=deed.at).of(deed.case)
        deed.tell += [tell_user(user, deed.case, "staff_not_complied", words={}) for user in people]


def _extension(deed: Deed) -> dt.date:
    day = _later_day(deed, "extend_to")
    problems = [] if day else [Problem("extend_to", NOT_AFTER_TODAY)]
    if not str(deed.data.get("reason") or "").strip():
        problems.append(Problem("reason", NO_REASON))
    if day is None or problems:
        raise Invalid(problems)
    _look_by(deed, day)
    return day
