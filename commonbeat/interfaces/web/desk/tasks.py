"""Tasks: those of a case on its page, and the lists of all that one has to do, with a case or without."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases import admin_tasks
from commonbeat.cases.admin_tasks import ADMIN, CannotTakeBack, TaskChanged
from commonbeat.cases.models import Task
from commonbeat.cases.task_queries import assignable
from commonbeat.cases.todo import DOERS, DUE, FIELDS, SORTS, VIEWS, WantedTasks, add_task, finish_task, list_tasks
from commonbeat.community.agency import current, local_day
from commonbeat.community.models import User
from commonbeat.core.actor import INSIDERS, Actor
from commonbeat.core.fields import Invalid, clean
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.csv_files import long_table
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.case import read_case, read_story, show_story
from commonbeat.interfaces.web.desk.options import people
from commonbeat.interfaces.web.desk.task_history import history_of
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.forms import say as problem_words
from commonbeat.journal.models import Entry
from commonbeat.journal.verbs import log_access

MOST = 200
IN_TABLE = 50_000


# --- tasks of a case ------------------------------------------------------------------------------


@staff(*DOERS)
@require_POST
def task_add(request: HttpRequest, reference: str) -> HttpResponse:
    """Add something to do; errors keep what was typed."""
    case, actor = read_case(request, reference), actor_of(request)
    try:
        given = clean(FIELDS, request.POST)
        add_task(
            case, text=given["text"], due_at=_end_of(given["due"]) if given.get("due") else None,
            owner_id=actor.user_id, actor=actor, at=timezone.now(),
        )  # fmt: skip
    except Invalid as refused:
        typed = {item.code: request.POST.get(item.code, "") for item in FIELDS}
        wrong = {problem.code: problem_words(problem) for problem in refused.problems}
        labels = {item.code: gettext(item.label) for item in FIELDS}
        summary = [{"text": f"{labels[code]} – {text}", "href": f"#task-{code}"} for code, text in wrong.items()]
        story = read_story(request, reference)
        return show_story(request, story, status=422, new_task=typed, task_wrong=wrong, errors=summary)
    return HttpResponseRedirect(f"/desk/{case.reference}/#tasks")


@staff(*DOERS)
@require_POST
def task_done(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Tick a task off."""
    case = read_case(request, reference)
    finish_task(case, task_id=number, actor=actor_of(request), at=timezone.now())
    if "back" in request.POST:
        return HttpResponseRedirect(_back(request))
    return HttpResponseRedirect(f"/desk/{case.reference}/#tasks")


def _end_of(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day[:10]), dt.time(17), tzinfo=ZoneInfo(current().timezone))


# --- lists ----------------------------------------------------------------------------------------


def _link(wanted: WantedTasks, **changes: str) -> str:
    return "/desk/tasks/?" + urlencode(wanted.address(**changes))


def _back(request: HttpRequest, **more: str) -> str:
    """The list that was left; read and written anew, so that nothing foreign gets into the address."""
    address = WantedTasks.read(dict(parse_qsl(request.POST.get("back", "")[:1000]))).address()
    if address == {"view": "mine"}:
        address = {}
    query = urlencode(address | more)
    return "/desk/tasks/" + (f"?{query}" if query else "")


@staff()
@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """What one has to do, what one's team has, what one gave to others, and what is done."""
    actor, at = actor_of(request), timezone.now()
    wanted = WantedTasks.read(request.GET)
    rows = list(list_tasks(wanted, actor=actor, at=at)[: MOST + 1])
    shown = say.words(at=at)
    inside = actor.has(*INSIDERS)
    context = {
        "section": "inbox", "wanted": wanted, "rows": [row_words(task, shown) for task in rows[:MOST]],
        "more": len(rows) > MOST, "most": MOST, "query": urlencode(wanted.address()), "inside": inside,
        "title": gettext(VIEWS[wanted.view]), "tabs": _tabs(wanted, inside=inside), "active": _active(wanted),
        "clear_url": _link(WantedTasks(view=wanted.view)), "toast": _toast(request, actor, at=at),
        "filters": {
            "sort": [(slug, gettext(label)) for slug, label in SORTS.items()],
            "due": [(slug, gettext(label)) for slug, label in DUE.items()], "owner": people()[0],
        },
    }  # fmt: skip
    return render(request, "pages/desk/tasks.html", context)


