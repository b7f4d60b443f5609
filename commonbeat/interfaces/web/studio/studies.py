"""The list of studies, a new one, and the page of one with its plan versions and runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from commonbeat.cases.models import Case
from commonbeat.core.actor import Actor
from commonbeat.core.fields import Choice, Field, Invalid, Problem
from commonbeat.core.text import N_
from commonbeat.evidence.models import IncidentSource
from commonbeat.evidence.periods import PERIOD_NAMES, Period
from commonbeat.evidence.studies import words
from commonbeat.evidence.studies.actions import PLANNERS, READERS, start_study
from commonbeat.evidence.studies.data import NoData, gone, panel_of, source_of
from commonbeat.evidence.studies.models import Dataset, PlanVersion, Run, Study
from commonbeat.evidence.studies.plan import Plan
from commonbeat.evidence.studies.programmes import PROGRAMMES
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.forms import FieldsForm, form_for
from commonbeat.interfaces.web.studio.shared import SORTS, find_study, history, may_plan, page_of, status_of

MOST = 200
FIELDS = (
    Field("title", N_("What is the study called?"), required=True, maximum=120,
          hint=N_("A question says most: “Do brighter lights reduce burglaries?”")),
    Field("sort", N_("What sort of programme?"), "singlevaluelist",
          choices=SORTS,
          hint=N_("The plan then begins with what is known of it. Leave it open for anything else.")),
    Field("dataset", N_("Which numbers?"), required=True, source="dataset",
          hint=N_("Counts by area and period. Add a table first if yours is not listed.")),
)  # fmt: skip


@staff(*READERS)
@require_safe
def study_list(request: HttpRequest) -> HttpResponse:
    """All studies, the newest first, those that found nothing as visible as the others."""
    context = {
        "section": "studies", "may_plan": may_plan(request), "rows": _rows(),
        "tables": Dataset.objects.defer("text").order_by("-id")[:20],
    }  # fmt: skip
    return render(request, "pages/studio/list.html", context)


def _rows() -> list[dict[str, Any]]:
    """Each study with its latest plan and where that plan's runs stand; three statements, however many there are."""
    studies = list(Study.objects.select_related("page").order_by("-id")[:MOST])
    plans = {plan.study_id: plan for plan in PlanVersion.objects.filter(study__in=studies).order_by("number")}
    runs: dict[int, list[dict[str, Any]]] = {}
    for run in Run.objects.filter(plan__in=plans.values()).order_by("id").values("plan_id", "state", "result__verdict"):
        runs.setdefault(run["plan_id"], []).append(dict(run))
    return [_row(study, plans.get(study.pk), runs) for study in studies]


def _row(study: Study, plan: PlanVersion | None, runs: dict[int, list[dict[str, Any]]]) -> dict[str, Any]:
    mine = runs.get(plan.pk, []) if plan else []
    found = [run["result__verdict"] for run in mine if run["state"] == Run.State.DONE]
    return {
        "study": study, "plan": plan, "verdict": words.verdict({"verdict": found[-1]}, gettext) if found else None,
        "status": status_of(plan, {run["state"] for run in mine}, page_of(study)),
    }  # fmt: skip


def _form(data: Any = None) -> FieldsForm:
    tables = [(str(row.pk), f"{row.name} ({row.outcome_name}, {row.first_period} – {row.last_period})")
              for row in Dataset.objects.defer("text").order_by("-id")[:MOST]]  # fmt: skip
    return form_for(FIELDS, data=data, language=get_language() or "en", sources={"dataset": tables})


@staff(*PLANNERS)
def new(request: HttpRequest) -> HttpResponse:
    """Start a study: a name and the numbers that it reads."""
    if not Dataset.objects.exists():
        first = "/desk/studies/new/records/" if IncidentSource.objects.exists() else "/desk/studies/data/new/"
        return HttpResponseRedirect(first)
    form = _form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        table = Dataset.objects.get(pk=int(form.cleaned_data["dataset"]))
        made = start_study(form.cleaned_data["title"], dataset=table, plan=_begun(form.cleaned_data.get("sort")),
                           actor=actor_of(request), at=timezone.now())  # fmt: skip
        return HttpResponseRedirect(f"/desk/studies/{made.pk}/plan/")
    status = 422 if request.method == "POST" else 200
    return render(request, "pages/studio/new.html", {"form": form, "section": "studies"}, status=status)


