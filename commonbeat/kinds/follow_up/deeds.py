"""What the steps of a follow-up do. Nothing is sent to the person: people call, when it is safe (RULES 6)."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases import effects
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Task
from commonbeat.cases.telling import tell_staff
from commonbeat.community.agency import local_day, wall_clock
from commonbeat.community.models import User
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.kinds.follow_up.models import CallBack, FollowUp, Referral, Support
from commonbeat.kinds.follow_up.vocabulary import (
    ATTEMPTS,
    LEFT_WORDS,
    NO,
    NO_ANSWER,
    NOT_REACHED,
    RELEASE,
    STOP,
    YES,
)

TASK = "follow_up"
LONGEST_RELEASE = 180
"""Days: a release names a time that somebody can oversee."""

NO_CARER = N_("%(name)s does not do follow-ups. Choose somebody whose role does.")
NOT_AGREED = N_("They said no, or asked us not to call again. Nobody calls them unless they come back to us.")
ASK_FIRST = N_("Ask first whether they agree, and record what they said.")
HOW_SAFE = N_("Record at least one way that is safe.")
AFTER_NOW = N_("Choose a day and time after now.")
NOT_AFTER_NOW = N_("Give a time that is not after now.")
NO_VOICEMAIL = N_("They did not agree to words on the voicemail.")
NOT_SAFE = N_("This is not one of the ways that they called safe.")
INFORMED = N_(
    "Tell them what is passed on, to whom and for how long, and that help does not depend on it. Then tick it."
)
UNTIL_WHEN = N_("Choose a day after the signature, %(days)s days later at most.")
NOT_SIGNED = N_("Write down on which day they signed. A release is on paper.")
NO_SHARES = N_("Write down what may be told, as the release says it.")
NO_REFERRAL = N_("Choose one of the referrals of this case.")
NO_RELEASE = N_("They did not sign a release for this, so nothing may be told.")
ENDED = N_("The release ended on %(day)s. Nothing may be told any more; ask them whether they sign a new one.")
REVOKED = N_("They took the release back. Nothing may be told any more.")
TRY_AGAIN = N_("Try %(n)s times on different days before you close it as not reached.")
THEY_SAID_NO = N_("They said no. Close it with “Did not want it”, and keep no more about them.")


def follow_up_of(case: Case) -> FollowUp:
    """The row beside the case."""
    return FollowUp.objects.get(case_id=case.pk)


def may_call(row: FollowUp) -> bool:
    """True unless they said no, or asked us to stop."""
    return row.consent != NO and row.stopped_at is None


def assign(deed: Deed) -> None:
    """To one person who does follow-ups; they alone and their lead see it from now on."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is None:
        raise Invalid([Problem("user", effects.UNKNOWN_USER)])
    _check_carer(deed, user)
    deed.columns["assignee_id"] = user.pk
    deed.facts["user"] = user.name
    Task.objects.filter(case=deed.case, done_at=None).update(owner=user)
    if user.pk != deed.actor.user_id:  # once it is theirs, they may hear of it
        deed.later.append(lambda: tell_staff(deed, user, "staff_assigned", by=deed.actor.name))


