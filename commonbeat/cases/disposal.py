"""Destroying cases whose time is over: proposed by one person, approved by another, blocked by holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from commonbeat.cases import files, sealing
from commonbeat.cases.admin_tasks import KEPT as ADMIN_TASKS
from commonbeat.cases.keeping import retention_rules
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, CaseFile, Participant, Question, Upload
from commonbeat.cases.queries import CaseQuerySet
from commonbeat.cases.safeguards import Disposal, Hold, Tombstone
from commonbeat.cases.walls import hidden_from, told_about, unread_kinds
from commonbeat.community.agency import local_day
from commonbeat.community.models import OneTimeLink, Person, User
from commonbeat.community.people import shred_person
from commonbeat.core.actor import SYSTEM, Actor, Role
from commonbeat.core.fields import Invalid, Problem
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_
from commonbeat.journal.models import Delivery, Entry, OutboxMessage
from commonbeat.journal.verbs import record, shred_entries

KEEPERS = frozenset({Role.RECORDS, Role.SUPERVISOR, Role.ADMIN, Role.STANDARDS})
"""Roles that may propose and approve disposal, and place and lift holds: each on the cases that they may see."""

NOT_A_KEEPER = N_("Only records officers, supervisors, professional standards and administrators may do this.")
SAME_PERSON = N_("You proposed this. A second person has to approve it.")
ON_HOLD = N_("A hold is on this case, so nothing of it may be destroyed. Lift the hold first.")
NOT_DUE = N_("The time to keep this case is not over yet.")
NO_REASON = N_("Write why.")
NO_CASE = N_("There is no case with this reference that you may see. Check the reference.")
ALREADY = N_("This case is proposed for disposal already.")


@dataclass(frozen=True)
class Rule:
    """One line of the retention schedule: how long a kind with an outcome is kept, and why.

    `days` and `reason` are what holds; `declared` is the time of the kind where the agency set its own.
    """

    kind: str
    outcome: str
    days: int | None
    reason: str
    declared: int | None = None
    by_agency: bool = False


SCHEDULED: list[Callable[[], Rule]] = []
"""Lines of the schedule on what is no case: floors above add theirs."""


def schedule() -> list[Rule]:
    """The retention schedule as it holds here, and of tasks without a case; labels are source text."""
    found = []
    for kind in KINDS:
        own = [outcome for slug, outcome in retention_rules() if slug == kind.slug and outcome not in kind.retention]
        for outcome in (*kind.retention, *own):
            label, kept, declared = kind.workflow.outcome(outcome), kind.keep(outcome), kind.declared(outcome)
            found.append(
                Rule(
                    kind.plural, label.label if label else "", kept.days, kept.reason,
                    declared=declared.days, by_agency=kind.rule(outcome) is not None and declared.days is not None,
                )
            )  # fmt: skip
    tasks = Rule(N_("Administrative tasks"), "", ADMIN_TASKS.days, ADMIN_TASKS.reason)
    return [*found, tasks, *(rule() for rule in SCHEDULED)]


def open_hold(prefix: str = "") -> Exists:
    """Condition on cases (or rows with a case): somebody placed a hold that is not lifted."""
    return Exists(Hold.objects.filter(case_id=OuterRef(f"{prefix}pk"), lifted_at__isnull=True))


def due_for_disposal(*, actor: Actor, at: dt.datetime) -> CaseQuerySet:
    """Closed cases whose time is over, that are not held and not proposed yet, longest overdue first."""
    proposed = Disposal.objects.filter(case_number=OuterRef("pk"))
    return (
        Case.objects.visible_to(actor)
        .filter(dispose_on__lte=local_day(at), closed_at__isnull=False)
        .exclude(open_hold())
        .exclude(Exists(proposed))
        .order_by("dispose_on", "id")
    )


def _check_keeper(actor: Actor) -> None:
    if not actor.has(*KEEPERS):
        raise Invalid([Problem("actor", NOT_A_KEEPER)])


def _check_told(number: int, actor: Actor) -> None:
    """A case of which this actor may not even learn does not exist for them."""
    if hidden_from(actor, unread=True).filter(pk=number).exists():
        raise Invalid([Problem("reference", NO_CASE)])


def open_holds(*, actor: Actor) -> QuerySet[Hold]:
    """Holds that are not lifted, on cases that this actor may learn of; the oldest first."""
    rows = Hold.objects.filter(told_about(actor, "case", unread=True), lifted_at__isnull=True)
    return rows.select_related("placed_by", "case").order_by("placed_at")


def tombstones(*, actor: Actor) -> QuerySet[Tombstone]:
    """What stays of destroyed cases of kinds that this actor reads, the latest first."""
    return Tombstone.objects.exclude(kind__in=unread_kinds(actor)).order_by("-disposed_at")


def _user(actor: Actor) -> int:
    """The keeper's account; programs and reporters are no keepers."""
    if actor.user_id is None:
        raise Invalid([Problem("actor", NOT_A_KEEPER)])
    return actor.user_id


