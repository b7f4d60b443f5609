"""The page of one case: the story on one screen, and the step that is being taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.cases import story as stories
from commonbeat.cases.categories import Known, procedures_of
from commonbeat.cases.kind import KINDS, Kind
from commonbeat.cases.letters import offered_letters
from commonbeat.cases.models import Case
from commonbeat.cases.sealing import Said, Unreadable, said_in
from commonbeat.cases.story import NoSuchCase, Story
from commonbeat.cases.tags import tags_of
from commonbeat.cases.telling import is_sensitive
from commonbeat.cases.todo import DOERS, SORTS
from commonbeat.cases.undoing import undo_until
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.ids import reference as reference_of
from commonbeat.core.workflow import NotAllowed, Step
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import timeline
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.answers import in_words
from commonbeat.interfaces.web.desk.hand_off import dangers_of
from commonbeat.interfaces.web.desk.options import step_sources
from commonbeat.interfaces.web.desk.panels import CALLED, filled_in, own_sources, panels_of
from commonbeat.interfaces.web.forms import FieldsForm, form_for, say_refusal
from commonbeat.journal.verbs import log_access

LETTERED = ("message", "question", "text")
"""Fields of a step that a form letter can fill, the first that the step has."""


@dataclass
class Taking:
    """A step being taken on the page: its form, the version that was seen, the letters that can fill it."""

    step: Step
    form: FieldsForm
    version: int
    letters: list[Any]
    problem: str = ""


def read_story(request: HttpRequest, reference: str) -> Story:
    """The story of a case for this reader, or 404: not even that it exists."""
    try:
        return stories.read(reference, actor=request.actor)  # type: ignore[attr-defined]
    except NoSuchCase:
        raise Http404 from None


def read_case(request: HttpRequest, reference: str) -> Case:
    """The bare case for a step, or 404."""
    try:
        return stories.find(reference, actor=request.actor)  # type: ignore[attr-defined]
    except NoSuchCase:
        raise Http404 from None


def prepare(
    case: Case, step: Step, *, data: Mapping[str, Any] | None = None, typed: Mapping[str, Any] | None = None,
    filled: Mapping[str, Any] | None = None, version: int | None = None,
) -> Taking:  # fmt: skip
    """The form of a step; with `typed`, showing these values before they are checked.

    `filled` are answers that a link already gives, such as the row of a panel that the step is about.
    “Tell the reporter” is ticked, but never for a sensitive matter (RULES 6).
    """
    told = {f.code: not is_sensitive(case) for f in step.fields if f.code == "tell"}
    initial = typed or told | filled_in(case, step, filled or {})
    sources = own_sources(case, step)
    if any(f.source and f.source not in sources for f in step.fields):
        sources = step_sources(case.kind, case.category_id, [case.tags]) | sources
    form = form_for(step.fields, data=data, language=get_language() or "en", sources=sources, initial=initial)
    lettered = any(f.code in LETTERED and f.code != "text" for f in step.fields)
    letters = offered_letters(step.slug, language=case.language) if lettered else []
    return Taking(step, form, version or case.version, letters)


@staff()
@require_safe
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """The case; `?step=…` opens the form of a step, with the answers that the address gives."""
    story = read_story(request, reference)
    if KINDS[story.case.kind].sealed:  # who read it is noted each time
        log_access("case", story.case.pk, "sealed", actor=actor_of(request), at=timezone.now())
    wanted = request.GET.get("step", "")
    taking, problem = None, ""
    if wanted:
        try:
            step = KINDS[story.case.kind].workflow.step(
                story.case.state,
                wanted,
                actor=request.actor,  # type: ignore[attr-defined]
                procedures=procedures_of(story.case.category_id),
            )
            taking = prepare(story.case, step, filled=_filled(request, step))
        except NotAllowed as refused:
            problem = say_refusal(refused)
    return show_story(request, story, taking=taking, problem=problem)


def _filled(request: HttpRequest, step: Step) -> dict[str, Any]:
    """Answers to a step's questions that stand in the address."""
    many = {f.code for f in step.fields if f.datatype == "multivaluelist"}
    given = [f.code for f in step.fields if f.code in request.GET]
    return {code: request.GET.getlist(code) if code in many else request.GET[code] for code in given}


