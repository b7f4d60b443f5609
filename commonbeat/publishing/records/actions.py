"""What is done on a request for records: cases chosen, parts decided, the bundle released; all of it in the journal."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from commonbeat.cases.disposal import lift_hold, place_hold
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor, Role
from commonbeat.core.fields import REQUIRED, Invalid, Problem
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.core.text import N_
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import record
from commonbeat.publishing.records.models import Exemption, Item, RecordsRequest, RequestedCase
from commonbeat.publishing.records.parts import SORTS, Part, parts_of
from commonbeat.publishing.records.proposing import places_of, propose

READERS = (Role.RECORDS, Role.STANDARDS, Role.ADMIN)
"""Roles that answer requests for records, each with the cases that they see."""
MOST = 200
KIND = "records_request"

NO_CASE = N_("There is no case %(reference)s that you may see. Check the reference.")
SEALED = N_("%(reference)s is sealed: nothing of it leaves the department by a request for records.")
WALLED = N_("%(reference)s can only be released by whoever leads such cases.")
TOO_MANY = N_("Choose at most %(most)s cases for one request.")
NONE_CHOSEN = N_("Choose at least one case.")
CLOSED = N_("This request is closed. What was released stays as it is.")
CHANGED_BY_OTHER = N_("Somebody else decided this part in the meantime. Look at it again.")
NO_EXEMPTION = N_("Choose the exemption by which this is removed.")
NOT_THERE = N_("“%(words)s” does not stand in this part. Copy the words as they are.")
NO_WORDS = N_("Write the words that are removed, one passage in a line.")
STAYS_CLOSED = N_("This part is not opened for a request. It can only be removed.")
COVER_IT = N_("Cover what may not be seen on the page of the photo. Here it is released or removed as a whole.")
UNDECIDED = N_("%(count)s parts are not decided yet. Decide each of them first.")
NEW_PARTS = N_("Something was written or changed on these cases since you looked. Decide the new parts first.")
NOTHING_TO_UNDO = N_("There is no decision of yours to take back.")


@transaction.atomic
def open_request(
    values: Mapping[str, Any], *, client_id: uuid.UUID | None = None, actor: Actor, at: dt.datetime
) -> RecordsRequest:
    """Note that somebody asks for records; a form that is sent twice makes one request. Raises `Invalid`."""
    wanted = ("requester", "text", "asked_on")
    missing = [Problem(name, REQUIRED) for name in wanted if not str(values.get(name) or "").strip()]
    if missing:
        raise Invalid(missing)
    fields = {name: values[name] for name in ("requester", "contact", "asked_on", "due_on", "text") if values.get(name)}
    made, new = RecordsRequest.objects.get_or_create(
        client_id=client_id or uuid.uuid4(), defaults={**fields, "made_at": at, "made_by_id": actor.staff_id}
    )
    if new:
        record(
            KIND, made.pk, "records_request.opened", actor=actor, at=at, data={"asked_on": str(made.asked_on)},
            personal={"requester": made.requester, "text": made.text}, first=True,
        )  # fmt: skip
    return made


def locked(request: RecordsRequest) -> RecordsRequest:
    """The request, held against others until the transaction ends. Raises `Invalid` when it is closed."""
    row = RecordsRequest.objects.select_for_update().get(pk=request.pk)
    if row.state != RecordsRequest.State.OPEN:
        raise Invalid([Problem("state", CLOSED)])
    return row


def find_cases(references: Iterable[str], *, actor: Actor) -> list[Case]:
    """The cases of these references that may be released by this actor. Raises `Invalid` and says which may not."""
    found, problems = [], []
    for typed in dict.fromkeys(references):
        try:
            case = Case.objects.visible_to(actor).filter(pk=parse_reference(typed)).first()
        except BadReference:
            case = None
        if case is None:
            problems.append(Problem("references", NO_CASE, {"reference": typed[:30]}))
        elif refusal := refused(case, actor=actor):
            problems.append(refusal)
        else:
            found.append(case)
    if problems:
        raise Invalid(problems)
    return found


def refused(case: Case, *, actor: Actor) -> Problem | None:
    """Why a case that somebody sees cannot be released by them; None when it can."""
    kind = KINDS[case.kind]
    if kind.sealed:
        return Problem("references", SEALED, {"reference": case.reference})
    if kind.walled and not actor.has(kind.led_by):
        return Problem("references", WALLED, {"reference": case.reference})
    return None


@transaction.atomic
def add_cases(request: RecordsRequest, cases: Sequence[Case], *, actor: Actor, at: dt.datetime) -> int:
    """Put cases on a request, hold them, and propose what is removed of them; returns how many were new."""
    row = locked(request)
    if problems := [found for case in cases if (found := refused(case, actor=actor))]:
        raise Invalid(problems)
    known = set(row.cases.values_list("case_id", flat=True))
    new = [case for case in cases if case.pk not in known]
    if not cases:
        raise Invalid([Problem("references", NONE_CHOSEN)])
    if len(known) + len(new) > MOST:
        raise Invalid([Problem("references", TOO_MANY, {"most": MOST})])
    for case in new:
        hold = place_hold(case, reason=row.number, actor=actor, at=at)
        chosen = RequestedCase.objects.create(request=row, case=case, number=case.pk, hold=hold)
        look(chosen, at=at)
    if new:
        record(KIND, row.pk, "records_request.cases_added", actor=actor, at=at, data={"cases": [c.pk for c in new]})
    return len(new)


@transaction.atomic
def drop_case(request: RecordsRequest, chosen: RequestedCase, *, actor: Actor, at: dt.datetime) -> None:
    """Take a case off a request again; its hold is lifted."""
    row = locked(request)
    let_go(chosen, actor=actor, at=at)
    record(KIND, row.pk, "records_request.case_dropped", actor=actor, at=at, data={"case": chosen.case_id})
    chosen.delete()


def let_go(chosen: RequestedCase, *, actor: Actor, at: dt.datetime) -> None:
    """Lift the hold that the request put on a case."""
    if chosen.hold:
        lift_hold(chosen.hold, actor=actor, at=at)


def look(chosen: RequestedCase, *, at: dt.datetime) -> tuple[dict[str, Part], bool]:
    """Bring the items of a case up to what it holds now; parts by path, and whether a decision became void."""
    assert chosen.case is not None
    parts = {part.path: part for part in parts_of(chosen.case)}
    items = {item.path: item for item in chosen.items.all()}
    exemptions = list(Exemption.objects.filter(retired_at=None).order_by("code"))
    made, changed = [], False
    for path, part in parts.items():
        if path in items and items[path].digest == part.digest:
            continue
        proposal, spans, exemption = propose(part, exemptions=exemptions, language=chosen.case.language)
        values: dict[str, Any] = {
            "sort": part.sort, "digest": part.digest, "proposal": proposal, "spans": spans, "exemption": exemption,
            "decision": "", "decided_at": None, "decided_by": None,
        }  # fmt: skip
        changed = True
        if path in items:
            Item.objects.filter(pk=items[path].pk).update(**values)
        else:
            made.append(Item(chosen=chosen, path=path, **values))
    Item.objects.bulk_create(made)
    gone = [item.pk for path, item in items.items() if path not in parts]
    Item.objects.filter(pk__in=gone).delete()
    return parts, changed


@transaction.atomic
def look_again(request: RecordsRequest, *, at: dt.datetime) -> bool:
    """See what has changed on the cases since; true when a part has to be decided anew."""
    row = locked(request)
    return any([look(chosen, at=at)[1] for chosen in row.cases.select_related("case").filter(case__isnull=False)])


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody wants to become of one part: a choice, the exemption, and the words that go where it is a part.

    `seen` is how the item stood when they looked.
    """

    item: Item
    part: Part
    choice: str
    exemption: Exemption | None
    words: tuple[str, ...]
    seen: str