def _tabs(wanted: WantedTasks, *, inside: bool) -> list[dict[str, Any]]:
    views = {slug: label for slug, label in VIEWS.items() if inside or slug != "given"}
    return [
        {"label": gettext(label), "url": _link(WantedTasks(view=slug)), "current": slug == wanted.view, "count": None}
        for slug, label in views.items()
    ]


def _active(wanted: WantedTasks) -> list[dict[str, str]]:
    names = {"sort": dict(SORTS), "due": dict(DUE), "owner": dict(people()[0])}
    return [
        {
            "label": gettext(names[name].get(value, value)) if name in ("sort", "due")
            else names.get(name, {}).get(value, value),
            "url": _link(wanted, **{name: ""}),
        }
        for name, value in wanted.address().items() if name != "view"
    ]  # fmt: skip


def row_words(task: Task, shown: say.Words) -> dict[str, Any]:
    """One task, every word of it ready."""
    case, late = task.case, bool(task.due_at and not task.done_at and task.due_at < shown.at)
    sort = gettext(SORTS.get(task.sort, task.sort))
    return {
        "pk": task.pk, "text": task.text or sort, "sort": sort,
        "url": f"/desk/{case.reference}/" if case else f"/desk/tasks/{task.pk}/",
        "reference": case.reference if case else "",
        "category": shown.matter(case.category_id, case.kind) if case else "",
        "where": case.address if case else "", "closed": bool(case and not case.is_open),
        "due": shown.local(task.due_at) if task.due_at else "", "late": late,
        "owner": task.owner.name if task.owner else "", "by": task.created_by.name if task.created_by else "",
        "done": shown.local(task.done_at) if task.done_at else "",
        "done_by": task.done_by.name if task.done_by else "",
        "done_url": f"/desk/{case.reference}/tasks/{task.pk}/" if case else f"/desk/tasks/{task.pk}/done/",
    }  # fmt: skip


def _toast(request: HttpRequest, actor: Actor, *, at: dt.datetime) -> dict[str, Any] | None:
    """What this person just did to an administrative task and can still take back."""
    number = request.GET.get("did", "")
    if not (number.isascii() and number.isdigit() and len(number) < 15):
        return None
    last = Entry.objects.about("task", int(number)).order_by("-number").first()
    until = admin_tasks.can_take_back(last, actor=actor, at=at)
    if last is None or until is None:
        return None
    return {
        "what": history_of([last], say.words(at=at))[0]["what"],
        "entry": last.number,
        "task": number,
        "until": until,
    }


@staff()
@require_safe
def table(request: HttpRequest) -> StreamingHttpResponse:
    """Exactly the tasks that the list shows, as CSV; taking it away is logged."""
    actor, at = actor_of(request), timezone.now()
    wanted = WantedTasks.read(request.GET)
    log_access("list", 0, "tasks exported", actor=actor, at=at, reason=urlencode(wanted.address())[:400])
    rows = list_tasks(wanted, actor=actor, at=at)[:IN_TABLE]
    return long_table(f"tasks-{at:%Y-%m-%d}", _table_rows(rows, say.words(at=at)))


def _table_rows(rows: Any, shown: say.Words) -> Iterator[list[str]]:
    heads = ("Task", "Sort", "Case", "By", "Who does it", "Made by", "Done", "Done by")
    yield [gettext(head) for head in heads]
    for task in rows.iterator(chunk_size=2000):
        told = row_words(task, shown)
        yield [told[name] for name in ("text", "sort", "reference", "due", "owner", "by", "done", "done_by")]


# --- one administrative task ----------------------------------------------------------------------


def _form(
    actor: Actor, *, at: dt.datetime, data: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None,
    owner: User | None = None,
) -> FieldsForm:  # fmt: skip
    """The form of a task; whoever has it stays a choice."""
    choices = list(assignable(actor, on=local_day(at)).values_list("pk", "name"))
    if owner and owner.pk not in dict(choices):
        choices.append((owner.pk, owner.name))
    return form_for(
        admin_tasks.FIELDS, data=data, language=get_language() or "en", sources={"user": choices}, initial=initial
    )