def pass_on(deed: Deed) -> None:
    """To a successor who does follow-ups, with the calls that were agreed."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is not None:
        _check_carer(deed, user)
    effects.pass_on(deed)


def _check_carer(deed: Deed, user: User) -> None:
    held = set(user.grants.filter(until__isnull=True).values_list("role", flat=True))
    if held.isdisjoint(deed.kind.sees):
        raise Invalid([Problem("user", NO_CARER, {"name": user.name})])


def ask_consent(deed: Deed) -> None:
    """Record what they said: whether, how and when it is safe, and which words never to use."""
    given, said = deed.data, str(deed.data["consent"])
    if said == YES and not given.get("ways"):
        raise Invalid([Problem("ways", HOW_SAFE)])
    FollowUp.objects.filter(case=deed.case).update(
        consent=said, consent_at=deed.at, consent_by=deed.actor.user_id, consent_words=given["consent_words"],
        ways=given.get("ways") or [], times=given.get("times") or "", voicemail=bool(given.get("voicemail")),
        careful=given.get("careful") or "", stopped_at=None,
    )  # fmt: skip
    deed.facts["consent"] = said
    deed.personal["text"] = given["consent_words"]
    deed.columns["state"] = "agreed" if said == YES else "new"
    if said == NO:
        _no_more_calls(deed)


def _no_more_calls(deed: Deed) -> None:
    Task.objects.filter(case=deed.case, sort=TASK, done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)


def plan_call(deed: Deed) -> None:
    """A day for the next call, as a task that names nobody."""
    _plan(deed, str(deed.data["on"]), code="on")


def _plan(deed: Deed, when: str, *, code: str) -> None:
    if not may_call(follow_up_of(deed.case)):
        raise Invalid([Problem(code, NOT_AGREED)])
    due = wall_clock(when)
    if due <= deed.at:
        raise Invalid([Problem(code, AFTER_NOW)])
    _no_more_calls(deed)
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(Task(case=deed.case, sort=TASK, text="", owner_id=owner, due_at=due, created_at=deed.at))
    deed.facts["due"] = due


def call(deed: Deed) -> None:
    """Record a call: how it went, and when the next one is. Whoever asks us to stop is not called again."""
    row, given = follow_up_of(deed.case), deed.data
    outcome, way, held_at = str(given["call"]), str(given["way"]), wall_clock(str(given["held_at"]))
    if not may_call(row):
        raise Invalid([Problem("call", NOT_AGREED)])
    if held_at > deed.at:
        raise Invalid([Problem("held_at", NOT_AFTER_NOW)])
    if row.consent == YES and way not in row.ways:
        raise Invalid([Problem("way", NOT_SAFE)])
    if outcome == LEFT_WORDS and not row.voicemail:
        raise Invalid([Problem("call", NO_VOICEMAIL)])
    deed.make(
        CallBack(
            case=deed.case, way=way, held_at=held_at, outcome=outcome, text=given.get("text") or "",
            made_by_id=deed.actor.staff_id, made_at=deed.at,
        )
    )  # fmt: skip
    _no_more_calls(deed)
    deed.facts["call"] = outcome
    deed.personal["text"] = given.get("text") or ""
    if outcome == STOP:
        FollowUp.objects.filter(case=deed.case).update(stopped_at=deed.at)
    elif given.get("next_on"):
        _plan(deed, str(given["next_on"]), code="next_on")


def needs(deed: Deed) -> None:
    """What they say they need; said again, the later words hold."""
    FollowUp.objects.filter(case=deed.case).update(needs=list(deed.data["needs"]))
    deed.facts["needs"] = list(deed.data["needs"])
    deed.personal["text"] = deed.data.get("text") or ""


def offer(deed: Deed) -> None:
    """Keep which help was offered, and what they said."""
    deed.make(
        Support(
            case=deed.case, need=str(deed.data["need"]), what=str(deed.data["what"]), answer=str(deed.data["answer"]),
            made_by_id=deed.actor.staff_id, made_at=deed.at,
        )
    )  # fmt: skip
    deed.facts["answer"] = deed.data["answer"]
    deed.personal["text"] = deed.data["what"]


def refer(deed: Deed) -> None:
    """The way to a service. Nothing is told about them unless they signed what, to whom and until when (RULES 5)."""
    given = deed.data
    release = given["how"] == RELEASE
    signed, until = _release(deed) if release else (None, None)
    row = Referral(
        case=deed.case, service=str(given["agency"]), need=str(given["need"]), how=str(given["how"]),
        shares=str(given.get("shares") or "") if release else "", signed_on=signed, until=until,
        made_by_id=deed.actor.staff_id, made_at=deed.at,
    )  # fmt: skip
    deed.make(row)
    deed.personal["text"] = row.service


def _release(deed: Deed) -> tuple[dt.date, dt.date]:
    given, problems, today = deed.data, [], local_day(deed.at)
    if not given.get("informed"):
        problems.append(Problem("informed", INFORMED))
    if not given.get("shares"):
        problems.append(Problem("shares", NO_SHARES))
    signed = dt.date.fromisoformat(str(given["signed_on"])[:10]) if given.get("signed_on") else None
    until = dt.date.fromisoformat(str(given["until"])[:10]) if given.get("until") else None
    if signed is None or signed > today:
        problems.append(Problem("signed_on", NOT_SIGNED))
    elif until is None or not signed < until <= signed + dt.timedelta(days=LONGEST_RELEASE):
        problems.append(Problem("until", UNTIL_WHEN, {"days": LONGEST_RELEASE}))
    if problems or signed is None or until is None:
        raise Invalid(problems)
    return signed, until


def share(deed: Deed) -> None:
    """Record what was told to whom, and when (RULES 2); refused without a release that holds today (RULES 5)."""
    row = _referral(deed)
    if row.how != RELEASE or row.until is None:
        raise Invalid([Problem("referral", NO_RELEASE)])
    if row.revoked_at:
        raise Invalid([Problem("referral", REVOKED)])
    if row.until < local_day(deed.at):
        raise Invalid([Problem("referral", ENDED, {"day": row.until.isoformat()})])
    deed.facts |= {"agency": row.service, "referral": row.pk}
    deed.personal["text"] = deed.data["text"]


def revoke(deed: Deed) -> None:
    """They take the release back: nothing more is told from this moment on."""
    row = _referral(deed)
    if row.how != RELEASE:
        raise Invalid([Problem("referral", NO_RELEASE)])
    Referral.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=deed.at)
    deed.facts["referral"] = row.pk


def result(deed: Deed) -> None:
    """What became of a referral."""
    row = _referral(deed)
    Referral.objects.filter(pk=row.pk).update(result=deed.data["result"], result_at=deed.at)
    deed.facts |= {"referral": row.pk, "result": deed.data["result"]}
    deed.personal["text"] = deed.data.get("text") or ""


def _referral(deed: Deed) -> Referral:
    number = str(deed.data["referral"])
    rows = Referral.objects.filter(case=deed.case)
    found = rows.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise Invalid([Problem("referral", NO_REFERRAL)])
    return found


def close(deed: Deed) -> None:
    """End it with the person's own word where they have one. Not reached: somebody tried on several days."""
    outcome, row = str(deed.data["outcome"]), follow_up_of(deed.case)
    if row.consent == NO and outcome != "declined":
        raise Invalid([Problem("outcome", THEY_SAID_NO)])
    if outcome == NOT_REACHED:
        tries = CallBack.objects.filter(case=deed.case, outcome__in=[NO_ANSWER, LEFT_WORDS])
        if len({local_day(one.held_at) for one in tries}) < ATTEMPTS:
            raise Invalid([Problem("outcome", TRY_AGAIN, {"n": ATTEMPTS})])
    effects.resolve(deed)
    FollowUp.objects.filter(case=deed.case).update(last_word=deed.data.get("last_word") or "")
    _no_more_calls(deed)


def reopen(deed: Deed) -> None:
    """They came back to us, or asked for more: consent is asked anew."""
    if not str(deed.data.get("reason") or "").strip():
        raise Invalid([Problem("reason", REQUIRED)])
    deed.personal["text"] = deed.data["reason"]
    FollowUp.objects.filter(case=deed.case).update(consent="", consent_at=None, consent_by=None, stopped_at=None)