@transaction.atomic
def decide(request: RecordsRequest, wanted: Iterable[Decision], *, actor: Actor, at: dt.datetime) -> dict[int, Problem]:
    """Store what can be stored, as one entry; returns what is wrong with the others, by item. Raises `Invalid`."""
    row = locked(request)
    changes, problems = [], {}
    for one in wanted:
        now = Item.objects.select_for_update().get(pk=one.item.pk, chosen__request=row)
        try:
            values = _checked(now, one)
        except Invalid as refused_it:
            problems[now.pk] = refused_it.problems[0]
            continue
        if any(getattr(now, name) != value for name, value in values.items()):
            changes.append((now, values))
    if changes:
        _keep(changes, row, actor=actor, at=at)
    return problems


def _checked(now: Item, one: Decision) -> dict[str, Any]:
    """The columns of a decision. Raises `Invalid`."""
    if one.choice not in Item.Choice.values:
        raise Invalid([Problem("decision", REQUIRED)])
    if now.seen != one.seen or now.digest != one.part.digest:
        raise Invalid([Problem("decision", CHANGED_BY_OTHER)])
    if one.part.closed and one.choice != Item.Choice.REMOVE:
        raise Invalid([Problem("decision", STAYS_CLOSED)])
    if one.part.sort == "photo" and one.choice == Item.Choice.PART:
        raise Invalid([Problem("decision", COVER_IT)])
    removes = one.choice != Item.Choice.RELEASE
    if removes and one.exemption is None:
        raise Invalid([Problem("exemption", NO_EXEMPTION)])
    spans = _spans(one.part, one.choice, one.words)
    return {
        "decision": one.choice, "spans": spans,
        "exemption_id": one.exemption.pk if removes and one.exemption else None,
    }  # fmt: skip