@staff(*INSIDERS)
def new(request: HttpRequest) -> HttpResponse:
    """Add an administrative task: GET shows the form, POST takes it; errors keep what was typed."""
    actor, at = actor_of(request), timezone.now()
    posted = request.POST if request.method == "POST" else None
    form = _form(actor, at=at, data=posted, initial={"owner": actor.user_id})
    sent = _uuid(request.POST.get("client_id", "")) or uuid.uuid4()
    if posted is not None and form.is_valid():
        try:
            made = admin_tasks.add_admin_task(form.cleaned_data, actor=actor, at=at, client_id=sent)
            return HttpResponseRedirect(_back(request, did=str(made.pk)))
        except Invalid as refused:
            form.add_problems(refused)
    context = {"form": form, "client_id": sent, "section": "inbox"}
    return render(request, "pages/desk/task_new.html", context, status=422 if posted is not None else 200)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _task(request: HttpRequest, number: int) -> Task:
    """An administrative task for this reader, or 404: not even that it exists."""
    actor = actor_of(request)
    rows = Task.objects.visible_to(actor, on=local_day(timezone.now())).filter(sort=ADMIN, pk=number)
    found = rows.select_related("owner", "created_by", "done_by").first()
    if found is None:
        raise Http404
    return found


@staff(*INSIDERS)
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One administrative task with its history; POST changes it."""
    task, actor, at = _task(request, number), actor_of(request), timezone.now()
    if request.method != "POST":
        return _page(request, task, _stored(task, actor, at=at), at=at)
    form = _form(actor, at=at, data=request.POST, owner=task.owner)
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    if form.is_valid():
        try:
            entry = admin_tasks.change_admin_task(task, form.cleaned_data, actor=actor, at=at, version=version)
            if entry is None:
                messages.info(request, gettext("Nothing differs from what was stored, so nothing was changed."))
            return HttpResponseRedirect(f"/desk/tasks/?did={task.pk}" if entry else f"/desk/tasks/{task.pk}/")
        except Invalid as refused:
            form.add_problems(refused)
        except TaskChanged:
            return _page(request, task, form, at=at, status=409)
    return _page(request, task, form, at=at, status=422)


def _stored(task: Task, actor: Actor, *, at: dt.datetime) -> FieldsForm:
    due = local_day(task.due_at).isoformat() if task.due_at else ""
    return _form(actor, at=at, initial={"text": task.text, "due": due, "owner": task.owner_id}, owner=task.owner)


def _page(request: HttpRequest, task: Task, form: FieldsForm, *, at: dt.datetime, status: int = 200) -> HttpResponse:
    shown = say.words(at=at)
    entries = list(Entry.objects.about("task", task.pk))
    context = {
        "task": row_words(task, shown), "form": form, "history": history_of(entries, shown), "section": "inbox",
        "version": entries[-1].number if entries else 0, "conflict": entries[-1] if status == 409 else None,
    }  # fmt: skip
    return render(request, "pages/desk/task.html", context, status=status)


@staff(*INSIDERS)
@require_POST
def do(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Done, not done after all, or one's last deed taken back."""
    task, actor, at = _task(request, number), actor_of(request), timezone.now()
    match deed:
        case "done":
            admin_tasks.finish_admin_task(task, actor=actor, at=at)
        case "open":
            admin_tasks.reopen_admin_task(task, actor=actor, at=at)
        case "undo":
            return _undo(request, task, actor, at=at)
        case _:
            raise Http404
    return HttpResponseRedirect(_back(request, did=str(task.pk)))


def _undo(request: HttpRequest, task: Task, actor: Actor, *, at: dt.datetime) -> HttpResponse:
    entry = request.POST.get("entry", "")
    number = int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 10 else 0
    try:
        admin_tasks.undo_admin_task(task, number, actor=actor, at=at)
        messages.success(request, gettext("Taken back. The task is as it was before."))
    except CannotTakeBack as refused:
        messages.error(request, gettext(str(refused)))
    return HttpResponseRedirect(_back(request))
