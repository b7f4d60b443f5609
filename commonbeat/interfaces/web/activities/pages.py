"""One activity on the desk: its page, planning and changing it, calling it off, its agenda and its record."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from commonbeat.activities import actions, agenda, recording
from commonbeat.activities.kind import ACTIVITIES, ActivityKind
from commonbeat.activities.models import Activity
from commonbeat.cases.models import Case
from commonbeat.cases.promise_rows import Promise
from commonbeat.cases.promises import visible_promises
from commonbeat.cases.todo import DOERS
from commonbeat.community.models import User
from commonbeat.community.places import places
from commonbeat.core.actor import DESK_ROLES, Actor
from commonbeat.core.fields import Invalid
from commonbeat.interfaces.access import actor_of, may_open, staff
from commonbeat.interfaces.web.activities.lists import READERS
from commonbeat.interfaces.web.activities.words import (
    agenda_words,
    history,
    language_names,
    promise_words,
    row_words,
    seen_of,
)
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.options import residents_languages
from commonbeat.interfaces.web.forms import FieldsForm, Options, form_for
from commonbeat.interfaces.web.forms import say as say_problem
from commonbeat.interfaces.web.one_page import client_id_of
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import timeline
from commonbeat.publishing import minutes

PLANNERS = tuple(sorted(DESK_ROLES))


def read(request: HttpRequest, number: int) -> Activity:
    """The activity, as far as this person may read it."""
    rows = Activity.objects.visible_to(actor_of(request)).select_related("host", "area", "made_by")
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _kind(request: HttpRequest) -> ActivityKind:
    wanted, actor = request.GET.get("kind", "") or request.POST.get("kind", ""), actor_of(request)
    mine = [kind for kind in ACTIVITIES if actor.has(*kind.plans) and wanted in {"", kind.slug}]
    if not mine:
        raise Http404
    return mine[0]


# --- planning ---------------------------------------------------------------------------------------


def _form(
    kind: ActivityKind, actor: Actor, *, data: Any = None, initial: Mapping[str, Any] | None = None
) -> FieldsForm:
    people = User.objects.active().filter(grants__role__in=DOERS, grants__until=None).distinct().order_by("name")
    sources: dict[str, Options] = {
        "host": list(people.values_list("pk", "name")), "language": list(settings.LANGUAGES),
        "languages": residents_languages(),
        "area": [(area.pk, area.name) for area in places().serving if actions.may_plan(kind, actor, area.pk)],
    }  # fmt: skip
    fields = actions.fields_of(kind)
    return form_for(fields, language=get_language() or "en", data=data, sources=sources, initial=initial)


def _words(request: HttpRequest) -> dict[str, dict[str, str]]:
    """Words in other languages, as they were typed."""
    return {
        code: {
            name: request.POST.get(f"{name}-{code}", "").replace("\r\n", "\n").replace("\x00", "")[:2000]
            for name in actions.TRANSLATED
        }
        for code, _ in settings.LANGUAGES
    }  # fmt: skip


def _form_page(
    request: HttpRequest, form: FieldsForm, kind: ActivityKind, *, words: Mapping[str, Any],
    row: Activity | None = None,
) -> HttpResponse:  # fmt: skip
    chosen = str(form["language"].value() or settings.LANGUAGE_CODE)
    labels = {"title": gettext("Title"), "about": gettext("What it is about"),
              "access": gettext("Getting in and taking part")}  # fmt: skip
    others = [
        {"code": code, "name": name, "open": any((words.get(code) or {}).values()),
         "fields": [{"name": f"{field}-{code}", "label": labels[field], "value": (words.get(code) or {}).get(field, ""),
                     "long": field == "about"} for field in actions.TRANSLATED]}
        for code, name in settings.LANGUAGES if code != chosen
    ]  # fmt: skip
    context = {
        "form": form, "kind": kind, "row": row, "others": others, "section": "meetings",
        "version": request.POST.get("version") or (row.version if row else ""),
        "client_id": client_id_of(request) or uuid.uuid4(),
    }  # fmt: skip
    return render(request, "pages/desk/meetings/form.html", context, status=422 if form.errors else 200)


@staff(*PLANNERS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan one."""
    kind, actor = _kind(request), actor_of(request)
    if request.method != "POST":
        given = {"host": actor.staff_id, "language": get_language() or "en", "area": request.GET.get("area", "")}
        return _form_page(request, _form(kind, actor, initial=given), kind, words={})
    form = _form(kind, actor, data=request.POST)
    if form.is_valid():
        try:
            row = actions.plan(
                kind, form.cleaned_data, words=_words(request), actor=actor, at=timezone.now(),
                client_id=client_id_of(request),
            )  # fmt: skip
            messages.success(request, gettext("Planned. Put on the agenda what you want to speak about."))
            return HttpResponseRedirect(reverse("meeting", args=[row.pk]))
        except Invalid as refused:
            form.add_problems(refused)
    return _form_page(request, form, kind, words=_words(request))


