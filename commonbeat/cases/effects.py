"""What steps do besides changing the state: reusable effects that kinds name in their declarations."""

from __future__ import annotations

import datetime as dt

from commonbeat.cases.categories import categories
from commonbeat.cases.deed import Deed
from commonbeat.cases.models import Case, CaseLink, Participant, Question, Task
from commonbeat.cases.telling import tell_owner, tell_participant, tell_staff
from commonbeat.community.agency import setting
from commonbeat.community.models import Team, User
from commonbeat.community.people import find_or_make_person
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.text import N_

NOBODY = N_("Choose a person or a team.")
UNKNOWN_USER = N_("Choose somebody who can sign in.")
NEEDS_SWORN = N_("%(name)s is not a sworn officer, and this category needs one. Choose somebody else.")
NOT_A_HANDLER = N_("%(name)s does not handle this category. Choose somebody whose role does.")
NOBODY_TO_ASK = N_("The reporter left no e-mail address. Call them, or ask somebody else.")
NO_OWNER_TO_ASK = N_("No owner with an e-mail address is on this case. Call, or ask somebody else.")
NOTHING_ASKED = N_("No question is open on this case.")
BAD_EMAIL = N_("Enter the e-mail address of the person to ask.")
IN_THE_PAST = N_("Choose a day after today.")


def assign(deed: Deed) -> None:
    """Give the case to a person, a team, or a partner's team; refuse people who may not do such work."""
    user_id, team_id = deed.data.get("user"), deed.data.get("team")
    if not user_id and not team_id:
        raise Invalid([Problem("user", NOBODY)])
    user = None
    if user_id:
        user = User.objects.active().filter(pk=user_id).first()
        if user is None:
            raise Invalid([Problem("user", UNKNOWN_USER)])
        check_handler(deed.case, user, at=deed.at)
    team = Team.objects.filter(pk=team_id, retired_at__isnull=True).first() if team_id else None
    deed.columns |= {"assignee_id": user.pk if user else None}
    if team or not deed.case.team_id:
        deed.columns["team_id"] = team.pk if team else (user.team_id if user else None)
    deed.facts |= {
        "user": user.name if user else None, "team": team.name if team else None,
        "partner": team.organisation.name if team and team.organisation else None,
    }  # fmt: skip
    if user and user.pk != deed.actor.user_id:
        tell_staff(deed, user, "staff_assigned", by=deed.actor.name)
    elif team and team.email:
        from commonbeat.cases.telling import context
        from commonbeat.journal.verbs import Tell

        words = {**context(deed.case, language="en"), "by": deed.actor.name, "path": f"/desk/{deed.case.reference}/"}
        deed.tell.append(Tell("email", team.email, "staff_assigned", "en", words, urgent=True))


def pass_on(deed: Deed) -> None:
    """Give the case to a successor as it stands, with the tasks that its former owner had on it."""
    user = User.objects.active().filter(pk=int(deed.data["user"])).first()
    if user is None:
        raise Invalid([Problem("user", UNKNOWN_USER)])
    check_handler(deed.case, user, at=deed.at)
    _pass_on_tasks(deed, user.pk)
    deed.columns["assignee_id"] = user.pk
    deed.facts["user"] = user.name
    deed.words["officer"] = user.name if user.listed else ""


def give_back(deed: Deed) -> None:
    """Take the case from whoever has it: its team finds it, or the list of unassigned ones."""
    _pass_on_tasks(deed, None)
    deed.columns["assignee_id"] = None


def _pass_on_tasks(deed: Deed, owner_id: int | None) -> None:
    tasks = Task.objects.filter(case=deed.case, owner_id=deed.case.assignee_id, done_at=None)
    if deed.case.assignee_id and (moved := tasks.update(owner_id=owner_id)):
        deed.facts["tasks"] = moved


def check_handler(case: Case, user: User, *, at: dt.datetime) -> None:
    """Raise `Invalid` when this person may not be given this case (RULES 12)."""
    known = categories().get(case.category_id) if case.category_id else None
    if known is None:
        return
    if known.row.needs_sworn and not user.sworn:
        raise Invalid([Problem("user", NEEDS_SWORN, {"name": user.name})])
    if known.row.handlers:
        held = set(user.grants.filter(until__isnull=True).values_list("role", flat=True))
        if held.isdisjoint({*known.row.handlers, "supervisor"}):
            raise Invalid([Problem("user", NOT_A_HANDLER, {"name": user.name})])


def note(deed: Deed) -> None:
    """Keep words on the timeline; they may name people, so they can be shredded."""
    deed.personal["text"] = deed.data["text"]


def add(deed: Deed) -> None:
    """Keep what the reporter adds, and tell whoever works the case."""
    note(deed)
    tell_owner(deed, "staff_added", what=N_("The reporter added information."))


def message(deed: Deed) -> None:
    """Write to the reporter: kept, and sent by the way they chose."""
    deed.personal["text"] = deed.data["message"]


ASKED = {
    "reporter": (Participant.Role.REPORTER, NOBODY_TO_ASK),
    "owner": (Participant.Role.OWNER, NO_OWNER_TO_ASK),
}
"""People of the case who can be asked without typing their address; anybody else is named in the step."""