RECORDS = (
    FIELDS[0],
    FIELDS[1],
    Field("source", N_("Which records?"), required=True, source="source"),
    Field("outcome", N_("Only these categories"), maximum=2000,
          hint=N_("With semicolons between them, as the records write them. Empty for those that the sort of programme "
                  "is about, or for all.")),
    Field("areas", N_("Which areas?"), required=True, source="areas"),
    Field("period", N_("In steps of"), "singlevaluelist", required=True, initial=Period.MONTH,
          choices=tuple(Choice(one, PERIOD_NAMES[one]) for one in (Period.WEEK, Period.MONTH, Period.QUARTER))),
    Field("start", N_("From which day on?"), "datetime", required=True,
          hint=N_("The first of a month for months. The longer the past, the more a study can tell.")),
    Field("population", N_("Compare rates per resident"), "boolean", initial=True),
)  # fmt: skip
NONE_OF_THEM = N_(
    "None of these records is known as what such programmes mean to reduce. Name the categories that count."
)


@staff(*PLANNERS)
def new_from_records(request: HttpRequest) -> HttpResponse:
    """Start a study that counts the department's own records, anew at every run."""
    from commonbeat.evidence.areas import sets  # geometry is heavy to load, and no other page of the studio needs it

    sources = [(row.slug, f"{row.name} ({row.first_on} – {row.last_on})")
               for row in IncidentSource.objects.exclude(content="").order_by("name")]  # fmt: skip
    areas = [(f"{level}@{revision}", f"{level} ({revision})") for level, revision, _ in sets()]
    form = form_for(RECORDS, data=request.POST if request.method == "POST" else None, language=get_language() or "en",
                    sources={"source": sources, "areas": areas})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            wanted = {
                "source": given["source"], "areas": given["areas"], "period": given["period"],
                "start": given["start"][:10], "outcome": _counted(given),
                "population": "residents" if given.get("population") else "",
            }  # fmt: skip
            panel_of(Study(request=wanted))
            made = start_study(given["title"], dataset=None, request=wanted, plan=_begun(given.get("sort")),
                               actor=actor_of(request), at=timezone.now())  # fmt: skip
            return HttpResponseRedirect(f"/desk/studies/{made.pk}/plan/")
        except Invalid as refused:
            form.add_problems(refused)
        except NoData as missing:
            form.add_problems(Invalid([Problem("source", str(missing))]))
    status = 422 if request.method == "POST" else 200
    return render(
        request, "pages/studio/new.html", {"form": form, "section": "studies", "records": True}, status=status
    )


def _counted(given: Mapping[str, Any]) -> list[str]:
    """The categories that count: those that were typed, else those of the sort of programme. Raises `Invalid`."""
    typed = [part.strip() for part in str(given.get("outcome") or "").split(";") if part.strip()]
    if typed or not given.get("sort"):
        return typed
    about = PROGRAMMES[given["sort"]]
    found = about.categories(list(IncidentSource.objects.get(slug=given["source"]).categories))
    if about.crimes and not found:
        raise Invalid([Problem("outcome", NONE_OF_THEM)])
    return found


def _begun(sort: str | None) -> Plan | None:
    """A plan that begins with what is known of such programmes."""
    if not sort:
        return None
    about = PROGRAMMES[sort]
    return Plan(sort=sort, programme=gettext(about.done), dose=gettext(about.dose), expected=about.expected)


@staff(*READERS)
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One study: where it stands, what is next, every plan version and every run."""
    study = find_study(number)
    plans = list(study.plans.select_related("frozen_by").order_by("-number"))
    runs = list(
        Run.objects.filter(plan__study=study).select_related("plan", "asked_by", "dataset").order_by("-id")[:50]
    )
    latest, page = (plans[0] if plans else None), page_of(study)
    done = next((run for run in runs if run.state == Run.State.DONE and latest and run.plan_id == latest.pk), None)
    context = {
        "section": "studies", "study": study, "plans": plans, "page": page, "may_plan": may_plan(request),
        "latest": latest, "result": done, "history": history(study),
        "verdict": words.verdict(done.result, gettext) if done and done.result else None,
        "finding": words.finding(done.result, "first", gettext) if done and done.result else "",
        "status": status_of(latest, {run.state for run in runs if latest and run.plan_id == latest.pk}, page),
        "changed_since": bool(latest and latest.plan != study.draft),
        "runs": [
            {"run": run, "tone": words.RUN_STATES[run.state][0], "label": gettext(words.RUN_STATES[run.state][1])}
            for run in runs
        ],
        "problems": _problems(study, actor_of(request)),
        "dose_total": sum(study.dose.values()) if study.dose else None,
        "gone": gone(source) if (source := source_of(study)) and source.deleted_at else "",
    }  # fmt: skip
    return render(request, "pages/studio/study.html", context)


def _problems(study: Study, actor: Actor) -> list[dict[str, str]]:
    """Problems whose outcome this study is about, as far as this reader may see them."""
    of_it = Q(problem__study=study) | Q(problem__assessments__study=study)
    rows = Case.objects.visible_to(actor).filter(of_it).defer("search").distinct().order_by("-pk")
    return [{"reference": case.reference, "title": case.detail("title", case.reference)} for case in rows[:20]]
