"""Questions of a category, edited without a programmer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonbeat.cases import category_actions
from commonbeat.cases.categories import Category, read_questions
from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import form_for, say
from commonbeat.interfaces.web.office.forms.questions import TYPES, QuestionForm
from commonbeat.interfaces.web.office.forms.shared import language_choices
from commonbeat.journal import history

MEANWHILE = N_(
    "Somebody changed this category in the meantime. What you typed is still here; look at it again and save."
)


def _name(category: Category) -> str:
    texts = {text.language: text.name for text in category.texts.all()}
    return texts.get(get_language() or "en") or texts.get("en") or category.code


def _version(request: HttpRequest) -> int | None:
    seen = request.POST.get("version", "")
    return int(seen) if seen.isdigit() else None


@staff(Role.ADMIN)
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Every question in order, with the form as residents will see it."""
    category = get_object_or_404(Category, pk=pk)
    rows = category_actions.questions_of(category)
    types = dict(TYPES)
    labels = {row["code"]: category_actions.label_of(row) for row in rows}
    items = [
        {
            "row": row,
            "label": labels[row["code"]],
            "type": types[row["datatype"]],
            "first": n == 0,
            "last": n == len(rows) - 1,
            "choices": [category_actions.label_of({**c, "code": c["key"]}) for c in row.get("choices") or ()],
            "after": labels.get((row.get("show_when") or {}).get("question", ""), ""),
            "missing": [name for code, name in language_choices() if not row["label"].get(code)],
            "url": reverse("office_question", kwargs={"pk": pk, "code": row["code"]}),
        }
        for n, row in enumerate(rows)
    ]
    asked = request.GET.get("in", "")
    language = asked if asked in dict(language_choices()) else get_language() or "en"
    context = {
        "category": category,
        "name": _name(category),
        "items": items,
        "section": "office",
        "preview": form_for(read_questions(rows), language=language, prefix="preview"),
        "language_shown": language,
        "version": history.version_of(category),
        "back": reverse("office_category_edit", kwargs={"pk": pk}),
        "do_url": reverse("office_question_do", kwargs={"pk": pk}),
        "language_choices": language_choices(),
    }
    return render(request, "pages/office/questions.html", context)


@staff(Role.ADMIN)
def question(request: HttpRequest, pk: int, code: str = "") -> HttpResponse:
    """One question: new, or the one called `code`."""
    category = get_object_or_404(Category, pk=pk)
    rows = category_actions.questions_of(category)
    stored = next((row for row in rows if row["code"] == code), None)
    if code and stored is None:
        raise Http404
    earlier = rows[: rows.index(stored)] if stored else rows
    form = QuestionForm(request.POST or None, question=stored, earlier=earlier)
    if request.method == "POST" and form.is_valid() and "more_rows" not in request.POST:
        try:
            category_actions.save_question(
                category,
                form.row(),
                code=code or None,
                actor=actor_of(request),
                at=timezone.now(),  # type: ignore[attr-defined]
                version=_version(request),
            )
        except Invalid as refused:
            _show(form, refused)
        except history.ChangedMeanwhile:
            form.add_error(None, _(MEANWHILE))
        else:
            messages.success(request, _("Saved. The report form asks it like this from now on."))
            return redirect("office_questions", pk=pk)
    context = {
        "form": form,
        "category": category,
        "name": _name(category),
        "section": "office",
        "stored": stored,
        "title": category_actions.label_of(stored) if stored else _("Add a question"),
        "version": history.version_of(category),
        "back": reverse("office_questions", kwargs={"pk": pk}),
        "language_choices": language_choices(),
    }
    return render(request, "pages/office/question.html", context, status=422 if form.errors else 200)


def _show(form: Any, refused: Invalid) -> None:
    for problem in refused.problems:
        form.add_error(problem.code if problem.code in form.fields else None, say(problem))


@staff(Role.ADMIN)
@require_POST
def question_do(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a question up or down, or ask it no more."""
    category = get_object_or_404(Category, pk=pk)
    deed, code = request.POST.get("deed"), request.POST.get("code", "")
    known: dict[str, Any] = {"actor": actor_of(request), "at": timezone.now(), "version": _version(request)}
    try:
        match deed:
            case "up" | "down":
                category_actions.move_question(category, code, up=deed == "up", **known)
            case "remove":
                category_actions.remove_question(category, code, **known)
                messages.success(
                    request, _("This is not asked any more. Answers that were given stay with their cases.")
                )
            case _:
                raise Http404
    except Invalid as refused:
        messages.error(request, " ".join(say(problem) for problem in refused.problems))
    except history.ChangedMeanwhile:
        messages.warning(request, _("Somebody changed this category in the meantime. This is how it is now."))
    return redirect("office_questions", pk=pk)
