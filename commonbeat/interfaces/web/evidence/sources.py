"""Sources of incidents: the list, one of them, and how one ends."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from commonbeat.core.actor import Role
from commonbeat.core.fields import Invalid
from commonbeat.evidence import ending
from commonbeat.evidence.models import CountedMeasure, IncidentSource
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.bringing import STATES
from commonbeat.interfaces.web.evidence.shared import READERS, tabs
from commonbeat.interfaces.web.forms import say


class ReasonForm(forms.Form):
    """Why a source is taken out of use or put back."""

    use_required_attribute = False
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=400,
        error_messages={"required": gettext_lazy(ending.NO_REASON)},
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("One sentence. It stays in the history."),
    )


class DeleteForm(ReasonForm):
    """Why the incidents are deleted, and the name of the source, so that nobody deletes the wrong ones."""

    name = forms.CharField(
        label=gettext_lazy("Name of the source, to be sure"),
        max_length=120,
        error_messages={"required": gettext_lazy(ending.OTHER_NAME)},
    )


@staff(*READERS)
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Every source, how much it holds and from when to when."""
    rows = [
        {"cells": [{"text": row.name, "url": reverse("evidence_source", args=[row.slug])},
                   {"text": f"{row.rows:,}", "number": True, "label": _("Rows")},
                   {"text": _days(row), "label": _("Days")},
                   {"text": len(row.holes) or "", "number": True, "label": _("Holes in time")}]}
        for row in IncidentSource.objects.filter(retired_at=None).order_by("name")
    ]  # fmt: skip
    ended = [
        {"cells": [{"text": row.name, "url": reverse("evidence_source", args=[row.slug])},
                   {"text": date_format(timezone.localtime(row.retired_at)), "label": _("Out of use since")},
                   {"text": _("deleted") if row.deleted_at else _("kept"), "label": _("Its incidents")}]}
        for row in IncidentSource.objects.filter(retired_at__isnull=False).order_by("name")
    ]  # fmt: skip
    columns = [{"label": _("Source")}, {"label": _("Rows"), "number": True}, {"label": _("Days")},
               {"label": _("Holes in time"), "number": True}]  # fmt: skip
    context = {"rows": rows, "columns": columns, "tabs": tabs("evidence_sources"), "section": "evidence",
               "ended": ended, "ended_columns": [{"label": _("Source")}, {"label": _("Out of use since")},
                                                 {"label": _("Its incidents")}]}  # fmt: skip
    return render(request, "pages/evidence/sources.html", context)


def _days(row: IncidentSource) -> str:
    if not (row.first_on and row.last_on):
        return _("nothing imported yet")
    return f"{date_format(row.first_on)} – {date_format(row.last_on)}"


@staff(*READERS)
@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """One source: what it holds, its codes, its imports."""
    from commonbeat.evidence.offences import code_of

    row = _find(slug)
    kinds = []
    for name, count in list(row.categories.items())[:100]:
        code = code_of(name)
        kinds.append({"cells": [
            {"text": name}, {"text": f"{count:,}", "number": True, "label": _("Rows")},
            {"text": f"{code.nibrs} {code.name}" if code else _("no code"), "label": "NIBRS"},
            {"text": code.policeuk if code else "", "label": "police.uk"},
        ]})  # fmt: skip
    imports = []
    for one in row.imports.order_by("-pk")[:50]:
        label, tone = STATES[one.state]
        imports.append({"cells": [
            {"text": one.file_name, "url": reverse("evidence_import", args=[one.pk])},
            {"status": {"label": label, "tone": tone}, "label": _("State")},
            {"text": date_format(timezone.localtime(one.created_at), "DATETIME_FORMAT"), "label": _("When")},
            {"text": one.by_name, "label": _("Who")},
        ]})  # fmt: skip
    context = {
        "source": row, "n": f"{row.rows:,}", "days": _days(row), "kinds": kinds, "imports": imports,
        "section": "evidence", "may_delete": row.deleted_at is None and actor_of(request).has(Role.ADMIN),
        "measures": CountedMeasure.objects.filter(source=row, retired_at=None).order_by("name"),
        "kind_columns": [{"label": _("Sort, as the source writes it")}, {"label": _("Rows"), "number": True},
                         {"label": "NIBRS"}, {"label": "police.uk"}],
        "import_columns": [{"label": _("File")}, {"label": _("State")}, {"label": _("When")}, {"label": _("Who")}],
    }  # fmt: skip
    return render(request, "pages/evidence/source.html", context)


def _find(slug: str) -> IncidentSource:
    row = IncidentSource.objects.filter(slug=slug).first()
    if row is None:
        raise Http404
    return row


@staff(*READERS)
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a source out of use, or put it back, after reading what depends on it."""
    row, form = _find(slug), ReasonForm(request.POST or None)
    deed = ending.put_back if row.retired_at else ending.retire
    if request.method == "POST" and form.is_valid():
        try:
            deed(row, reason=form.cleaned_data["reason"], actor=actor_of(request), at=timezone.now())
        except Invalid as refused:
            _add(form, refused)
        else:
            messages.success(request, _("It is in use again.") if row.retired_at else _("It is out of use."))
            return HttpResponseRedirect(reverse("evidence_source", args=[slug]))
    return _page(request, row, form, deleting=False)


@staff(Role.ADMIN)
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete the incidents of a source for good, after reading what depends on them."""
    row, form = _find(slug), DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ending.delete_incidents(row, reason=form.cleaned_data["reason"], name=form.cleaned_data["name"],
                                    actor=actor_of(request), at=timezone.now())  # fmt: skip
        except Invalid as refused:
            _add(form, refused)
        else:
            messages.success(request, _("The incidents are deleted."))
            return HttpResponseRedirect(reverse("evidence_source", args=[slug]))
    return _page(request, row, form, deleting=True)


def _add(form: forms.Form, refused: Invalid) -> None:
    for problem in refused.problems:
        form.add_error(problem.code if problem.code in form.fields else None, say(problem))


def _page(request: HttpRequest, row: IncidentSource, form: forms.Form, *, deleting: bool) -> HttpResponse:
    context = {
        "source": row, "form": form, "deleting": deleting, "n": f"{row.rows:,}", "days": _days(row),
        "dependants": [(_(label), names) for label, names in ending.dependants(row)], "section": "evidence",
    }  # fmt: skip
    return render(request, "pages/evidence/end.html", context, status=422 if form.errors else 200)
