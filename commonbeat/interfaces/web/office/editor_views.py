"""Views of every editor: list, add, edit, history, restore, retire, remove."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

from django.contrib import messages
from django.db.models import ProtectedError, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.office import changes
from commonbeat.interfaces.web.office.editors import EDITORS, Editor
from commonbeat.journal import history

MOST = 300
"""Rows of a list; search finds the rest."""

View = Callable[..., HttpResponse]


def _rows(editor: Editor, request: HttpRequest) -> Any:
    rows = editor.rows()
    words = request.GET.get("q", "").strip()
    if words and editor.search:
        rows = rows.filter(
            reduce(operator.or_, (Q(**{f"{name}__icontains": words}) for name in editor.search))
        ).distinct()
    shown = _shown(editor, request)
    if shown:
        rows = rows.filter(shown[2])
    return rows[: MOST + 1]


def _shown(editor: Editor, request: HttpRequest) -> tuple[str, Any, Q] | None:
    """The tab that is looked at."""
    return next((view for view in reversed(editor.views) if not view[0] or view[0] in request.GET), None)


def _table(editor: Editor, rows: list[Any]) -> dict[str, Any]:
    columns = [{"label": str(c.label), "number": c.number} for c in editor.columns]
    cells = [[{"text": c.of(row), "number": c.number, "label": str(c.label)} for c in editor.columns] for row in rows]
    for row, line in zip(rows, cells, strict=True):
        line[0] |= {"url": editor.url("edit", pk=row.pk), "label": ""}
    return {"columns": columns, "rows": [{"cells": line} for line in cells]}


def list_view(editor: Editor) -> View:
    """The list of what there is, in use or retired."""

    @staff(*editor.roles)
    def show(request: HttpRequest) -> HttpResponse:
        rows = list(_rows(editor, request))
        shown = _shown(editor, request)
        tabs = [
            {
                "label": label,
                "url": editor.url() + (f"?{name}=1" if name else ""),
                "current": shown and shown[0] == name,
            }
            for name, label, _condition in editor.views
        ]
        context = {
            "editor": editor,
            "table": _table(editor, rows[:MOST]),
            "more": len(rows) > MOST,
            "q": request.GET.get("q", ""),
            "tabs": tabs,
            "section": "office",
            "most": MOST,
            "links": [{"url": url, "label": label} for url, label in _links(editor)],
            **editor.list_context(request),
        }
        return render(request, "pages/office/list.html", context)

    return show


def _links(editor: Editor) -> list[tuple[str, str]]:
    from django.urls import reverse

    return [(reverse(name), str(label)) for name, label in editor.links]


def add_view(editor: Editor) -> View:
    """The empty form, and adding what it says."""

    @staff(*editor.roles)
    def show(request: HttpRequest) -> HttpResponse:
        obj = editor.tracked.model()
        form = editor.form(request.POST or None, instance=obj)
        if request.method == "POST" and form.is_valid():
            made = history.add(editor.tracked.model(), form.values(), actor=actor_of(request), at=timezone.now())
            messages.success(request, _("Added."))
            return redirect(editor.url("edit", pk=made.pk))
        context = {
            "editor": editor,
            "form": form,
            "title": editor.add_label,
            "section": "office",
            "obj": None,
        }
        return render(request, "pages/office/edit.html", context, status=422 if form.errors else 200)

    return show


def edit_view(editor: Editor) -> View:
    """The form of one object, with what belongs to it below."""

    @staff(*editor.roles)
    def show(request: HttpRequest, pk: int) -> HttpResponse:
        obj = get_object_or_404(editor.tracked.model, pk=pk)
        form = editor.form(request.POST or None, instance=obj)
        conflict = False
        if request.method == "POST" and form.is_valid():
            stored = editor.tracked.model._default_manager.get(pk=pk)
            seen = request.POST.get("version")
            try:
                entry = history.change(
                    stored,
                    form.values(),
                    actor=actor_of(request),
                    at=timezone.now(),  # type: ignore[attr-defined]
                    version=int(seen) if seen and seen.isdigit() else None,
                )
            except history.ChangedMeanwhile:
                conflict = True
            else:
                editor.after(stored)
                return redirect(editor.url("edit", pk=pk) + (f"?saved={entry.number}" if entry else "?same=1"))
        return _edit_page(editor, obj, form, request, conflict=conflict)

    return show


def _edit_page(editor: Editor, obj: Any, form: Any, request: HttpRequest, *, conflict: bool) -> HttpResponse:
    stored = editor.tracked.model._default_manager.get(pk=obj.pk)
    saved = request.GET.get("saved", "")
    context = {
        "editor": editor,
        "obj": stored,
        "form": form,
        "title": str(stored),
        "section": "office",
        "version": history.version_of(stored),
        "saved": saved,
        "same": "same" in request.GET,
        "conflict": conflict,
        "before": int(saved) - 1 if saved.isdigit() else None,
        "edit_url": editor.url("edit", pk=obj.pk),
        "history_url": editor.url("history", pk=obj.pk),
        "restore_url": editor.url("restore", pk=obj.pk),
        "retire_url": editor.url("retire", pk=obj.pk) if editor.retires and not editor.stays(stored) else "",
        "remove_url": editor.url("remove", pk=obj.pk) if editor.removes else "",
        **editor.context(stored, request),
    }
    if conflict:
        context["newest"] = history.history(stored)[0]
    return render(request, "pages/office/edit.html", context, status=409 if conflict else 422 if form.errors else 200)


def history_view(editor: Editor) -> View:
    """Every version of one object, newest first, each with a way back to it."""

    @staff(*editor.roles)
    def show(request: HttpRequest, pk: int) -> HttpResponse:
        obj = get_object_or_404(editor.tracked.model, pk=pk)
        versions = history.history(obj)
        items = [
            {
                "version": v,
                "what": changes.what(v),
                "lines": changes.lines(editor.tracked, v, form=editor.form),
                "current": index == 0,
                "before": v.number - 1,
                "undoable": bool(v.changes) and not v.made and not v.shredded,
            }
            for index, v in enumerate(versions)
        ]
        context = {
            "editor": editor,
            "obj": obj,
            "items": items,
            "section": "office",
            "edit_url": editor.url("edit", pk=pk),
            "restore_url": editor.url("restore", pk=pk),
        }
        return render(request, "pages/office/history.html", context)

    return show


def restore_view(editor: Editor) -> View:
    """Back to an older version: a new change, so that it can be taken back as well."""

    @staff(*editor.roles)
    @require_POST
    def run(request: HttpRequest, pk: int) -> HttpResponse:
        obj = get_object_or_404(editor.tracked.model, pk=pk)
        number = request.POST.get("number", "")
        if not number.isdigit():
            raise Http404
        try:
            entry = history.restore(obj, int(number), actor=actor_of(request), at=timezone.now())
        except history.NothingToRestore:
            messages.error(request, _("This version cannot be restored. Choose another one from the history."))
            return redirect(editor.url("history", pk=pk))
        except Exception as refused:
            if not _is_database_refusal(refused):
                raise
            messages.error(
                request,
                _("This version does not fit what is stored today. Change the fields by hand instead."),
            )
            return redirect(editor.url("history", pk=pk))
        editor.after(obj)
        messages.success(request, _("Restored.") if entry else _("It is so already. Nothing was changed."))
        return redirect(editor.url("edit", pk=pk))

    return run


def _is_database_refusal(error: Exception) -> bool:
    from django.db import IntegrityError

    return isinstance(error, IntegrityError)


def retire_view(editor: Editor) -> View:
    """Take out of use, or put back: what refers to it stays."""

    @staff(*editor.roles)
    @require_POST
    def run(request: HttpRequest, pk: int) -> HttpResponse:
        obj: Any = get_object_or_404(editor.tracked.model, pk=pk)
        back, now = obj.retired_at is not None, timezone.now()
        if reason := editor.stays(obj):
            messages.error(request, str(reason))
            return redirect(editor.url("edit", pk=pk))
        history.change(
            obj,
            {"retired_at": None if back else now},
            actor=actor_of(request),
            at=now,  # type: ignore[attr-defined]
            verb="unretired" if back else "retired",
        )
        messages.success(request, _("It is in use again.") if back else _("It is out of use. What refers to it stays."))
        return redirect(editor.url("edit", pk=pk))

    return run


def remove_view(editor: Editor) -> View:
    """Delete what nothing refers to."""

    @staff(*editor.roles)
    @require_POST
    def run(request: HttpRequest, pk: int) -> HttpResponse:
        obj = get_object_or_404(editor.tracked.model, pk=pk)
        try:
            history.remove(obj, actor=actor_of(request), at=timezone.now())
        except ProtectedError:
            messages.error(request, _("Something refers to this, so it cannot be removed. Take it out of use instead."))
            return redirect(editor.url("edit", pk=pk))
        messages.success(request, _("Removed."))
        return redirect(editor.url())

    return run


def editor_urls() -> list[URLPattern]:
    """The routes of every editor."""
    found = []
    for editor in EDITORS:
        at, name = editor.slug, f"office_{editor.slug}"
        found.append(path(f"{at}/", list_view(editor), name=f"{name}_list"))
        if editor.adds:
            found.append(path(f"{at}/new/", add_view(editor), name=f"{name}_add"))
        found += [
            path(f"{at}/<int:pk>/", edit_view(editor), name=f"{name}_edit"),
            path(f"{at}/<int:pk>/history/", history_view(editor), name=f"{name}_history"),
            path(f"{at}/<int:pk>/restore/", restore_view(editor), name=f"{name}_restore"),
        ]
        if editor.retires:
            found.append(path(f"{at}/<int:pk>/retire/", retire_view(editor), name=f"{name}_retire"))
        if editor.removes:
            found.append(path(f"{at}/<int:pk>/remove/", remove_view(editor), name=f"{name}_remove"))
    return found
