"""What the steps of a field report do: it is written, sent in, approved or sent back, and added to."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from typing import Any

from commonbeat.cases.custody import take_photos
from commonbeat.cases.deed import Deed
from commonbeat.cases.escalation import Supervisors
from commonbeat.cases.keeping import AT_LEAST
from commonbeat.cases.models import Participant
from commonbeat.cases.telling import tell_owner, tell_staff
from commonbeat.community.agency import wall_clock
from commonbeat.community.people import find_or_make_person
from commonbeat.core.actor import SYSTEM, Role
from commonbeat.core.fields import Invalid, Problem, clean
from commonbeat.core.text import N_
from commonbeat.kinds.field_report import guard, needs
from commonbeat.kinds.field_report.models import FieldReport, Item, Party, Supplement
from commonbeat.kinds.field_report.sorts import check_offered, offered, questions_of, sort_of

TOLD = "staff_field_report"
NOT_YOURS = N_("Somebody else writes this report. Ask a supervisor to assign it to you.")
NOT_YOUR_OWN = N_("You wrote this report. Another supervisor has to decide about it.")
IN_FUTURE = N_("This moment has not come yet.")
MINORS_NAME = N_("“%(name)s” is the name of somebody under 18. Write “%(instead)s” in the text instead.")
NO_ANSWERS = N_("The answers did not arrive. Answer the questions on their page.")
READ_FIRST = N_("A supervisor reads reports of this sort. Send it to a supervisor.")
NO_ROW = N_("This is not a part of the report any more. Choose another one.")
NARRATIVE = ("told", "saw", "did", "after")


def report_of(deed: Deed) -> FieldReport:
    """The report that a step is about."""
    found = FieldReport.objects.get(case=deed.case)
    found.case = deed.case
    return found


FOLLOWING: list[Callable[..., None]] = []
"""Called with (case, at) when a report has ended: what it came from goes the same way."""


def _ended(deed: Deed) -> None:
    deed.later += [lambda follow=follow: follow(deed.case, at=deed.at) for follow in FOLLOWING]  # type: ignore[misc]


def _check_writer(deed: Deed) -> None:
    """Whoever has the case writes it; where nobody has it, whoever writes first."""
    if deed.actor == SYSTEM:
        return
    if deed.case.assignee_id not in (None, deed.actor.user_id):
        raise Invalid([Problem("", NOT_YOURS)])
    deed.columns.setdefault("assignee_id", deed.actor.user_id)


def moment_of(text: str, *, at: dt.datetime, code: str = "happened_at") -> dt.datetime:
    """A moment on the wall's clock that has come. Raises `Invalid`."""
    found = wall_clock(text)
    if found > at:
        raise Invalid([Problem(code, IN_FUTURE)])
    return found


def write(deed: Deed) -> None:
    """Keep the draft. Words of police powers need a call or a reason; names of minors stay out of the text."""
    _check_writer(deed)
    report, given = report_of(deed), deed.data
    signs = [str(sign) for sign in given.get("signs") or ()]
    sort = str(given.get("sort") or report.sort)
    if sort != report.sort:
        check_offered(sort, among=offered(sworn=False))
    guard.check_signs(report, sort=sort, signs=signs, user_id=deed.actor.user_id)
    words = {name: str(given.get(name) or "") for name in (*NARRATIVE, "not_now")}
    text = "\n".join(words[name] for name in NARRATIVE)
    check_minors(report, text)
    guard.check_words(report, text, not_now=words["not_now"], language=deed.case.language, user_id=deed.actor.user_id)
    happened_at = moment_of(str(given["happened_at"]), at=deed.at)
    FieldReport.objects.filter(case=deed.case).update(sort=sort, happened_at=happened_at, **words)
    deed.columns["text"] = given["text"]
    deed.personal["text"] = given["text"]
    if words["not_now"]:
        deed.facts["sounds_like"] = sorted(guard.words_of_powers(text, language=deed.case.language))


def answer(deed: Deed) -> None:
    """Keep the answers to what the sort asks besides; they come as one text of JSON from the page that asks them."""
    _check_writer(deed)
    report = report_of(deed)
    try:
        given = json.loads(str(deed.data["answers"]))
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Invalid([Problem("answers", NO_ANSWERS)])
    answers = clean(questions_of(report.sort), given)
    text = "\n".join(value for value in answers.values() if isinstance(value, str))
    check_minors(report, text)
    guard.check_words(report, text, not_now=report.not_now, language=deed.case.language, user_id=deed.actor.user_id)
    FieldReport.objects.filter(case=deed.case).update(answers=answers)
    deed.facts["answered"] = sorted(answers)
    deed.personal["text"] = text