def _check_reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid([Problem("reason", NO_REASON)])
    return reason.strip()[:400]


def find_case(text: str, *, actor: Actor) -> Case:
    """The case whose reference was typed, if this actor may see it. Raises `Invalid`."""
    try:
        number = parse_reference(text)
    except BadReference:
        raise Invalid([Problem("reference", NO_CASE)]) from None
    found = Case.objects.visible_to(actor).filter(pk=number).first()
    if found is None:
        raise Invalid([Problem("reference", NO_CASE)])
    return found


@transaction.atomic
def place_hold(case: Case, *, reason: str, actor: Actor, at: dt.datetime) -> Hold:
    """Keep a case from being destroyed, for litigation or a request for records. Raises `Invalid`."""
    _check_keeper(actor)
    reason = _check_reason(reason)
    hold = Hold.objects.create(case=case, reason=reason, placed_by_id=_user(actor), placed_at=at)
    Disposal.objects.filter(case_number=case.pk, approved_at__isnull=True).delete()
    record("case", case.pk, "case.hold_placed", actor=actor, at=at, data={"reason": reason})
    return hold


@transaction.atomic
def lift_hold(hold: Hold, *, actor: Actor, at: dt.datetime) -> None:
    """Let a held case go its way again; a second time changes nothing."""
    _check_keeper(actor)
    _check_told(hold.case_id, actor)
    lifted = Hold.objects.filter(pk=hold.pk, lifted_at__isnull=True).update(lifted_by=actor.user_id, lifted_at=at)
    if lifted:
        record("case", hold.case_id, "case.hold_lifted", actor=actor, at=at, data={"reason": hold.reason})


@transaction.atomic
def propose(numbers: Iterable[int], *, reason: str, actor: Actor, at: dt.datetime) -> list[Disposal]:
    """Propose cases that are due; those that are not due, held or proposed are passed over. Raises `Invalid`."""
    _check_keeper(actor)
    reason = _check_reason(reason)
    made = []
    for case in due_for_disposal(actor=actor, at=at).filter(pk__in=list(numbers)):
        made.append(
            Disposal.objects.create(case_number=case.pk, proposed_by_id=_user(actor), proposed_at=at, reason=reason)
        )
        record("case", case.pk, "case.disposal_proposed", actor=actor, at=at, data={"reason": reason})
    return made


@transaction.atomic
def decline(disposal: Disposal, *, actor: Actor, at: dt.datetime) -> None:
    """Take a proposal back; the case stays."""
    _check_keeper(actor)
    _check_told(disposal.case_number, actor)
    gone, _kinds = Disposal.objects.filter(pk=disposal.pk, approved_at__isnull=True).delete()
    if gone:
        record("case", disposal.case_number, "case.disposal_declined", actor=actor, at=at)


@transaction.atomic
def withdraw_undue(cases: Iterable[Case], *, at: dt.datetime) -> None:
    """Take back what was proposed of these cases where their time is not over any more: the schedule has changed."""
    undue = [case.pk for case in cases if case.dispose_on is None or case.dispose_on > local_day(at)]
    for row in Disposal.objects.filter(case_number__in=undue, approved_at__isnull=True):
        row.delete()
        record(
            "case", row.case_number, "case.disposal_declined", actor=SYSTEM, at=at, data={"reason": "schedule changed"}
        )


@transaction.atomic
def approve(disposal: Disposal, *, actor: Actor, at: dt.datetime) -> Tombstone:
    """Destroy a case that somebody else proposed. What stays: a tombstone, and entries without personal fields.

    Files leave the disk after the transaction, so that a failure loses nothing. Raises `Invalid`.
    """
    _check_keeper(actor)
    row = Disposal.objects.select_for_update().get(pk=disposal.pk)
    if row.proposed_by_id == actor.user_id:
        raise Invalid([Problem("actor", SAME_PERSON)])
    case = Case.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=row.case_number).first()
    if case is None:
        raise Invalid([Problem("reference", NO_CASE)])
    if case.holds.filter(lifted_at__isnull=True).exists():
        raise Invalid([Problem("hold", ON_HOLD)])
    if case.dispose_on is None or case.dispose_on > local_day(at) or case.closed_at is None:
        raise Invalid([Problem("due", NOT_DUE)])
    Disposal.objects.filter(pk=row.pk).update(approved_by=actor.user_id, approved_at=at)
    return destroy(case, proposed_by=User.objects.get(pk=row.proposed_by_id).name, actor=actor, at=at)


