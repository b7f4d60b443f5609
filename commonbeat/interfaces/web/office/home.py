"""The office's first page: what can be administered, and what changed last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commonbeat.community.models import ApiKey
from commonbeat.core.actor import Actor, Role
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.office.editors import EDITORS, OFFICE_ROLES, object_url, say_verb
from commonbeat.journal.models import Entry


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the office: where it is, what it is called, what it holds. Who sees it is what its page says."""

    route: str
    title: Any
    text: Any
    icon: str

    def shown(self) -> dict[str, Any]:
        """The card for its component."""
        return {"title": self.title, "url": reverse(self.route), "text": self.text, "icon": self.icon}


GROUPS: tuple[tuple[Any, tuple[Card, ...]], ...] = (
    (
        _("The department"),
        (
            Card("office_agency", _("Agency"), _("Name, numbers, colour, logo, office hours and limits."), "settings"),
            Card("office_holiday_list", _("Holidays"), _("Days on which clocks stand still."), "calendar_today"),
            Card("office_area_list", _("Areas"), _("Boundaries, levels, populations."), "map"),
        ),
    ),
    (
        _("People"),
        (
            Card("office_user_list", _("People"), _("Accounts, roles, areas and cover."), "people"),
            Card("office_team_list", _("Teams"), _("People who share a queue."), "groups"),
            Card(
                "office_organisation_list", _("Partner organisations"),
                _("Whoever takes over what is not police work."), "share",
            ),
        ),
    ),
    (
        _("How cases run"),
        (
            Card("office_category_list", _("Categories"), _("Words, questions, clocks and public precision."), "list"),
            Card(
                "office_incidentsort_list", _("Sorts of incidents"),
                _("Who may take them, what field reports ask, who reads these."), "list",
            ),
            Card("office_routingrule_list", _("Routing"), _("Who gets a new case, and why."), "launch"),
            Card(
                "office_soundlimit_list", _("Sound limits"), _("How loud it may be, by zone and time of day."),
                "notifications",
            ),
            Card("office_template_list", _("Response templates"), _("Form letters in every language."), "mail"),
            Card("office_tag_list", _("Tags"), _("A few words for sorts of matter that no category says."), "list"),
        ),
    ),
    (
        _("Other systems"),
        (
            Card("office_keys", _("API keys"), _("What other programs may do."), "lock"),
            Card("office_webhook_list", _("Webhooks"), _("Who is told of events."), "notifications"),
            Card("office_deliveries", _("Messages"), _("What was sent, what came back, what failed."), "send"),
        ),
    ),
    (
        _("Records"),
        (
            Card(
                "office_retention", _("Keeping and disposal"),
                _("How long records are kept, what is due, holds."), "folder_open",
            ),
            Card(
                "office_retentionrule_list", _("Times to keep"),
                _("How long cases are kept here, where the law wants another time."), "schedule",
            ),
            Card(
                "office_persons", _("Requests of persons"), _("What we hold on somebody; correct or erase it."),
                "contact_page",
            ),
            Card(
                "records_requests", _("Requests for records"),
                _("What leaves the house under the law on public records, with a log of what was removed."), "share",
            ),
            Card(
                "office_exemption_list", _("Exemptions"), _("Why parts of records may be kept back."), "lock",
            ),
            Card("rewards", _("Rewards for tips"), _("Pay a reward by its code, and nothing else."), "lock"),
            Card("office_access_log", _("Access log"), _("Who looked at what."), "visibility"),
        ),
    ),
)  # fmt: skip


@staff(*OFFICE_ROLES)
def home(request: HttpRequest) -> HttpResponse:
    """Cards of the parts that this person may use."""
    actor: Actor = actor_of(request)
    shown = [(title, [card.shown() for card in cards if may_open(actor, card.route)]) for title, cards in GROUPS]
    groups = [{"title": title, "cards": cards} for title, cards in shown if cards]
    context = {"groups": groups, "recent": _recent(actor) if actor.has(Role.ADMIN) else [], "section": "office"}
    return render(request, "pages/office/index.html", context)


def _recent(actor: Actor) -> list[dict[str, Any]]:
    kinds = [editor.slug for editor in EDITORS] + ["agency", "user", "key"]
    rows = list(Entry.objects.filter(subject_kind__in=kinds).order_by("-id")[:12])
    names = _names(rows)
    return [
        {
            "what": f"{say_verb(row.verb)}: {_kind_name(row.subject_kind)}",
            "at": row.at,
            "who": row.actor_name or "Commonbeat",
            "icon": "history",
            "tone": "quiet",
            "text": " – ".join(filter(None, (names.get((row.subject_kind, row.subject_id)), row.data.get("note")))),
            "link": {"url": url, "label": _("Open")} if url else None,
        }
        for row in rows
        for url in [object_url(row.subject_kind, row.subject_id, actor)]
    ]


def _names(rows: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """What the changed things are called today, as their lists call them: one question for each sort of thing."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.subject_kind, set()).add(row.subject_id)
    found = {("key", key.pk): key.name for key in ApiKey.objects.filter(pk__in=wanted.get("key", ()))}
    for kind in wanted.keys() & {editor.slug for editor in EDITORS}:
        editor = EDITORS[kind]
        found |= {
            (kind, thing.pk): str(editor.columns[0].of(thing)) for thing in editor.rows().filter(pk__in=wanted[kind])
        }
    return found


def _kind_name(kind: str) -> str:
    if kind in EDITORS:
        return str(EDITORS[kind].one)
    return str({"agency": _("Agency"), "user": _("Person"), "key": _("API key")}.get(kind, kind))
