"""Questions of a category or of a sort of incident, edited without a programmer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from commonbeat.cases import category_actions
from commonbeat.cases.categories import Category, read_questions
from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.core.text import N_
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import MEANWHILE, form_for, say
from commonbeat.interfaces.web.office.forms.questions import TYPES, QuestionForm
from commonbeat.interfaces.web.office.forms.shared import language_choices
from commonbeat.journal import history
from commonbeat.kinds.field_report.models import IncidentSort


def _category_name(category: Any) -> str:
    texts = {text.language: text.name for text in category.texts.all()}
    return texts.get(get_language() or "en") or texts.get("en") or str(category.code)


@dataclass(frozen=True)
class Asking:
    """Something that asks questions: its rows, what they are called, the beginning of its routes, and who answers."""

    model: type[Model]
    name: Callable[[Any], str]
    routes: str
    edit: str
    seen: str
    empty: str
    saved: str

    def url(self, part: str, **kwargs: Any) -> str:
        """The address of one of its pages."""
        return reverse(f"{self.routes}{part}", kwargs=kwargs)


ASKING = {
    "category": Asking(
        Category, _category_name, "office_question", "office_category_edit", N_("What residents see"),
        N_("Residents only write what happened and where. Ask as little as you need to act."),
        N_("Saved. The report form asks it like this from now on."),
    ),
    "incidentsort": Asking(
        IncidentSort, lambda row: gettext(row.name), "office_sort_question", "office_incidentsort_edit",
        N_("What whoever writes the report sees"),
        N_("A report says what was told, seen and done. Ask only what has to be known each time."),
        N_("Saved. Reports of this sort ask it like this from now on."),
    ),
}  # fmt: skip


def _version(request: HttpRequest) -> int | None:
    seen = request.POST.get("version", "")
    return int(seen) if seen.isdigit() else None


@staff(Role.ADMIN)
def questions(request: HttpRequest, pk: int, asking: str = "category") -> HttpResponse:
    """Every question in order, with the form as whoever answers will see it."""
    of = ASKING[asking]
    category: Any = get_object_or_404(of.model, pk=pk)
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
            "url": of.url("", pk=pk, code=row["code"]),
        }
        for n, row in enumerate(rows)
    ]
    asked = request.GET.get("in", "")
    language = asked if asked in dict(language_choices()) else get_language() or "en"
    context = {
        "name": of.name(category),
        "items": items,
        "new_url": of.url("_new", pk=pk),
        "seen": _(of.seen),
        "empty": _(of.empty),
        "section": "office",
        "preview": form_for(read_questions(rows), language=language, prefix="preview"),
        "language_shown": language,
        "version": history.version_of(category),
        "back": reverse(of.edit, kwargs={"pk": pk}),
        "do_url": of.url("_do", pk=pk),
        "language_choices": language_choices(),
    }
    return render(request, "pages/office/questions.html", context)


@staff(Role.ADMIN)
def question(request: HttpRequest, pk: int, code: str = "", asking: str = "category") -> HttpResponse:
    """One question: new, or the one called `code`."""
    of = ASKING[asking]
    category: Any = get_object_or_404(of.model, pk=pk)
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
            messages.success(request, _(of.saved))
            return redirect(of.url("s", pk=pk))
    context = {
        "form": form,
        "name": of.name(category),
        "section": "office",
        "stored": stored,
        "title": category_actions.label_of(stored) if stored else _("Add a question"),
        "version": history.version_of(category),
        "back": of.url("s", pk=pk),
        "language_choices": language_choices(),
    }
    return render(request, "pages/office/question.html", context, status=422 if form.errors else 200)


def _show(form: Any, refused: Invalid) -> None:
    for problem in refused.problems:
        form.add_error(problem.code if problem.code in form.fields else None, say(problem))


@staff(Role.ADMIN)
@require_POST
def question_do(request: HttpRequest, pk: int, asking: str = "category") -> HttpResponse:
    """Move a question up or down, or ask it no more."""
    of = ASKING[asking]
    category: Any = get_object_or_404(of.model, pk=pk)
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
        messages.warning(request, _("Somebody changed this in the meantime. This is how it is now."))
    return redirect(of.url("s", pk=pk))
