"""Quiet-hours agreements: their terms as a step, their review, and that one was not kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, Task
from commonbeat.cases.telling import tell_owner
from commonbeat.cases.work_records import Agreement
from commonbeat.community.agency import close_of, local_day
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_

DAYS = (
    N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")
)  # fmt: skip
CONSENTS = (
    Choice("in_person", N_("In person, together")),
    Choice("separately", N_("In person, one after the other")),
    Choice("writing", N_("In writing")),
    Choice("phone", N_("By telephone")),
)
REVIEW_DAYS = 30

FIELDS = (
    Field("days", N_("On which days"), "multivaluelist", required=True,
          choices=tuple(Choice(str(number), label) for number, label in enumerate(DAYS))),
    Field("quiet_from", N_("Quiet from"), "time", required=True),
    Field("quiet_until", N_("Quiet until"), "time", required=True, hint=N_("It may be on the next morning.")),
    Field("terms", N_("What is agreed"), "text", required=True,
          hint=N_("In the words that both sides said yes to. The reporter reads them too, so name nobody.")),
    Field("parties", N_("Who agreed"), "text", required=True, personal=True,
          hint=N_("One in a line: a name, or a role such as “upstairs neighbour”. At least two.")),
    Field("consent", N_("How they said yes"), "singlevaluelist", required=True, choices=CONSENTS),
    Field("consented", N_("Each of them said yes to exactly these words"), "boolean"),
    Field("starts_on", N_("It begins on"), "datetime", hint=N_("Leave empty for today.")),
    Field("review_on", N_("We ask both sides again on"), "datetime", hint=N_("Leave empty for 30 days later.")),
)  # fmt: skip
BREACH_FIELDS = (
    Field("breached_on", N_("On which day"), "datetime", required=True),
    Field("text", N_("What happened"), "text", required=True),
)

NOT_TWO = N_("An agreement needs two sides. Name each of them in a line of its own.")
NO_CONSENT = N_("Record this only when each side has said yes. Tick the box then.")
NO_TIME = N_("Give two different times.")
REVIEW_FIRST = N_("Choose a day after the agreement begins.")
NO_AGREEMENT = N_("There is no agreement on this case. Record one first.")
BEFORE_START = N_("The agreement began on %(day)s. Choose a day from then on.")
IN_FUTURE = N_("This day has not come yet.")


def agree(deed: Deed) -> None:
    """Keep what was agreed, tell the reporter, and come back to it on the day of the review."""
    row = _agreement(deed)
    deed.make(row)
    deed.runs_until = close_of(row.review_on)
    owner = deed.case.assignee_id or deed.actor.user_id
    Task.objects.filter(case=deed.case, sort="review", done_at=None).update(done_at=deed.at, done_by=deed.actor.user_id)
    deed.make(Task(case=deed.case, sort="review", text="", owner_id=owner, due_at=deed.runs_until, created_at=deed.at))
    deed.facts |= {"agreement": row.pk, "review": row.review_on.isoformat()}
    deed.personal["text"] = row.terms
    deed.words |= {
        "days": days_of(row), "quiet_from": f"{row.quiet_from:%H:%M}", "quiet_until": f"{row.quiet_until:%H:%M}",
        "starts_on": row.starts_on.isoformat(), "review_on": row.review_on.isoformat(), "terms": row.terms,
    }  # fmt: skip


def _agreement(deed: Deed) -> Agreement:
    given, problems = deed.data, []
    starts = _day(given.get("starts_on")) or local_day(deed.at)
    review = _day(given.get("review_on")) or starts + dt.timedelta(days=REVIEW_DAYS)
    parties = [line.strip() for line in str(given["parties"]).splitlines() if line.strip()]
    if len(parties) < 2:
        problems.append(Problem("parties", NOT_TWO))
    if not given.get("consented"):
        problems.append(Problem("consented", NO_CONSENT))
    if given["quiet_from"] == given["quiet_until"]:
        problems.append(Problem("quiet_until", NO_TIME))
    if review <= max(starts, local_day(deed.at)):
        problems.append(Problem("review_on", REVIEW_FIRST))
    if problems:
        raise Invalid(problems)
    return Agreement(
        case=deed.case, days=sorted(int(day) for day in given["days"]), terms=given["terms"],
        quiet_from=dt.time.fromisoformat(given["quiet_from"]), quiet_until=dt.time.fromisoformat(given["quiet_until"]),
        parties="\n".join(parties), consent=given["consent"], starts_on=starts, review_on=review, made_at=deed.at,
        made_by_id=deed.actor.user_id,
    )  # fmt: skip


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None


def current_agreement(case: Case) -> Agreement | None:
    """The latest agreement on a case."""
    return Agreement.objects.filter(case=case).order_by("-made_at", "-id").first()


def days_of(row: Agreement) -> list[str]:
    """Days of the week as source text."""
    return [DAYS[int(day)] for day in row.days]


def breach(deed: Deed) -> None:
    """An agreement was not kept: who works the case hears of it, and the case is open again."""
    row, day = current_agreement(deed.case), dt.date.fromisoformat(deed.data["breached_on"][:10])
    if row is None:
        raise Invalid([Problem("", NO_AGREEMENT)])
    if day < row.starts_on:
        raise Invalid([Problem("breached_on", BEFORE_START, {"day": row.starts_on.isoformat()})])
    if day > local_day(deed.at):
        raise Invalid([Problem("breached_on", IN_FUTURE)])
    deed.facts |= {"agreement": row.pk, "on": day.isoformat()}
    deed.personal["text"] = deed.data["text"]
    tell_owner(deed, "staff_reopened")


def breaches(entries: Iterable[object], row: Agreement) -> list[str]:
    """Days on which an agreement was not kept, by the entries of its case; what was taken back does not count."""
    kept = list(entries)
    undone = {e.data.get("number") for e in kept if e.verb == "case.undone"}  # type: ignore[attr-defined]
    return [
        str(e.data["on"])  # type: ignore[attr-defined]
        for e in kept
        if e.verb == "case.breach" and e.data.get("agreement") == row.pk and e.number not in undone  # type: ignore[attr-defined]
    ]
