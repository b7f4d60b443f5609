"""Cases for programs: read those that the key reaches, open new ones, take the steps that are open to programs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header, Query, Router, Status

from commonbeat.cases.actions import Report, Stale, act, open_case
from commonbeat.cases.categories import by_code, categories, procedures_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.cases.replays import entry_sent_as, open_once
from commonbeat.cases.tags import tag_by_code, tags, tags_of
from commonbeat.core.actor import Actor
from commonbeat.core.ids import BadReference, parse_reference
from commonbeat.interfaces.api.danger import danger_added, danger_notice, danger_of
from commonbeat.interfaces.api.v1 import keyset
from commonbeat.interfaces.api.v1.api import ERRORS, Key
from commonbeat.interfaces.api.v1.open_data import Limit, Number, aware
from commonbeat.interfaces.api.v1.problems import check_place, wrong
from commonbeat.interfaces.api.v1.schemas import (
    CaseOut,
    Cases,
    CaseTaken,
    Code,
    Contacts,
    NewCase,
    Opened,
    StepIn,
    Tags,
    Text,
    Timeline,
)
from commonbeat.journal.verbs import log_access, timeline

router = Router()
CHANNEL = "api"
ONCE: Any = Header("", alias="Idempotency-Key", max_length=200)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _find(request: HttpRequest, reference: str) -> Case:
    """The case, if this key reaches it; whoever may not see it learns no more than that nothing is there."""
    try:
        number = parse_reference(reference)
    except BadReference:
        raise Http404 from None
    case = Case.objects.visible_to(_actor(request)).defer("search").filter(pk=number).first()
    if case is None:
        raise Http404
    return case


def _told(case: Case, actor: Actor) -> CaseOut:
    known = categories().get(case.category_id) if case.category_id else None
    flow, procedures = KINDS[case.kind].workflow, procedures_of(case.category_id)
    steps = flow.options(case.state, actor=actor, procedures=procedures) if "cases:write" in actor.scopes else ()
    personal = {item.code for item in (known.fields if known else ()) if item.personal}
    answers = {code: value for code, value in (case.detail("answers") or {}).items() if code not in personal}
    return CaseOut.model_construct(
        reference=case.reference, kind=case.kind, state=case.state, version=case.version,
        category=known.row.code if known else None, area=case.area_id, team=case.team_id, channel=case.channel,
        language=case.language, text=case.text, answers=answers, address=case.address, lat=case.lat, long=case.long,
        opened_at=case.opened_at, changed_at=case.changed_at, closed_at=case.closed_at, due_at=case.due_at,
        outcome=case.outcome or None, tags=[tag.code for tag in tags_of(case.tags)],
        steps=[step.slug for step in steps],
    )  # fmt: skip


@router.get("/cases", auth=Key("cases:read"), response={200: Cases, **ERRORS}, url_name="cases")
def list_cases(
    request: HttpRequest,
    state: Code = "",
    category: Code = "",
    tag: Code = "",
    area: Number | None = None,
    open: bool | None = None,
    opened_since: Annotated[dt.datetime | None, Query()] = None,
    changed_since: Annotated[dt.datetime | None, Query()] = None,
    cursor: Text = "",
    limit: Limit = 100,
) -> Any:
    """Cases that this key reaches, newest first, without who reported them."""
    known = by_code(category) if category else None
    wanted: dict[str, Any] = {
        "state": state or None, "area_id": area, "category_id": (known.row.pk if known else 0) if category else None,
        "closed_at__isnull": open, "opened_at__gte": aware(opened_since), "changed_at__gte": aware(changed_since),
    }  # fmt: skip
    rows = Case.objects.visible_to(_actor(request)).defer("search", "clocks")
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if tag:
        rows = rows.tagged(known_tag.pk) if (known_tag := tag_by_code(tag)) else rows.none()
    found, following = keyset.page(rows, cursor=cursor, limit=limit)
    return {"cases": [_told(case, _actor(request)) for case in found], "next": following}


@router.get("/tags", auth=Key("cases:read"), response={200: Tags, **ERRORS}, url_name="tags")
def list_tags(request: HttpRequest) -> Any:
    """The department's tags by name, those out of use too: cases may still hold them."""
    rows = tags().values()
    return {
        "tags": [
            {"code": tag.code, "name": tag.name, "description": tag.description, "retired": bool(tag.retired_at)}
            for tag in rows
        ]
    }


@router.get("/cases/{reference}", auth=Key("cases:read"), response={200: CaseOut, **ERRORS}, url_name="case")
def show_case(request: HttpRequest, reference: Text) -> Any:
    """One case."""
    return _told(_find(request, reference), _actor(request))


