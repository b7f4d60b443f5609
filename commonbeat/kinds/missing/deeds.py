"""What the steps of a missing person's case do besides moving it."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases import clocks as clock
from commonbeat.cases import effects, links
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors, tell_handlers
from commonbeat.cases.models import Case, Participant, Task
from commonbeat.cases.telling import tell_user
from commonbeat.community.agency import setting
from commonbeat.core.fields import REQUIRED, Invalid, Problem, ShowWhen
from commonbeat.core.text import N_
from commonbeat.journal.verbs import Tell
from commonbeat.kinds.missing.bulletins import end_all
from commonbeat.kinds.missing.models import Sighting
from commonbeat.kinds.missing.vocabulary import DEAD, DUPLICATE, FOUND, GROWN, HOURS

NOT_CHILD = N_("This is a child. Talk to the guardian or to child protection; a child cannot keep its place from both.")
SAY_NO_MORE = N_("They do not want anybody to know where they are. Leave the message empty; we say that they are well.")
IN_PERSON = N_("Write down who spoke with the family, and when. Nobody learns this from a message.")
NO_MESSAGE = N_("Nobody learns this from a message. Leave it empty, and speak with the family in person.")
SAFE_AND_WELL = N_("We found them. They are safe and well. They asked us not to say more.")
CARED_FOR = N_("We found them. Somebody cares for them. They asked us not to say more.")
NO_SIGHTING = N_("Choose one of the sightings of this case.")
SAW = N_("Somebody wrote that they saw the missing person. Read it now.")
ADDED = N_("The reporter of a missing person added something. Read it now.")
IF_FOUND = ShowWhen("outcome", FOUND)


def age_of(case: Case) -> int | None:
    """The age as it was reported; None when nobody knows it."""
    given = (case.detail("answers") or {}).get("age")
    return int(given) if given is not None else None


def alarm(deed: Deed) -> None:
    """Tell whoever leads at once: a missing person does not wait in a list."""
    people = Supervisors(deed.kind.led_by, at=deed.at).of(deed.case)
    if deed.case.assignee and deed.case.assignee not in people:
        people = [*people, deed.case.assignee]
    deed.tell += [tell_user(user, deed.case, "staff_missing", words={}) for user in people]
    deed.facts["to"] = [user.name for user in people]


def _look_again(deed: Deed, hours: float) -> None:
    due = deed.at + dt.timedelta(hours=hours)
    deed.columns["clocks"] = clock.start_until(deed.columns.get("clocks", deed.case.clocks), "look", due)
    deed.facts["due"] = due


def assess(deed: Deed) -> None:
    """Keep how great the danger is and why; the level says when somebody looks again."""
    level = str(deed.data["level"])
    deed.columns["details"] = deed.case.details | {"level": level}
    deed.personal["reason"] = deed.data["text"]
    deed.facts["level"] = level
    _look_again(deed, float(setting(HOURS[level])))


def review(deed: Deed) -> None:
    """Somebody looked at everything again: what was done stays inside, the message goes to whoever misses them."""
    deed.personal |= {"text": deed.data.get("message") or "", "reason": deed.data["text"]}
    usual = setting(HOURS[deed.case.detail("level", "high")])
    _look_again(deed, float(deed.data.get("hours") or usual))


def add(deed: Deed) -> None:
    """What the reporter adds is read at once, also that they came back."""
    effects.note(deed)
    tell_handlers(deed, "staff_added", what=ADDED)


def sighting(deed: Deed) -> None:
    """Somebody wrote that they saw them. Their words stand in the sighting alone, so that they can ask them back."""
    deed.facts["sighting"] = _sighting(deed).pk
    tell_handlers(deed, "staff_added", what=SAW)


def judge(deed: Deed) -> None:
    """Say what a sighting is worth; judged again, the later judgement holds."""
    row = _sighting(deed)
    Sighting.objects.filter(pk=row.pk).update(
        judged=deed.data["judged"], judged_at=deed.at, judged_by=deed.actor.user_id,
        reason=deed.data.get("reason") or "",
    )  # fmt: skip
    deed.facts |= {"sighting": row.pk, "judged": deed.data["judged"]}
    deed.personal["text"] = deed.data.get("reason") or ""


def _sighting(deed: Deed) -> Sighting:
    number = str(deed.data["sighting"])
    found = deed.case.sightings.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None  # type: ignore[attr-defined]
    if found is None:
        raise Invalid([Problem("sighting", NO_SIGHTING)])
    return found  # type: ignore[no-any-return]


def locate(deed: Deed) -> None:
    """It is over: everything public is withdrawn in this very transaction, and people are told what they may know."""
    outcome, message = str(deed.data["outcome"]), str(deed.data.get("message") or "")
    if outcome == DEAD:
        _check_in_person(deed, message)
    hidden = outcome in FOUND and deed.data.get("wish") == "no_place"
    if hidden:
        _check_wish(deed, message)
    effects.resolve(deed)
    deed.facts["hidden"] = hidden
    deed.columns["details"] = deed.case.details | {"hidden": hidden}
    deed.personal["reason"] = "\n".join(
        str(deed.data[name]) for name in ("place", "told_in_person", "reason") if deed.data.get(name)
    )
    if hidden:
        deed.said = CARED_FOR if outcome == "hurt" else SAFE_AND_WELL
    end(deed, why="located")


def _check_in_person(deed: Deed, message: str) -> None:
    if message:
        raise Invalid([Problem("message", NO_MESSAGE)])
    if not deed.data.get("told_in_person"):
        raise Invalid([Problem("told_in_person", IN_PERSON)])
    deed.data = {**deed.data, "tell": False}


def _check_wish(deed: Deed, message: str) -> None:
    age = age_of(deed.case)
    if age is not None and age < GROWN:
        raise Invalid([Problem("wish", NOT_CHILD)])
    if message:
        raise Invalid([Problem("message", SAY_NO_MORE)])


def end(deed: Deed, *, why: str) -> None:
    """Take everything from the public, and thank whoever helped and wanted to hear: that it ended, nothing else."""
    end_all(deed.case, at=deed.at, why=why)
    told = set()
    for helper in deed.participants(Participant.Role.FOLLOWER):
        person = helper.person
        if person is None or person.shredded_at or person.email_bounced_at or not person.email or person.email in told:
            continue
        told.add(person.email)
        deed.tell.append(
            Tell("email", person.email, "missing_ended", person.language, {}, person_id=person.pk, urgent=False)
        )


def merge(deed: Deed) -> None:
    """The same person was reported before: what is public stands there, not here."""
    links.merge(deed)
    deed.columns["outcome"] = DUPLICATE
    end_all(deed.case, at=deed.at, why="merged")
    Task.objects.filter(case=deed.case, done_at__isnull=True).update(done_at=deed.at, done_by=deed.actor.user_id)


def reopen(deed: Deed) -> None:
    """Look for them again. What was public stays withdrawn: a new notice needs two people again."""
    if not str(deed.data.get("reason") or "").strip():
        raise Invalid([Problem("reason", REQUIRED)])
    effects.reopen(deed)
    _look_again(deed, float(setting(HOURS["high"])))