@staff(*PLANNERS)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Change what was planned."""
    row, actor = read(request, number), actor_of(request)
    kind = ACTIVITIES[row.kind]
    if not actions.may_change(row, actor):
        raise Http404
    if request.method != "POST":
        return _form_page(request, _form(kind, actor, initial=actions.values_of(row)), kind, words=row.words, row=row)
    form = _form(kind, actor, data=request.POST)
    if form.is_valid():
        try:
            actions.change(row, form.cleaned_data, words=_words(request), version=version_of(request), actor=actor,
                           at=timezone.now())  # fmt: skip
            messages.success(request, gettext("Saved."))
            return HttpResponseRedirect(reverse("meeting", args=[row.pk]))
        except Invalid as refused:
            form.add_problems(refused)
            row.refresh_from_db()
    return _form_page(request, form, kind, words=_words(request), row=row)


def version_of(request: HttpRequest) -> int:
    """The version that the form was made of; 0, which never fits, where it is none."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


# --- its page ---------------------------------------------------------------------------------------


@staff(*READERS)
@require_http_methods(["GET", "POST"])
def meeting(request: HttpRequest, number: int) -> HttpResponse:
    """One activity: what is planned, its agenda, its record, what came of it, and its history."""
    row = read(request, number)
    add = _item_form(row)
    if request.method == "POST":
        if not actions.may_change(row, actor_of(request)):
            raise Http404
        if request.POST.get("deed") == "add":
            add = _item_form(row, data=request.POST)
        try:
            if (answer := _do(request, row, add)) is not None:
                return answer
        except Invalid as refused:
            if add.is_bound:
                add.add_problems(refused)
            else:
                messages.error(request, " ".join(say_problem(problem) for problem in refused.problems))
                return HttpResponseRedirect(reverse("meeting", args=[number]))
    return _page(request, row, add)


def _item_form(row: Activity, *, data: Any = None) -> FieldsForm:
    sorts = [(slug, gettext(label)) for slug, label in ACTIVITIES[row.kind].agenda.items()]
    initial = {"sort": sorts[0][0] if sorts else ""}
    return form_for(agenda.ITEM_FIELDS, language=get_language() or "en", data=data, sources={"agenda_sort": sorts},
                    initial=initial)  # fmt: skip


def _do(request: HttpRequest, row: Activity, add: FieldsForm) -> HttpResponse | None:
    """Do what the page asked for; None where its form has to be corrected. Raises `Invalid`."""
    actor, at, item = actor_of(request), timezone.now(), request.POST.get("item", "")[:20]
    here = reverse("meeting", args=[row.pk])
    match request.POST.get("deed"):
        case "add":
            if not add.is_valid():
                return None
            agenda.add_item(row, add.cleaned_data, actor=actor, at=at)
            here += "#agenda"
        case "up" | "down" as way:
            agenda.move_item(row, item, way, actor=actor, at=at)
            here += "#agenda"
        case "remove":
            agenda.remove_item(row, item, actor=actor, at=at)
            here += "#agenda"
        case "undo":
            still = minutes.take_back(row, actor=actor, at=at)
            messages.success(request, gettext("Taken back."))
            here = here if still else reverse("meetings")
        case _:
            raise Http404
    return HttpResponseRedirect(here)


