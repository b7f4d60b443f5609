"""Numbers of a study: tables that are brought in, newer ones, and what was delivered of the programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.core.fields import Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence.studies.actions import PLANNERS, READERS, PlanChanged, add_table, note_dose, set_data
from commonbeat.evidence.studies.models import Dataset
from commonbeat.evidence.studies.plan import same_shape
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.studio.shared import CHANGED, find_study, version_given
from commonbeat.journal.verbs import log_access

MOST_BYTES = 30 * 1024 * 1024
TABLE_FIELDS = (
    Field("name", N_("What is the table called?"), required=True, maximum=120),
    Field("outcome_name", N_("What is counted?"), required=True, maximum=60,
          hint=N_("In the plural, as a sentence needs it: “burglaries”.")),
    Field("unit_name", N_("What are the places called?"), required=True, maximum=40, initial="areas",
          hint=N_("In the plural: “areas”, “beats”, “streets”.")),
    Field("period_name", N_("What are the periods called?"), required=True, maximum=40, initial="months",
          hint=N_("In the plural: “months”, “weeks”.")),
    Field("pasted", N_("Or paste the table here"), "text", maximum=2_000_000),
    Field("absent_is_zero", N_("Where an area and period has no row, nothing happened (0)."), "boolean"),
)  # fmt: skip
NO_TABLE = N_("Choose a file or paste the table.")
TOO_LARGE = N_("The file is larger than 30 MB. Use longer periods.")
NOT_UTF8 = N_("The file is not text in UTF-8. Save it as CSV (UTF-8) and send it again.")
BAD_LINE = N_("Line %(line)s: write a period, a comma and a number, such as “%(example)s, 120”.")
UNKNOWN_PERIOD = N_("Line %(line)s: “%(period)s” is not a period like those of the data (%(example)s).")


def _table_form(data: Mapping[str, Any] | None = None) -> FieldsForm:
    return form_for(TABLE_FIELDS, data=data, language=get_language() or "en")


def _text(request: HttpRequest, pasted: str) -> str:
    """What was sent as a file or pasted; raises Invalid with what is wrong."""
    sent = request.FILES.get("file")
    if sent is None:
        if pasted.strip():
            return pasted
        raise Invalid([Problem("file", NO_TABLE)])
    if sent.size is None or sent.size > MOST_BYTES:
        raise Invalid([Problem("file", TOO_LARGE)])
    try:
        text = sent.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid([Problem("file", NOT_UTF8)]) from None
    if "\x00" in text:
        raise Invalid([Problem("file", NOT_UTF8)])
    return text


@staff(*PLANNERS)
def new(request: HttpRequest) -> HttpResponse:
    """Bring in a table of counts; errors name the line and keep what was typed."""
    form, bad = _table_form(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        from commonbeat.evidence.studies.tables import BadTable

        given = dict(form.cleaned_data)
        try:
            made = add_table(
                _text(request, given.pop("pasted", "")), name=given.pop("name"),
                absent_is_zero=bool(given.pop("absent_is_zero", False)), names=given, actor=actor_of(request),
                at=timezone.now(),
            )  # fmt: skip
            kept = gettext("The table is here: %(units)s %(unit_name)s, %(periods)s %(period_name)s.")
            messages.success(request, kept % vars(made))
            return HttpResponseRedirect(f"/desk/studies/new/?dataset={made.pk}")
        except BadTable as wrong:
            bad = wrong.problem.said(gettext)
        except Invalid as refused:
            bad = gettext(refused.problems[0].message)
    context = {"form": form, "section": "studies", "bad": [{"text": bad, "href": "#table-file"}] if bad else []}
    return render(request, "pages/studio/data.html", context, status=422 if request.method == "POST" else 200)


@staff(*READERS)
@require_safe
def table(request: HttpRequest, number: int) -> HttpResponse:
    """The table as it came; taking it away is logged."""
    found = Dataset.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    log_access("dataset", found.pk, "table exported", actor=actor_of(request), at=timezone.now())
    answer = HttpResponse(found.text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="table-{found.pk}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff(*PLANNERS)
def newer(request: HttpRequest, number: int) -> HttpResponse:
    """Choose the table that later runs read: the same areas, with the time since the start in it."""
    study = find_study(number)
    tables = [
        (str(row.pk), f"{row.name} ({row.outcome_name}, {row.first_period} – {row.last_period})")
        for row in Dataset.objects.defer("text").order_by("-id")[:200]
    ]
    field = Field(
        "dataset", N_("Which numbers shall later runs read?"), required=True, source="dataset",
        hint=N_("Frozen plans stay as they are: a run says whether the old numbers are still the same."),
    )  # fmt: skip
    form = form_for((field,), data=request.POST if request.method == "POST" else None, sources={"dataset": tables},
                    language=get_language() or "en", initial={"dataset": str(study.dataset_id)})  # fmt: skip
    problem = ""
    if request.method == "POST" and form.is_valid():
        chosen = Dataset.objects.get(pk=int(form.cleaned_data["dataset"]))
        try:
            set_data(study, chosen, version=version_given(request), actor=actor_of(request), at=timezone.now())
            return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
        except PlanChanged:
            problem = gettext(CHANGED)
    context = {"form": form, "study": study, "section": "studies", "problem": problem,
               "title": gettext("Newer numbers"), "note": ""}  # fmt: skip
    return render(request, "pages/studio/form.html", context, status=_status(request, problem))


def _status(request: HttpRequest, problem: str) -> int:
    return 409 if problem else (422 if request.method == "POST" else 200)


@staff(*PLANNERS)
def dose(request: HttpRequest, number: int) -> HttpResponse:
    """Write down what was delivered, by period: results are read beside it."""
    study = find_study(number)
    example = study.dataset.last_period if study.dataset else "2026-01"
    field = Field("amounts", N_("What was delivered"), "text", maximum=200_000,
                  hint=gettext("One line per period: %(example)s, 120") % {"example": example})  # fmt: skip
    before = "\n".join(f"{period}, {amount:g}" for period, amount in sorted(study.dose.items()))
    form = form_for((field,), data=request.POST if request.method == "POST" else None,
                    language=get_language() or "en", initial={"amounts": before})  # fmt: skip
    problem = ""
    if request.method == "POST" and form.is_valid():
        try:
            amounts = read_amounts(str(form.cleaned_data.get("amounts", "")), example=example)
            note_dose(study, amounts, version=version_given(request), actor=actor_of(request), at=timezone.now())
            return HttpResponseRedirect(f"/desk/studies/{study.pk}/")
        except Invalid as refused:
            form.add_problems(refused)
        except PlanChanged:
            problem = gettext(CHANGED)
    unit = study.draft.get("dose") or gettext("Say in the plan what is delivered, such as “hours of foot patrol”.")
    context = {"form": form, "study": study, "section": "studies", "problem": problem,
               "title": gettext("What was delivered"), "note": unit}  # fmt: skip
    return render(request, "pages/studio/form.html", context, status=_status(request, problem))


def read_amounts(text: str, *, example: str) -> dict[str, float]:
    """Amounts by period from lines like “2026-01, 120”; raises Invalid that names the line."""
    found: dict[str, float] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        period, _, amount = line.replace(";", ",").replace("\t", ",").partition(",")
        try:
            value = float(amount.strip())
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e12:
            raise Invalid([Problem("amounts", BAD_LINE, {"line": number, "example": example})])
        if not same_shape(period.strip(), example):
            raise Invalid(
                [Problem("amounts", UNKNOWN_PERIOD, {"line": number, "period": period.strip(), "example": example})]
            )
        found[period.strip()] = value
    return found