def _spans(part: Part, choice: str, words: Iterable[str]) -> list[list[int]]:
    if choice != Item.Choice.PART:
        return []
    spans, missing = places_of(part.text, words)
    if missing:
        raise Invalid([Problem("words", NOT_THERE, {"words": missing[0][:80]})])
    if not spans:
        raise Invalid([Problem("words", NO_WORDS)])
    return spans


@transaction.atomic
def accept(request: RecordsRequest, *, sort: str, actor: Actor, at: dt.datetime) -> int:
    """Decide every undecided part of one sort as it is proposed; returns how many. Raises `Invalid`."""
    row = locked(request)
    if sort not in SORTS:
        raise Invalid([Problem("sort", REQUIRED)])
    items = list(Item.objects.filter(chosen__request=row, sort=sort, decision="").select_for_update().order_by("pk"))
    if any(item.proposal != Item.Choice.RELEASE and item.exemption_id is None for item in items):
        raise Invalid([Problem("exemption", NO_EXEMPTION)])
    changes = [
        (item, {"decision": item.proposal, "spans": item.spans, "exemption_id": item.exemption_id}) for item in items
    ]
    if changes:
        _keep(changes, row, actor=actor, at=at)
    return len(changes)


def _keep(
    changes: Sequence[tuple[Item, dict[str, Any]]], request: RecordsRequest, *, actor: Actor, at: dt.datetime
) -> None:
    """Store decisions, and in the journal how each stood before: places and exemptions, no words."""
    before = []
    for item, values in changes:
        before.append(
            {"item": item.pk, "decision": item.decision, "spans": item.spans, "exemption": item.exemption_id,
             "by": item.decided_by_id, "at": item.seen}
        )  # fmt: skip
        Item.objects.filter(pk=item.pk).update(**values, decided_at=at, decided_by_id=actor.staff_id)
    after = [{"item": item.pk, "decision": values["decision"]} for item, values in changes]
    record(
        KIND, request.pk, "records_request.decided", actor=actor, at=at, data={"before": before, "after": after}
    )  # fmt: skip


def last_decision(request: RecordsRequest, *, actor: Actor) -> Entry | None:
    """The latest decision, when this person made it and it has not been taken back."""
    last = Entry.objects.about(KIND, request.pk).last()
    mine = last is not None and last.verb == "records_request.decided" and last.actor_id == actor.user_id
    return last if mine else None


@transaction.atomic
def undo(request: RecordsRequest, *, actor: Actor, at: dt.datetime) -> None:
    """Take back one's own latest decision, before the release. Raises `Invalid`."""
    row = locked(request)
    entry = last_decision(row, actor=actor)
    if entry is None:
        raise Invalid([Problem("undo", NOTHING_TO_UNDO)])
    for was in entry.data["before"]:
        Item.objects.filter(pk=was["item"], chosen__request=row).update(
            decision=was["decision"], spans=was["spans"], exemption_id=was["exemption"], decided_by_id=was["by"],
            decided_at=dt.datetime.fromisoformat(was["at"]) if was["at"] else None,
        )  # fmt: skip
    record(KIND, row.pk, "records_request.undone", actor=actor, at=at, data={"entry": entry.number})


@transaction.atomic
def withdraw(request: RecordsRequest, *, actor: Actor, at: dt.datetime) -> None:
    """End a request without releasing anything; its cases are held no longer."""
    row = locked(request)
    for chosen in row.cases.select_related("hold"):
        let_go(chosen, actor=actor, at=at)
    RecordsRequest.objects.filter(pk=row.pk).update(
        state=RecordsRequest.State.WITHDRAWN, closed_at=at, closed_by_id=actor.staff_id
    )
    record(KIND, row.pk, "records_request.withdrawn", actor=actor, at=at)
