"""Updates of requests (mySociety's extension): what changed on public cards, and what a partner's system reports."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from commonbeat.cases.actions import Stale, act
from commonbeat.cases.categories import procedures_of
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case
from commonbeat.cases.replays import entry_sent_as
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.api.danger import danger_added, danger_notice
from commonbeat.interfaces.api.open311.asking import MOST, SPAN, Asked
from commonbeat.interfaces.api.open311.listing import COLUMNS, Wording, as_requests, number_of
from commonbeat.interfaces.api.open311.replies import Refused
from commonbeat.publishing.finding import CardQuery, find_cards

STATUS_OF_OUTCOME = {
    "fixed": "fixed", "duplicate": "duplicate", "other_agency": "not_councils_responsibility",
    "no_action": "no_further_action", "withdrawn": "cancelled",
}  # fmt: skip
"""The extension's word for an outcome; every other outcome is just closed."""

STEP_OF_STATUS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "in_progress": ("acknowledge", {}), "investigating": ("acknowledge", {}), "planned": ("acknowledge", {}),
    "action_scheduled": ("acknowledge", {}),
    "fixed": ("resolve", {"outcome": "fixed"}), "closed": ("resolve", {"outcome": "fixed"}),
    "no_further_action": ("resolve", {"outcome": "no_action"}),
    "not_councils_responsibility": ("resolve", {"outcome": "other_agency"}),
    "open": ("note", {}), "unchanged": ("note", {}), "for_triage": ("note", {}), "internal_referral": ("note", {}),
    "reopen": ("note", {}), "duplicate": ("note", {}), "cancelled": ("note", {}),
}  # fmt: skip
"""What a partner's status does here. What needs somebody of ours to decide (reopening, merging) is a note to them."""

NOTE = "note"


def list_updates(asked: Asked, language: str, *, at: dt.datetime) -> list[dict[str, Any]]:
    """Cards that changed in a span of time, oldest change first: one update per public change of status or answer."""
    since, before = asked.window("start_date", "end_date")
    size = asked.whole("page_size", default=MOST, low=1, high=MOST)
    page = asked.whole("page", default=1, low=1, high=100_000)
    query = CardQuery(changed_since=since or at - SPAN, changed_before=before)
    cards = find_cards(query, at=at).order_by("changed_at", "case_id").values_list(*COLUMNS)
    rows = list(cards[(page - 1) * size : page * size])
    found = as_requests(rows, Wording(language))
    return [_update(row, request) for row, request in zip(rows, found, strict=True)]


def _update(row: tuple[Any, ...], request: dict[str, Any]) -> dict[str, Any]:
    kind, closed, state, outcome, answer, changed, ended = (row[i] for i in (1, 4, 5, 6, 8, 12, 13))
    status = STATUS_OF_OUTCOME.get(outcome, "closed") if closed else _open_status(kind, state)
    public = repr((row[0], state, outcome, answer, ended)).encode()
    return {
        "update_id": hashlib.blake2b(public, digest_size=12).hexdigest(),
        "service_request_id": request["service_request_id"], "status": status,
        "description": request["status_notes"], "updated_datetime": changed.isoformat()[:19] + "Z",
        "media_url": request["media_url"],
    }  # fmt: skip


def _open_status(kind: str, state: str) -> str:
    return "open" if state == KINDS[kind].workflow.start else "investigating"


def take_update(asked: Asked, *, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """Take an update of a partner's system: one step on the case, named in the journal with the partner's key."""
    needed = ("service_request_id", "update_id", "status", "updated_datetime", "description")
    missing = [name for name in needed if not asked.one(name)]
    if missing:
        raise Refused(400, *(_("%(name)s required.") % {"name": name} for name in missing))
    asked.moment("updated_datetime")
    status, update_id = asked.one("status").lower(), asked.one("update_id")
    if status not in STEP_OF_STATUS:
        raise Refused(400, _("status is one of: %(known)s.") % {"known": ", ".join(sorted(STEP_OF_STATUS))})
    if len(update_id) > 200 or len(asked.one("description")) > 4000:
        raise Refused(400, _("update_id has at most 200 characters, description at most 4000. Shorten it."))
    case = _case(asked.one("service_request_id"), actor)
    if entry_sent_as(case, update_id, actor=actor):
        raise Refused(400, _("The update “%(id)s” was taken before. Nothing is to be done.") % {"id": update_id})
    facts = {"sent_as": update_id, "status": status}
    step, data = _step(case, status, asked.one("description"), actor)
    danger = danger_added(case, asked.one("description"))
    try:
        act(case, step, data=data, actor=actor, at=at, facts=facts, danger=danger)
    except Stale:
        raise Refused(409, _("The request changed at this moment. Send the update again.")) from None
    except Invalid as refused:
        raise Refused(
            400, *(_(p.message) % p.params if p.params else _(p.message) for p in refused.problems)
        ) from refused
    except NotAllowed:
        raise Refused(400, _("This request takes no updates any more.")) from None
    return {"update_id": update_id} | ({"service_notice": danger_notice(danger)} if danger else {})


def _case(reference: str, actor: Actor) -> Case:
    number = number_of(reference)
    case = Case.objects.visible_to(actor).filter(pk=number).first() if number is not None else None
    if case is None:
        raise Refused(404, _("There is no request “%(id)s” for this key. Check the id.") % {"id": reference[:40]})
    return case


def _step(case: Case, status: str, text: str, actor: Actor) -> tuple[str, dict[str, Any]]:
    """The step for a status, or a note where that step is not possible now: nothing that was sent is lost."""
    wanted, data = STEP_OF_STATUS[status]
    flow, procedures = KINDS[case.kind].workflow, procedures_of(case.category_id)
    possible = {step.slug for step in flow.options(case.state, actor=actor, procedures=procedures)}
    if wanted == NOTE or wanted not in possible:
        return NOTE, {"text": text}
    return wanted, {**data, "message": text}