def ask(deed: Deed) -> None:
    """Ask the reporter, the owner or somebody else one question through a one-time link, and wait for the answer."""
    text, whom = str(deed.data["question"]), deed.data.get("whom", "reporter")
    if whom in ASKED:
        role, nobody = ASKED[whom]
        asked = next((p for p in reversed(deed.participants(role)) if p.person and p.person.email), None)
        if asked is None:
            raise Invalid([Problem("whom", nobody)])
    else:
        email = str(deed.data.get("email") or "").strip()
        if "@" not in email:
            raise Invalid([Problem("email", BAD_EMAIL)])
        person = find_or_make_person(
            name=str(deed.data.get("name") or ""),
            email=email,
            language=deed.case.language,
            apart=deed.kind.walled,
            at=deed.at,
        )
        asked = Participant(
            case=deed.case, role=Participant.Role.THIRD_PARTY, person=person, told_by="email", created_at=deed.at
        )
        deed.make(asked)
    question = Question(case=deed.case, participant=asked, text=text, asked_at=deed.at)
    deed.make(question)
    deed.facts |= {"whom": whom, "question": question.pk}
    deed.personal["text"] = text
    words = {"text": text, "link_data": {"question": question.pk}}
    saved, asked.told_by = asked.told_by, "email"
    deed.tell += tell_participant(asked, deed.case, "question", words=words, purpose="answer")
    asked.told_by = saved


def answer(deed: Deed) -> None:
    """Take the answer to the open question: their own, where somebody answers by a link."""
    deed.personal["text"] = deed.data["text"]
    waiting = Question.objects.filter(case=deed.case, answered_at=None, withdrawn_at=None).order_by("id")
    if deed.actor.participant_id:
        waiting = waiting.filter(participant=deed.actor.participant_id)
    question = waiting.first()
    if question is None and not deed.kind.workflow.state(deed.case.state).waits:
        raise Invalid([Problem("text", NOTHING_ASKED)])
    if question:
        Question.objects.filter(pk=question.pk).update(answered_at=deed.at)
        deed.facts["question"] = question.pk
    tell_owner(deed, "staff_answered")


def recheck(deed: Deed) -> None:
    """Look again after so many hours; the category says how many when nobody else does."""
    known = categories().get(deed.case.category_id) if deed.case.category_id else None
    hours = float(deed.data.get("hours") or (known.row.recheck_hours if known else None) or 72)
    due = deed.at + dt.timedelta(hours=hours)
    owner = deed.case.assignee_id or deed.actor.user_id
    deed.make(
        Task(case=deed.case, sort="recheck", text=str(deed.data.get("text") or ""), owner_id=owner, due_at=due,
             created_at=deed.at)
    )  # fmt: skip
    deed.facts |= {"due": due, "hours": hours}


def hand_over(deed: Deed) -> None:
    """Record that another agency has it: to whom, why and when is a disclosure record (RULES 2)."""
    deed.facts |= {
        "agency": deed.data["agency"], "reason": deed.data["reason"],
        "their_reference": deed.data.get("their_reference"),
    }  # fmt: skip
    deed.columns["details"] = deed.case.details | {"agency_responsible": deed.data["agency"]}


PROMISED = ("call", "review", "purge", "survey")
"""Tasks that outlive the end of a case: somebody was told that we come back to them."""


def resolve(deed: Deed) -> None:
    """Close with an outcome, the reason, and public words that a second person will publish."""
    outcome = str(deed.data["outcome"])
    chosen = deed.kind.workflow.outcome(outcome)
    if chosen is None or not chosen.offered:
        raise Invalid([Problem("outcome", N_("Choose an outcome."))])
    deed.columns["outcome"] = outcome
    deed.facts |= {"outcome": outcome}
    deed.personal |= {"text": deed.data.get("message") or "", "reason": deed.data.get("reason") or ""}
    deed.said = chosen.public
    Task.objects.filter(case=deed.case, done_at__isnull=True).exclude(sort__in=PROMISED).update(
        done_at=deed.at, done_by=deed.actor.user_id
    )


def reopen(deed: Deed) -> None:
    """Open again, with the reason kept."""
    deed.personal["text"] = deed.data.get("reason") or ""
    tell_owner(deed, "staff_reopened")


def withdraw(deed: Deed) -> None:
    """The reporter takes the matter back."""
    deed.columns["outcome"] = "withdrawn"
    deed.personal["text"] = deed.data.get("reason") or ""
    tell_owner(deed, "staff_added", what=N_("The report was withdrawn."))


def rate(deed: Deed) -> None:
    """The reporter says whether it is fixed; an unhappy answer in time reopens (F04)."""
    fixed = deed.data["fixed"] == "yes"
    deed.facts["fixed"] = fixed
    deed.personal["text"] = deed.data.get("text") or ""
    closed_at = deed.case.closed_at
    in_time = closed_at is not None and deed.at - closed_at <= dt.timedelta(days=int(setting("reopen_days")))
    if not fixed and in_time and deed.case.outcome not in {"duplicate", "withdrawn"}:
        deed.columns["state"] = "reopened"
        deed.facts["reopened"] = True
        tell_owner(deed, "staff_reopened")


def split(deed: Deed) -> None:
    """Open a child case for a part of this one that somebody else has to do."""
    from commonbeat.cases.actions import Report, open_case

    case = deed.case
    part = Report(
        category_id=int(deed.data["category"]), text=str(deed.data["text"]), address=case.address, lat=case.lat,
        long=case.long, area_id=case.area_id, language=case.language, channel=case.channel, complete=False,
    )  # fmt: skip
    child = open_case(case.kind, part, actor=deed.actor, at=deed.at).case
    CaseLink.objects.create(one=child, other=case, relation=CaseLink.Relation.CHILD, created_at=deed.at)
    deed.facts |= {"child": child.pk}