def destroy(case: Case, *, proposed_by: str, actor: Actor, at: dt.datetime) -> Tombstone:
    """Destroy a case for good, within the caller's transaction and after the caller's checks."""
    stone = _tombstone(case, proposed_by=proposed_by, approved_by=actor.name, at=at)
    _destroy(case, at=at)
    facts = {"kind": stone.kind, "proposed_by": stone.proposed_by, "approved_by": stone.approved_by}
    record("case", stone.case_number, "case.disposed", actor=actor, at=at, data=facts)
    return stone


def _tombstone(case: Case, *, proposed_by: str, approved_by: str, at: dt.datetime) -> Tombstone:
    return Tombstone.objects.create(
        case_number=case.pk,
        kind=case.kind,
        category_code=case.category.code if case.category else "",
        area_id=case.area_id,
        opened_on=local_day(case.opened_at),
        closed_on=local_day(case.closed_at) if case.closed_at else None,
        outcome=case.outcome,
        disposed_at=at,
        proposed_by=proposed_by,
        approved_by=approved_by,
    )


def _destroy(case: Case, *, at: dt.datetime) -> None:
    people = list(Person.objects.filter(participant__case=case, shredded_at__isnull=True).distinct())
    forget_messages(Delivery.objects.filter(entry__in=Entry.objects.about("case", case.pk)))
    participants = list(Participant.objects.filter(case=case).values_list("pk", flat=True))
    questions = list(Question.objects.filter(case=case).values_list("pk", flat=True))
    OneTimeLink.objects.filter(
        Q(subject_kind="participant", subject_id__in=participants)
        | Q(subject_kind="case", subject_id=case.pk)
        | Q(subject_kind="question", subject_id__in=questions)
    ).delete()
    digests = {d for row in case.files.all() for d in (row.sha256, row.redacted_sha256) if d}
    if KINDS[case.kind].sealed:
        client_id = case.client_id
        transaction.on_commit(lambda: sealing.destroy_key(client_id))
    shred_entries("case", case.pk)
    case.holds.all().delete()
    case.delete()
    for person in people:
        if not person.participant_set.exists():
            forget_messages(Delivery.objects.filter(person=person))
            shred_person(person, at=at)
    transaction.on_commit(lambda: remove_files(digests))


def forget_messages(rows: Iterable[Delivery]) -> None:
    """Empty messages of what is personal; whether and when they arrived stays. Waiting ones are not sent any more."""
    keys = [row.pk for row in rows]
    waiting = [Delivery.State.PENDING, Delivery.State.SENDING]
    Delivery.objects.filter(pk__in=keys, state__in=waiting).update(state=Delivery.State.CANCELLED)
    Delivery.objects.filter(pk__in=keys).update(recipient="", context={}, person=None)
    for key in keys:
        OutboxMessage.objects.filter(headers__contains={"Auto-Submitted": "auto-generated"}).filter(
            **{"headers__Message-ID__startswith": f"<delivery-{key}@"}
        ).delete()


def remove_files(digests: Iterable[str]) -> int:
    """Remove files from the disk that no case and no upload refers to any more; returns how many."""
    gone = 0
    for digest in digests:
        used = CaseFile.objects.filter(Q(sha256=digest) | Q(redacted_sha256=digest)).exists()
        if not used and not Upload.objects.filter(sha256=digest).exists():
            for path in files.path_of(digest).parent.glob(f"{digest}*"):  # the thumbnails as well
                path.unlink(missing_ok=True)
            gone += 1
    return gone


def proposals(*, actor: Actor) -> Sequence[tuple[Disposal, Case | None]]:
    """Proposals that wait for a second person, with their cases as far as this actor may see them."""
    rows = list(Disposal.objects.filter(approved_at__isnull=True).select_related("proposed_by").order_by("proposed_at"))
    seen = Case.objects.visible_to(actor).select_related("category").in_bulk([row.case_number for row in rows])
    return [(row, seen.get(row.case_number)) for row in rows if row.case_number in seen]