def show_story(
    request: HttpRequest, story: Story, *, taking: Taking | None = None, problem: str = "", status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    """The page of a case with whatever is going on there."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    at = timezone.now()
    context = case_words(story, actor=actor, at=at) | {
        "taking": taking, "problem": problem, "section": "inbox", **more
    }  # fmt: skip
    return render(request, "pages/desk/case.html", context, status=status)


def case_words(story: Story, *, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """Everything that the page says about a case."""
    case, kind, shown = story.case, KINDS[story.case.kind], say.words(at=at)
    closed = case.closed_at is not None
    known = shown.known.get(case.category_id) if case.category_id else None
    options = kind.workflow.options(case.state, actor=actor, procedures=procedures_of(case.category_id))
    return {
        "title": shown.category(case.category_id) or case.detail("title") or gettext(kind.label),
        "reported": kind.intake.reported,
        "case": case, "assignee": story.assignee, "team": story.team, "reference": case.reference,
        "category": shown.category(case.category_id),
        "point_url": f"/desk/{case.reference}/point.geojson",
        "area": shown.area(case.area_id), "state": say.state_label(case.kind, case.state),
        "tone": say.tone(case.kind, case.state), "outcome": say.outcome_label(case.kind, case.outcome),
        "language_name": dict(settings.LANGUAGES).get(case.language, case.language),
        "clocks": say.clocks_of(case.clocks, closed=closed, words=shown), "channel": say.channel_label(case.channel),
        "opened": shown.local(case.opened_at), **_said(case, kind, known, shown.language),
        "dangers": dangers_of(story, shown), "sensitive": bool(known and known.row.sensitive),
        **panels_of(story, options, actor=actor, shown=shown),
        "timeline": timeline.items(story.entries, kind, shown, actor=actor),
        "people": _people(story), "files": story.files, "tasks": _tasks(story, shown),
        "similar": _similar(case, actor, shown, at),
        "routing": timeline.explain_routing(story.entries[0] if story.entries else None),
        "undo": _undo(story, kind, actor=actor, at=at), "inside": actor.has(*INSIDERS),
        "may_do": actor.has(*DOERS), "may_add": actor.has(*DOERS) and not kind.sealed,
        "tags": tags_of(case.tags) if actor.has(*INSIDERS) else [],
    }  # fmt: skip


def _said(case: Case, kind: Kind, known: Known | None, language: str) -> dict[str, Any]:
    """What was reported, opened where it is sealed; without the key it is lost, and the page says so."""
    try:
        said = said_in(case)
    except Unreadable:
        return {"said": Said(), "lost": True, "answers": []}
    asked = kind.intake.fields + (known.fields if known else ())
    return {"said": said, "lost": False, "answers": in_words(asked, said.answers, language)}


def _people(story: Story) -> list[dict[str, Any]]:
    roles = {
        "reporter": gettext("Reporter"), "follower": gettext("Follower"), "subject": gettext("Subject"),
        "partner": gettext("Partner"), "third_party": gettext("Somebody else"), "owner": gettext("Owner"),
        "chain": gettext("Kept out: commands a subject"),
    }  # fmt: skip
    called = CALLED[story.case.kind].names(story) if story.case.kind in CALLED else {}
    return [
        row | {
            "label": called.get(row["id"]) or roles.get(row["role"], row["role"]),
            "reachable": row["email"] or row["phone"] or row["named"],
        }
        for row in story.people
    ]  # fmt: skip


def _tasks(story: Story, shown: say.Words) -> list[dict[str, Any]]:
    found = []
    for row in story.tasks:
        due = dt.datetime.fromisoformat(row["due_at"]) if row["due_at"] else None
        found.append(
            row | {
                "text": row["text"] or gettext(SORTS.get(row["sort"], "")), "done": bool(row["done_at"]),
                "due": shown.local(due) if due else "", "late": bool(due and not row["done_at"] and due < shown.at),
            }
        )  # fmt: skip
    return sorted(found, key=lambda row: row["done"])


def _similar(case: Case, actor: Actor, shown: say.Words, at: dt.datetime) -> list[dict[str, str]]:
    return [
        {
            "reference": reference_of(row["id"]), "address": row["address"], "opened": shown.local(row["opened_at"]),
            "state": say.state_label(row["kind"], row["state"]),
        }
        for row in stories.similar(case, actor=actor, at=at)
    ]  # fmt: skip


def _undo(story: Story, kind: Kind, *, actor: Actor, at: dt.datetime) -> dict[str, Any] | None:
    """What this person just did here and can still take back."""
    last = story.last
    if last is None or last.actor_sort != "staff" or last.actor_id != actor.user_id:
        return None
    until = undo_until(last)
    if until is None or until <= at:
        return None
    leaving = last.deliveries.exclude(channel="webhook").order_by("next_at").values_list("state", "next_at").first()
    if leaving:
        if leaving[0] != "pending" or leaving[1] <= at:
            return None
        until = min(until, leaving[1])
    return {"entry": last.number, "until": until, "what": timeline.label_of(last, kind)}


@staff()
@require_safe
def point(request: HttpRequest, reference: str) -> HttpResponse:
    """The place of one case, the real one, for the map on its page."""
    case = read_case(request, reference)
    try:
        said = said_in(case)
    except Unreadable:
        said = Said()
    found = [] if said.lat is None else [
        {
            "type": "Feature", "geometry": {"type": "Point", "coordinates": [said.long, said.lat]},
            "properties": {
                "title": case.reference, "url": f"/desk/{case.reference}/", "text": said.address,
                "status": say.state_label(case.kind, case.state), "tone": say.tone(case.kind, case.state),
            },
        }
    ]  # fmt: skip
    answer = JsonResponse({"type": "FeatureCollection", "features": found})
    answer["Cache-Control"] = "private, no-store"
    return answer
