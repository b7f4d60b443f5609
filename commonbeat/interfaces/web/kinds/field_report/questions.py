"""What the sort of a field report asks besides: one page with all its questions, checked together."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext

from commonbeat.cases.actions import Stale, act
from commonbeat.core.fields import Invalid
from commonbeat.core.workflow import NotAllowed
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk.case import read_case
from commonbeat.interfaces.web.forms import MEANWHILE, form_for, say_refusal
from commonbeat.interfaces.web.kinds.field_report.starting import BEGINNERS
from commonbeat.kinds.field_report.kind import DRAFT
from commonbeat.kinds.field_report.models import FieldReport
from commonbeat.kinds.field_report.sorts import questions_of, sort_of


@staff(*BEGINNERS)
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The questions with the answers so far; what is refused stays as it was typed."""
    case, at = read_case(request, reference), timezone.now()
    report = FieldReport.objects.filter(case_id=case.pk).first()
    asked = questions_of(report.sort) if report else ()
    if report is None or not asked or case.state not in DRAFT:
        raise Http404
    language, problem, status = get_language() or "en", "", 200
    form = form_for(asked, language=language, data=request.POST or None, initial=report.answers)
    if request.method == "POST":
        status = 422
        seen = request.POST.get("version", "")
        if form.is_valid():
            try:
                act(
                    case, "answer", data={"answers": json.dumps(form.cleaned_data)}, actor=actor_of(request), at=at,
                    version=int(seen) if seen.isdigit() else None,
                )  # fmt: skip
                return HttpResponseRedirect(f"/desk/{case.reference}/")
            except Invalid as refused:
                form.add_problems(refused)
            except Stale as stale:
                case, status, problem = stale.case, 409, gettext(MEANWHILE)
            except NotAllowed as refused:
                status, problem = 409, say_refusal(refused)
    sort = sort_of(report.sort)
    context = {
        "form": form, "case": case, "reference": case.reference, "sort": gettext(sort.label) if sort else "",
        "problem": problem, "section": "field_reports",
    }  # fmt: skip
    return render(request, "pages/desk/field_report/questions.html", context, status=status)