@router.get(
    "/cases/{reference}/timeline", auth=Key("cases:read"), response={200: Timeline, **ERRORS}, url_name="timeline"
)
def show_timeline(request: HttpRequest, reference: Text) -> Any:
    """What happened to a case, without the words of anybody."""
    entries = timeline("case", _find(request, reference).pk)
    return {
        "events": [
            {"number": e.number, "verb": e.verb, "at": e.at, "by": e.actor_sort, "from_state": e.data.get("from"),
             "to_state": e.data.get("to")}
            for e in entries
        ]
    }  # fmt: skip


@router.get(
    "/cases/{reference}/contacts", auth=Key("contacts:read"), response={200: Contacts, **ERRORS}, url_name="contacts"
)
def show_contacts(request: HttpRequest, reference: Text) -> Any:
    """Who reported a case. Every look is logged with the key's name; a hidden reporter stays hidden."""
    case = _find(request, reference)
    log_access("case", case.pk, "contacts by key", actor=_actor(request), at=timezone.now())
    people = case.participants.filter(role=Participant.Role.REPORTER).select_related("person").order_by("id")
    return {"contacts": [_contact(participant) for participant in people]}


def _contact(participant: Participant) -> dict[str, Any]:
    person = None if participant.hidden else participant.person
    return {
        "role": participant.role, "hidden": participant.hidden, "name": person.name if person else "",
        "email": person.email if person else "", "phone": person.phone if person else "",
        "told_by": participant.told_by, "language": person.language if person else "",
    }  # fmt: skip


@router.post("/cases", auth=Key("cases:write"), response={200: Opened, 201: Opened, **ERRORS}, url_name="cases")
def open_new(request: HttpRequest, sent: NewCase, response: HttpResponse, once: str = ONCE) -> Any:
    """Open a case. The same Idempotency-Key again finds the first case (200) and changes nothing."""
    actor, at = _actor(request), timezone.now()
    known = by_code(sent.category)
    kind = next((k for k in KINDS if known and k.slug == known.row.kind and CHANNEL in k.intake.channels), None)
    if known is None or kind is None:
        raise wrong(
            "category", _("There is no category “%(code)s”. Take one from /categories.") % {"code": sent.category}
        )
    _check(sent)
    danger = danger_of(known, text=sent.text, answers=sent.answers, language=sent.language)
    report = Report(
        category_id=known.row.pk, text=sent.text, address=" ".join(sent.address.split()), lat=sent.lat, long=sent.long,
        area_id=sent.area, answers=sent.answers, name=" ".join(sent.name.split()), email=sent.email,
        phone=" ".join(sent.phone.split()), told_by="email" if sent.email else "none", hidden=sent.hidden,
        language=sent.language, channel=CHANNEL, danger=danger,
    )  # fmt: skip
    if once:
        token = hashlib.blake2b(f"{actor.key_id}|{once}".encode("utf-8", "backslashreplace")).digest()
        opened = open_once(lambda i: open_case(kind.slug, report, actor=actor, at=at, client_id=i), token=token, at=at)
    else:
        opened = open_case(kind.slug, report, actor=actor, at=at)
    case = opened.case
    body = {"reference": case.reference, "state": case.state, "version": case.version, "code": opened.code}
    return Status(200 if opened.replayed else 201, body | {"notice": danger_notice(danger) or None})


def _check(sent: NewCase) -> None:
    check_place(sent)
    if sent.email:
        try:
            validate_email(sent.email)
        except ValidationError:
            raise wrong("email", _("This is no e-mail address. Correct it, or leave it out.")) from None


@router.post(
    "/cases/{reference}/steps/{step}", auth=Key("cases:write"), response={200: CaseTaken, **ERRORS}, url_name="step"
)
def take_step(request: HttpRequest, reference: Text, step: Code, sent: StepIn, once: str = ONCE) -> Any:
    """Take a step that the case lists under `steps`. The same Idempotency-Key again takes it only once."""
    actor, at = _actor(request), timezone.now()
    case = _find(request, reference)
    danger = danger_added(case, "\n".join(value for value in sent.data.values() if isinstance(value, str)))
    if once and entry_sent_as(case, once, actor=actor):
        return _taken(case, actor, danger)
    read = case.version if sent.version is None else sent.version
    facts = {"sent_as": once} if once else None
    try:
        with transaction.atomic():
            act(case, step, data=sent.data, actor=actor, at=at, version=read, facts=facts, danger=danger)
    except Stale as stale:
        if once and entry_sent_as(stale.case, once, actor=actor):
            return _taken(stale.case, actor, danger)
        raise
    return _taken(case, actor, danger)


def _taken(case: Case, actor: Actor, danger: Mapping[str, Any] | None) -> CaseTaken:
    return CaseTaken.model_construct(**dict(_told(case, actor)), notice=danger_notice(danger) or None)
