"""Populations on the desk: tables brought in, their columns said, and taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from commonbeat.core.fields import Invalid
from commonbeat.evidence.mapping import BadTable
from commonbeat.evidence.surveys import populations
from commonbeat.evidence.surveys.actions import PLANNERS, whole
from commonbeat.evidence.surveys.models import PopulationTable
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.evidence.surveys.shared import add_problems, area_choices, tabs
from commonbeat.interfaces.web.forms import say

MOST_BYTES = 20 << 20


class BringForm(forms.Form):
    """A table of numbers, and what they count."""

    use_required_attribute = False
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120,
                           help_text=gettext_lazy("Such as “Residents by age” or “Homes”."))  # fmt: skip
    counts = forms.ChoiceField(
        label=gettext_lazy("What does it count?"), widget=forms.RadioSelect,
        choices=[("residents", gettext_lazy("Residents: rates and surveys use it")),
                 ("other", gettext_lazy("Something else, such as homes or jobs: studies can count per it"))],
    )  # fmt: skip
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=1900, max_value=2100)
    credit = forms.CharField(
        label=gettext_lazy("Where the numbers are from"), max_length=300,
        help_text=gettext_lazy("Such as “Census 2020, table P1”. It stands beside every result."),
    )  # fmt: skip
    areas = forms.ChoiceField(
        label=gettext_lazy("Areas"), required=False,
        help_text=gettext_lazy("The areas that a column names, in one set of boundaries."),
    )  # fmt: skip
    group = forms.CharField(label=gettext_lazy("Groups"), required=False, max_length=60, help_text=gettext_lazy(
        "If a column tells groups apart, what they are: such as Age or Language."))  # fmt: skip
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy(
        "CSV, Excel or Parquet with one number in each row."))  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = [("", _("The city as a whole")), *area_choices()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Something must tell the rows apart, and the file must not be too large."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("areas") and not (data.get("group") or "").strip():
            self.add_error("group", _("Choose areas above, or say what the groups are."))
        if data.get("file") and data["file"].size > MOST_BYTES:
            self.add_error("file", _("The file is larger than 20 MB."))
        return data


class ColumnsForm(forms.Form):
    """Which column holds what."""

    use_required_attribute = False

    def __init__(self, table: PopulationTable, columns: list[str], data: Any = None) -> None:
        super().__init__(data, initial=table.columns)
        parts = [("number", _("The number"))]
        parts += [("area", _("The area, by code or name"))] if table.areas else []
        parts += [("group", table.group)] if table.group else []
        for name, label in parts:
            choices = [("", _("None")), *((one, one) for one in columns)]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices)


def _state(row: PopulationTable) -> dict[str, str]:
    return {
        PopulationTable.DRAFT: {"label": _("Waits for its columns"), "tone": "waiting"},
        PopulationTable.DONE: {"label": _("Counts"), "tone": "done"},
        PopulationTable.UNDONE: {"label": _("Taken back"), "tone": "neutral"},
    }[row.state]


@staff(*PLANNERS)
@require_safe
def population_list(request: HttpRequest) -> HttpResponse:
    """Every table with its source and year."""
    rows = [
        {"cells": [{"text": row.name, "url": reverse("population", args=[row.pk])},
                   {"text": row.year, "number": True, "label": _("Year")},
                   {"text": row.areas or _("The city as a whole"), "label": _("Areas")},
                   {"text": row.group, "label": _("Groups")}, {"status": _state(row), "label": _("State")}]}
        for row in PopulationTable.objects.order_by("-pk")
    ]  # fmt: skip
    columns = [{"label": _("Table")}, {"label": _("Year"), "number": True}, {"label": _("Areas")},
               {"label": _("Groups")}, {"label": _("State")}]  # fmt: skip
    context = {"rows": rows, "columns": columns, "tabs": tabs(actor_of(request), "populations"), "section": "surveys"}
    return render(request, "pages/surveys/populations.html", context)


@staff(*PLANNERS)
def bring(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        about = populations.AboutTable(
            " ".join(data["name"].split()), data["credit"].strip(), data["year"], data["counts"] == "residents",
            data["areas"], data["group"].strip(),
        )  # fmt: skip
        try:
            made = populations.bring(about, data["file"], name=data["file"].name, actor=actor_of(request),
                                     at=timezone.now())  # fmt: skip
            return HttpResponseRedirect(reverse("population", args=[made.pk]))
        except Invalid as refused:
            add_problems(form, refused)
        except BadTable as refused:
            form.add_error("file", _(str(refused)))
    context = {"form": form, "section": "surveys", "back": reverse("populations")}
    return render(request, "pages/surveys/population_bring.html", context, status=422 if form.errors else 200)


def _find(number: int) -> PopulationTable:
    found = PopulationTable.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


@staff(*PLANNERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """A table: its columns while it waits for them, then what came of its rows."""
    row = _find(number)
    return _columns(request, row) if row.state == PopulationTable.DRAFT else _report(request, row)


def _report(request: HttpRequest, row: PopulationTable) -> HttpResponse:
    words = (("read", _("Rows read")), ("taken", _("Count")), ("rejected", _("Left out")))
    facts = [{"term": label, "text": f"{row.counts.get(name, 0):,}"} for name, label in words]
    facts += [{"term": _("Source"), "text": row.credit}, {"term": _("Year"), "text": str(row.year)}]
    rejected = [{"cells": [{"text": number, "number": True}, {"text": _(populations.REASONS[code]),
                                                              "label": _("Reason")}]}
                for number, code in row.rejected]  # fmt: skip
    numbers = [
        {"cells": [{"text": name or _("All")}, {"text": f"{value:,.0f}", "number": True, "label": _("Number")}]}
        for name, value in populations.margin(row, by_area=not row.group).items()
    ]  # fmt: skip
    context = {
        "row": row, "facts": facts, "state": _state(row), "rejected": rejected, "section": "surveys",
        "rejected_columns": [{"label": _("Row"), "number": True}, {"label": _("Reason")}], "numbers": numbers,
        "number_columns": [{"label": row.group or _("Area")}, {"label": _("Number"), "number": True}],
    }  # fmt: skip
    return render(request, "pages/surveys/population.html", context)


def _columns(request: HttpRequest, row: PopulationTable, refused: Invalid | None = None) -> HttpResponse:
    try:
        content, rows, _broken = whole(row.file_sha)
    except BadTable as problem:
        messages.error(request, _(str(problem)))
        return HttpResponseRedirect(reverse("population_bring"))
    form = ColumnsForm(row, list(content), request.POST or None)
    if refused is not None:
        form.is_valid()
        add_problems(form, refused)
    shown = [
        {"cells": [{"text": texts[place][:60]} for texts in content.values()]} for place in range(min(8, len(rows)))
    ]
    context = {"row": row, "form": form, "rows": shown, "columns": [{"label": name} for name in content],
               "section": "surveys"}  # fmt: skip
    return render(request, "pages/surveys/population_columns.html", context, status=422 if form.errors else 200)


@staff(*PLANNERS)
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Take the numbers in, give up, or take the table back."""
    row, actor, at = _find(number), actor_of(request), timezone.now()
    deed = request.POST.get("deed", "")
    try:
        if deed == "give_up":
            populations.give_up(row)
            return HttpResponseRedirect(reverse("populations"))
        if deed == "undo":
            populations.undo(row, actor=actor, at=at)
            messages.success(request, _("The table is taken back: rates are counted as before it."))
        else:
            columns = {name: request.POST.get(name, "") for name in ("number", "area", "group")}
            try:
                populations.confirm(row, columns, actor=actor, at=at)
            except Invalid as refused:
                if row.state == PopulationTable.DRAFT:
                    return _columns(request, row, refused)
                raise
            messages.success(request, _("The numbers are in."))
    except Invalid as refused:
        messages.error(request, " ".join(map(say, refused.problems)))
    except BadTable as refused:
        messages.error(request, _(str(refused)))
    return HttpResponseRedirect(reverse("population", args=[number]))