def _page(request: HttpRequest, row: Activity, add: FieldsForm) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    items = agenda.agenda_of(row, at=at)
    cases = Case.objects.visible_to(actor).filter(came_of__activity=row).defer("search").order_by("pk")
    promises = Promise.objects.filter(came_of__activity=row).select_related("owner").order_by("pk")
    seen = seen_of((item.case_id for item in items), actor)
    opens = set(visible_promises(actor, at=at).values_list("pk", flat=True).filter(
        pk__in={*(item.promise_id for item in items if item.promise_id), *(one.pk for one in promises)}
    ))  # fmt: skip
    shown, mine = say.words(at=at), actions.may_change(row, actor)
    spoken = row.attendance.get("languages", {})
    entries: list[Entry] = list(timeline(actions.SUBJECT, row.pk))
    context = {
        "section": "meetings", "row": row, "one": row_words(row, at), "add": add, "mine": mine,
        "agenda": agenda_words(row, items, seen=seen, opens=opens), "counts": row.attendance,
        "spoken": [{"term": language_names([code]), "text": n} for code, n in spoken.items()],
        "promises": [promise_words(one, opens=opens) for one in promises],
        "cases": [_case_words(one, shown) for one in cases],
        "history": history(entries, shown), "may_undo": minutes.may_take_back(row, actor=actor, at=at),
        "begun": row.starts_at <= at, "publication": minutes.minutes_of(row) if row.held_at else None,
        "may_enter": may_open(actor, "enter_report"), "may_promise": may_open(actor, "promise_new"),
        "may_start": may_open(actor, "problem_new"), "planned": row.state == Activity.State.PLANNED,
    }  # fmt: skip
    return render(request, "pages/desk/meetings/one.html", context, status=422 if add.errors else 200)


def _case_words(case: Case, shown: say.Words) -> dict[str, str]:
    return {
        "reference": case.reference, "what": case.detail("title", "") or shown.category(case.category_id),
        "state": say.state_label(case.kind, case.state), "tone": say.tone(case.kind, case.state),
    }  # fmt: skip


# --- calling it off, and its record -----------------------------------------------------------------


@staff(*PLANNERS)
@require_http_methods(["GET", "POST"])
def call_off(request: HttpRequest, number: int) -> HttpResponse:
    """Call it off, with the reason that everybody reads."""
    row, actor, at = read(request, number), actor_of(request), timezone.now()
    if not actions.may_change(row, actor):
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = form_for(actions.OFF_FIELDS, language=get_language() or "en", data=data)
    if data is not None and form.is_valid():
        try:
            actions.call_off(row, form.cleaned_data, actor=actor, at=at)
            messages.success(
                request, gettext("Called off. Residents read it at once; followers are told in a few minutes.")
            )
            return HttpResponseRedirect(reverse("meeting", args=[row.pk]))
        except Invalid as refused:
            form.add_problems(refused)
    context = {"form": form, "row": row, "one": row_words(row, at), "section": "meetings"}
    return render(request, "pages/desk/meetings/off.html", context, status=422 if form.errors else 200)


@staff(*PLANNERS)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, number: int) -> HttpResponse:
    """Write the record: how many came, what was said, and what was reported of promises."""
    row, actor, at = read(request, number), actor_of(request), timezone.now()
    if not actions.may_change(row, actor):
        raise Http404
    form = _record_form(row, at=at, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            minutes.record_meeting(row, form.cleaned_data, version=version_of(request), actor=actor, at=at)
            messages.success(request, gettext("The record is written. A second person publishes the minutes."))
            return HttpResponseRedirect(reverse("meeting", args=[row.pk]))
        except Invalid as refused:
            form.add_problems(refused)
            row.refresh_from_db()
    context = {
        "form": form, "row": row, "one": row_words(row, at), "section": "meetings",
        "version": request.POST.get("version") or row.version,
        "counts": [form[item.code] for item in form.declared if _is_count(item.code)],
        "points": [form[item.code] for item in form.declared if "_" in item.code and not _is_count(item.code)],
        "words": [form[item.code] for item in recording.WORDS],
    }  # fmt: skip
    return render(request, "pages/desk/meetings/record.html", context, status=422 if form.errors else 200)


def _record_form(row: Activity, *, at: dt.datetime, data: Any = None) -> FieldsForm:
    items, language = agenda.agenda_of(row, at=at), get_language() or "en"
    fields = recording.fields_of(row, items, language=language, names=dict(residents_languages()))
    return form_for(fields, language=language, data=data, initial=recording.values_of(row, items))


def _is_count(code: str) -> bool:
    return code in {"people", "new"} or code.startswith(recording.language_field(""))
