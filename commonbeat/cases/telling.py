"""Who is told of a step, and in which words: reporters in their language, staff where they look."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commonbeat.cases.categories import categories
from commonbeat.cases.deed import Deed
from commonbeat.cases.kind import Kind
from commonbeat.cases.models import Case, CaseLink, Participant, Task
from commonbeat.cases.walls import may_see
from commonbeat.community.agency import local_day, setting
from commonbeat.community.cover import with_cover
from commonbeat.community.models import User
from commonbeat.community.reference import Remembered
from commonbeat.core.text import N_
from commonbeat.core.workflow import KEY
from commonbeat.journal.models import Webhook
from commonbeat.journal.verbs import Tell

STAFF_MAILS = {
    "staff_assigned": N_("A case is given to me"),
    "staff_answered": N_("Somebody answered my question"),
    "staff_reopened": N_("A case of mine was opened again"),
    "staff_added": N_("A reporter added something to my case, or withdrew it"),
    "staff_overdue": N_("A clock in my charge ran out"),
    "staff_not_complied": N_("A notice in my charge was not followed"),
    "staff_task_given": N_("Somebody gave me a task"),
    "staff_task_due": N_("The day of a task of mine has come"),
    "staff_complaint": N_("A complaint came in"),
    "staff_field_report": N_("A field report waits for me, or came back to me"),
    "staff_recurring": N_("Concerns keep coming back at a place in my areas"),
    "search_reached": N_("One of my saved searches reached its number"),
}
"""E-mails to staff that each person may turn off: template → when it is sent."""


PATHS = {"return": "/return/link/", "answer": "/answer/", "talks": "/talks/"}
"""Where a link in a message leads, by its purpose."""


def context(case: Case, *, language: str) -> dict[str, Any]:
    """What every message about a case may name; nothing about who reported it."""
    known = categories().get(case.category_id) if case.category_id else None
    state = _kind(case).workflow.state(case.state)
    return {
        "reference": case.reference,
        "category": known.text(language).name if known else "",
        "status": state.public,
        "due_at": case.due_at.isoformat() if case.due_at else "",
    }


def _kind(case: Case) -> Kind:
    from commonbeat.cases.kind import KINDS

    return KINDS[case.kind]


def is_sensitive(case: Case) -> bool:
    """True where nothing may go out unless a person decides it for this case (RULES 6)."""
    known = categories().get(case.category_id) if case.category_id else None
    return bool(known and known.row.sensitive)


def tell_participant(
    participant: Participant, case: Case, template: str, *, words: dict[str, Any], urgent: bool = False,
    purpose: str = "return", not_before: dt.datetime | None = None,
) -> list[Tell]:  # fmt: skip
    """The message to one participant by the way they chose; nobody is told by e-mail after a bounce."""
    person = participant.person
    if person is None or person.shredded_at or participant.told_by != "email":
        return []
    if not person.email or person.email_bounced_at:
        return []
    language = person.language or case.language
    link = {
        "purpose": purpose, "subject": ["participant", participant.pk], "days": setting("link_days"),
        "path": PATHS[purpose], "data": words.pop("link_data", {}),
    }  # fmt: skip
    return [
        Tell(
            "email", person.email, template, language, {**context(case, language=language), **words, "link": link},
            person_id=person.pk, urgent=urgent, not_before=not_before,
        )
    ]  # fmt: skip


def tell_reporters(deed: Deed) -> None:
    """Tell the reporters of a case and of its duplicates, unless the matter is sensitive and nobody said to."""
    decided = deed.data.get("tell")
    if decided is False or (decided is None and is_sensitive(deed.case)):
        return
    template = deed.kind.notices.get(deed.step.slug) or deed.kind.notices.get("step")
    if template is None:
        return
    cases = {deed.case.pk, *repeats_of(deed.case.pk)}
    people = Participant.objects.filter(role=Participant.Role.REPORTER, case_id__in=cases)
    for participant in people.select_related("person"):
        given = {"said": deed.said or deed.step.said, "text": str(deed.data.get("message") or ""), **deed.words}
        if participant.told_by == "call":
            deed.later.append(lambda p=participant: _call(deed, p))  # type: ignore[misc]
            continue
        deed.tell += tell_participant(participant, deed.case, template, words=given)


SAME_MATTER = N_("Your report and another one are about the same matter. We work on both together.")


def tell_of_same_matter(deed: Deed, other: Case) -> None:
    """Tell whoever reported either of two cases that both are worked together: each person once, naming no other case.

    Nobody is told of a walled case, nor of a sensitive matter.
    """
    told: set[int] = set()
    for case in (deed.case, other):
        kind = _kind(case)
        template = kind.notices.get("step")
        if template is None or kind.walled or is_sensitive(case):
            continue
        reporters = Participant.objects.filter(case=case, role=Participant.Role.REPORTER, person__isnull=False)
        for one in reporters.exclude(person_id__in=told).select_related("person").order_by("pk"):
            made = tell_participant(one, case, template, words={"said": SAME_MATTER, "text": ""})
            deed.tell += made
            if made and one.person_id:
                told.add(one.person_id)


def repeats_of(case_id: int) -> set[int]:
    """Cases that are merged into this one, and those merged into them: their reporters hear how it goes on."""
    found: set[int] = set()
    edge = {case_id}
    while edge:
        links = CaseLink.objects.filter(other__in=edge, relation=CaseLink.Relation.DUPLICATE, one__outcome="duplicate")
        edge = set(links.values_list("one_id", flat=True)) - found - {case_id}
        found |= edge
    return found


def _call(deed: Deed, participant: Participant) -> None:
    """Somebody asked to be told by telephone: it becomes a task of whoever works the case."""
    owner = deed.columns.get("assignee_id", deed.case.assignee_id)
    deed.make(
        Task(
            case=deed.case, sort="call", text="", owner_id=owner,
            due_at=deed.at + dt.timedelta(days=1), created_at=deed.at,
        )
    )  # fmt: skip


def tell_user(user: User, case: Case, template: str, *, words: dict[str, Any]) -> Tell:
    """A message to somebody of the department, with the way to the case instead of its content."""
    words = {**context(case, language=user.language), **words, "path": f"/desk/{case.reference}/"}
    return Tell(channel_of(user, template), user.email, template, user.language, words, urgent=True)


def channel_of(user: User, template: str) -> str:
    """How somebody of the department is told: by e-mail, or in the inbox alone where they said so."""
    return "inbox" if template in user.muted else "email"


def tell_staff(deed: Deed, user: User, template: str, **words: Any) -> None:
    """Tell somebody of the department and whoever stands in for them today; never the person who acts.

    Of a walled case nobody hears who may not see it, also when it was theirs yesterday.
    """
    for person in with_cover([user], on=local_day(deed.at)):
        if person.pk != deed.actor.user_id and (not deed.kind.walled or may_see(person, deed.case, at=deed.at)):
            deed.tell.append(tell_user(person, deed.case, template, words=words))


def tell_owner(deed: Deed, template: str, **words: Any) -> None:
    """Tell whoever works the case, if somebody does."""
    owner = User.objects.active().filter(pk=deed.case.assignee_id).first() if deed.case.assignee_id else None
    if owner:
        tell_staff(deed, owner, template, **words)


def _hooks() -> list[Webhook]:
    return list(Webhook.objects.filter(paused_at__isnull=True))


webhooks = Remembered(_hooks, "webhooks")


def tell_webhooks(case: Case, verb: str, *, at: dt.datetime) -> list[Tell]:
    """One message per webhook that listens for this verb: facts of the public sort only.

    Programs hear of no kind that programs may not read.
    """
    hooks = [hook for hook in webhooks() if not hook.verbs or verb in hook.verbs]
    if not hooks or KEY not in _kind(case).sees:
        return []
    known = categories().get(case.category_id) if case.category_id else None
    event = {
        "verb": verb, "at": at.isoformat(), "kind": case.kind, "reference": case.reference, "state": case.state,
        "category": known.row.code if known else None, "area": case.area_id, "outcome": case.outcome or None,
        "version": case.version,
    }  # fmt: skip
    return [Tell("webhook", hook.url, "event", "en", {"webhook": hook.pk, "event": event}) for hook in hooks]
