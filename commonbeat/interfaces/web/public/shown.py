"""Turns cards, states and deeds into the plain words that residents read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonbeat.cases.categories import categories
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Case, Participant
from commonbeat.community.models import Area
from commonbeat.community.places import places
from commonbeat.core.text import N_
from commonbeat.interfaces.web.desk.answers import in_words
from commonbeat.journal.models import Entry
from commonbeat.publishing.models import PublicCase

QUIET_STATES = {"withdrawn", "merged"}


def category_name(category_id: int | None, language: str) -> str:
    """A category's name, also when it is retired; empty when there is none."""
    known = categories().get(category_id) if category_id else None
    return known.text(language).name if known else ""


def answers_of(case: Case, *, language: str) -> list[dict[str, str]]:
    """What the reporter answered to the category's own questions: `term` and `text`, in their language.

    A kind's own questions stay out: some ask whether somebody is afraid, and others may look over a shoulder.
    """
    known = categories().get(case.category_id) if case.category_id else None
    return in_words(known.fields, case.detail("answers") or {}, language) if known else []


def area_of(area_id: int | None) -> Area | None:
    """An area from memory."""
    return places().areas.get(area_id) if area_id else None


def tone_of(kind: str, state: str) -> str:
    """The tone of a state's mark: new, active, waiting, done or neutral."""
    found = KINDS[kind].workflow.state(state)
    if found.closed:
        return "neutral" if state in QUIET_STATES else "done"
    if found.waits:
        return "waiting"
    return "new" if state == KINDS[kind].workflow.start else "active"


def state_words(kind: str, state: str, outcome: str) -> str:
    """Where a matter stands, or how it ended, for the person who reported it."""
    flow = KINDS[kind].workflow
    ended = flow.outcome(outcome) if outcome else None
    return _(ended.public if ended else flow.state(state).public)


def card_words(kind: str, state: str, outcome: str) -> str:
    """Where a matter stands, for people whose report it is not."""
    flow = KINDS[kind].workflow
    ended = flow.outcome(outcome) if outcome else None
    return _(ended.public if ended else flow.state(state).label)


def show_cards(cards: Iterable[PublicCase], *, language: str) -> list[dict[str, Any]]:
    """Cards as list items: nothing here asks the database."""
    shown = []
    for card in cards:
        area = area_of(card.area_id)
        shown.append(
            {
                "reference": card.reference, "title": category_name(card.category_id, language) or card.reference,
                "url": f"/cases/{card.reference}/", "area": area.name if area else "", "opened_at": card.opened_at,
                "closed_at": card.closed_at, "tone": tone_of(card.kind, card.state),
                "status": card_words(card.kind, card.state, card.outcome), "answer": card.answer, "text": card.text,
                "expected_at": card.expected_at, "agency": card.agency, "photos": card_photos(card),
            }
        )  # fmt: skip
    return shown


def card_photos(card: PublicCase) -> list[dict[str, str]]:
    """The photos that were released with a card."""
    return [
        {
            "name": _("Photo %(number)s") % {"number": number}, "url": reverse("public_file", args=[pk]),
            "thumb_url": reverse("public_thumb", args=[pk]),
        }
        for number, pk in enumerate(card.media, start=1)
    ]  # fmt: skip


_ICONS = {"case.opened": "campaign", "case.ask": "help_outline", "case.answer": "chat", 
          "case.add": "add_circle_outline",
          "case.message": "mail", "case.resolve": "check_circle", "case.reopen": "autorenew", 
          "case.rate": "thumb_up_alt",
          "case.recheck": "update", "case.hand_over": "share"}  # fmt: skip


def show_timeline(case: Case, entries: list[Entry], participant: Participant) -> list[dict[str, Any]]:
    """What a reporter reads of their case: deeds that were taken back are gone, other people's words stay theirs."""
    undone = {entry.data.get("number") for entry in entries if entry.verb == "case.undone"}
    flow = KINDS[case.kind].workflow
    items = []
    for entry in entries:
        if entry.audience == "internal" or entry.number in undone:
            continue
        step = flow.named(entry.verb.partition(".")[2])
        outcome = flow.outcome(entry.data.get("outcome") or "")
        own = entry.actor_sort == "reporter" and entry.actor_id == participant.pk
        said = outcome.public if outcome else (step.said if step else "")
        if entry.verb == "case.opened":
            said = N_("You told us.")
        if not said:
            continue
        items.append(
            {
                "what": _(said), "at": entry.at, "icon": _ICONS.get(entry.verb, "schedule"),
                "tone": "done" if outcome else "", "text": _text_of(entry, step, own=own),
                "who": _("You") if own or entry.verb == "case.opened" else "",
            }
        )  # fmt: skip
    return items


def _text_of(entry: Entry, step: Any, *, own: bool) -> str:
    """The words that were meant for the reporter, or are their own; never what staff wrote for the record."""
    if not entry.personal or step is None:
        return ""
    meant = any(field.code in {"message", "question"} for field in step.fields)
    if own or (meant and entry.actor_sort != "reporter" and entry.data.get("whom") in (None, "reporter")):
        return str(entry.personal.get("text") or "")
    return ""


def area_url(area: Area) -> str:
    """The address of an area's page."""
    from django.utils.text import slugify

    return reverse("area", args=[area.pk, slugify(area.name) or "area"])