def check_minors(report: FieldReport, text: str) -> None:
    """Raise `Invalid` where a text names a minor of the report (RULES 7)."""
    lowered = {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
    for name, party in needs.names_of_minors(report):
        hit = next((word for word in re.findall(r"[^\W\d_]{3,}", name) if word.casefold() in lowered), None)
        if hit:
            raise Invalid([Problem("saw", MINORS_NAME, {"name": hit, "instead": needs.title_of(party)})])


def add_party(deed: Deed) -> None:
    """Add a person. Who it is stands apart, behind the log of openings; a minor's identity needs a second person."""
    _check_writer(deed)
    given = deed.data
    person = find_or_make_person(
        name=str(given.get("name") or ""), email=str(given.get("email") or ""), phone=str(given.get("phone") or ""),
        language=deed.case.language, at=deed.at, apart=given["age"] == "minor",
    )  # fmt: skip
    part = None
    if person:
        part = Participant(
            case=deed.case, role=Participant.Role.THIRD_PARTY, person=person, hidden=given["age"] == "minor",
            created_at=deed.at,
        )  # fmt: skip
        deed.make(part)
    note = str(given.get("note") or "")
    party = Party(report_id=deed.case.pk, role=given["role"], age=given["age"], participant=part, note=note)
    deed.make(party)
    report = report_of(deed)
    check_minors(report, "\n".join(getattr(report, name) for name in NARRATIVE) + "\n" + note)
    deed.facts |= {"party": given["role"], "age": given["age"]}


def add_item(deed: Deed) -> None:
    """Add a piece of property."""
    _check_writer(deed)
    given = deed.data
    item = Item(
        report_id=deed.case.pk, role=given["role"], what=given["what"], marks=given.get("marks") or "",
        worth=given.get("worth"), place=given.get("place") or "",
    )  # fmt: skip
    deed.make(item)
    deed.facts["item"] = given["role"]
    deed.personal["text"] = given["what"]


def drop(deed: Deed) -> None:
    """Take a person or a piece of property out of a draft again."""
    _check_writer(deed)
    sort, _, number = str(deed.data["row"]).partition("-")
    rows: Any = {"party": Party.objects, "item": Item.objects}.get(sort)
    row = rows.filter(report_id=deed.case.pk, pk=int(number)).first() if rows and number.isdigit() else None
    if row is None:
        raise Invalid([Problem("row", NO_ROW)])
    part = getattr(row, "participant", None)
    row.delete()
    if part:
        part.delete()
    deed.facts["dropped"] = sort


def photograph(deed: Deed) -> None:
    """Add photos; the journal keeps the digest of each as it was sent and as it is stored."""
    _check_writer(deed)
    take_photos(deed, required=True)
    deed.personal["text"] = deed.data.get("shows") or ""


def note_number(deed: Deed) -> None:
    """The number of the records system: a reference, nothing of what is kept there (RULES 3)."""
    FieldReport.objects.filter(case=deed.case).update(number=deed.data["number"])
    deed.facts["number"] = deed.data["number"]


def submit(deed: Deed) -> None:
    """Send it in, when nothing is missing; supervisors are told."""
    _check_writer(deed)
    report = report_of(deed)
    needs.check(report)
    guard.check_signs(report, sort=report.sort, signs=report.signs, user_id=deed.actor.user_id)
    FieldReport.objects.filter(case=deed.case).update(
        author=deed.actor.user_id, submitted_at=deed.at, comments="", approved_at=None, approved_by=None
    )
    _tell_supervisors(deed, N_("A field report waits for you to read it."))


def finish(deed: Deed) -> None:
    """End a report of a sort that no supervisor has to read."""
    _check_writer(deed)
    report = report_of(deed)
    sort = sort_of(report.sort)
    if sort is None or sort.approved or guard.all_signs(report.sort, report.signs):
        raise Invalid([Problem("", READ_FIRST)])
    needs.check(report)
    FieldReport.objects.filter(case=deed.case).update(author=deed.actor.user_id, submitted_at=deed.at, comments="")
    deed.columns["outcome"] = "finished"
    deed.facts["outcome"] = "finished"
    _ended(deed)
    _keep_for(deed, report)


def _keep_for(deed: Deed, report: FieldReport) -> None:
    """A sort may ask that its reports are kept longer."""
    sort = sort_of(report.sort)
    if sort and sort.keep_days:
        deed.columns["details"] = deed.case.details | {AT_LEAST: sort.keep_days}


def write_on(deed: Deed) -> None:
    """Open a report again that nobody else has read."""
    deed.columns["assignee_id"] = deed.case.assignee_id or deed.actor.user_id
    deed.personal["text"] = deed.data["reason"]


def _tell_supervisors(deed: Deed, what: str) -> None:
    for user in Supervisors(Role.SUPERVISOR, at=deed.at).of(deed.case):
        tell_staff(deed, user, TOLD, what=what)


def _check_other(deed: Deed, author_id: int | None) -> None:
    if author_id == deed.actor.user_id:
        raise Invalid([Problem("", NOT_YOUR_OWN)])


def approve(deed: Deed) -> None:
    """A second person read it and stands by it; from now on it changes by supplements alone."""
    report = report_of(deed)
    _check_other(deed, report.author_id)
    FieldReport.objects.filter(case=deed.case).update(approved_at=deed.at, approved_by=deed.actor.user_id)
    deed.columns["outcome"] = "approved"
    deed.facts["outcome"] = "approved"
    _ended(deed)
    _keep_for(deed, report)
    deed.personal["text"] = deed.data.get("text") or ""
    tell_owner(deed, TOLD, what=N_("Your field report was approved."))


def send_back(deed: Deed) -> None:
    """It needs work: whoever wrote it is told what."""
    _check_other(deed, report_of(deed).author_id)
    FieldReport.objects.filter(case=deed.case).update(comments=deed.data["comments"])
    deed.personal["text"] = deed.data["comments"]
    tell_owner(deed, TOLD, what=N_("Your field report came back with comments."))


def supplement(deed: Deed) -> None:
    """Add to a report that was approved; it changes nothing of it."""
    text, report = str(deed.data["text"]), report_of(deed)
    check_minors(report, text)
    guard.check_words(
        report, text, not_now=str(deed.data.get("not_now") or ""), language=deed.case.language,
        user_id=deed.actor.user_id,
    )  # fmt: skip
    take_photos(deed)
    Supplement.objects.create(report=report, text=text, written_at=deed.at, written_by_id=deed.actor.user_id)
    deed.personal["text"] = text
    _tell_supervisors(deed, N_("A supplement to a field report waits for you to read it."))


def decide_supplement(deed: Deed) -> None:
    """Approve or refuse the supplement that waits."""
    waiting = Supplement.objects.filter(report_id=deed.case.pk, state="waiting").order_by("pk").last()
    _check_other(deed, waiting.written_by_id if waiting else None)
    approved = deed.step.slug == "approve_supplement"
    reason = str(deed.data.get("reason") or "")
    Supplement.objects.filter(report_id=deed.case.pk, state="waiting").update(
        state="approved" if approved else "refused", decided_at=deed.at, decided_by=deed.actor.user_id, reason=reason
    )
    deed.columns["outcome"] = "approved"
    deed.facts["supplement"] = "approved" if approved else "refused"
    deed.personal["text"] = reason
    writer = waiting.written_by if waiting else None
    if writer and writer.is_active:
        said = N_("Your supplement was approved.") if approved else N_("Your supplement was refused, with a reason.")
        tell_staff(deed, writer, TOLD, what=said)


def disclose(deed: Deed) -> None:
    """Record that somebody outside gets a copy: to whom, why and when (RULES 2), with the digests of the photos."""
    photos = deed.case.files.order_by("pk").values_list("pk", "sha256")
    deed.facts |= {
        "agency": deed.data["agency"], "reason": deed.data["reason"],
        "copies": [{"file": pk, "stored": sha256} for pk, sha256 in photos],
    }  # fmt: skip


def void(deed: Deed) -> None:
    """It was begun by mistake."""
    _check_writer(deed)
    deed.columns["outcome"] = "void"
    deed.facts["outcome"] = "void"
    _ended(deed)
    deed.personal["text"] = deed.data["reason"]
