"""Runs of a study: asking, watching, cancelling, and the report as page, PDF, pictures and file."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.evidence.studies import telling, words
from commonbeat.evidence.studies.actions import PLANNERS, READERS, Refused, ask_run, cancel_run, latest_plan
from commonbeat.evidence.studies.models import Picture, Run
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.studio.plans import plan_rows, promises
from commonbeat.interfaces.web.studio.shared import find_study, may_plan
from commonbeat.journal.verbs import log_access

OPEN = (Run.State.WAITING, Run.State.RUNNING)


def find_run(number: int, run: int) -> Run:
    """A run of this study, or 404."""
    rows = Run.objects.select_related("plan__study", "plan__frozen_by", "asked_by", "dataset")
    found = rows.filter(pk=run, plan__study_id=number).first()
    if found is None:
        raise Http404
    return found


@staff(*PLANNERS)
@require_POST
def start(request: HttpRequest, number: int) -> HttpResponse:
    """One button: run the frozen plan on today's numbers."""
    study = find_study(number)
    plan = latest_plan(study)
    if plan is None:
        return HttpResponseRedirect(f"/desk/studies/{study.pk}/plan/")
    run = ask_run(plan, dataset=study.dataset, actor=actor_of(request), at=timezone.now())
    return HttpResponseRedirect(f"/desk/studies/{study.pk}/runs/{run.pk}/")


@staff(*PLANNERS)
@require_POST
def cancel(request: HttpRequest, number: int, run: int) -> HttpResponse:
    """Stop it."""
    found = find_run(number, run)
    with contextlib.suppress(Refused):  # it ended in the meantime, and its page says how
        cancel_run(found, actor=actor_of(request), at=timezone.now())
    return HttpResponseRedirect(f"/desk/studies/{number}/runs/{run}/")


@staff(*READERS)
@require_safe
def show(request: HttpRequest, number: int, run: int) -> HttpResponse:
    """How far it is; or the whole report."""
    found = find_run(number, run)
    context: dict[str, Any] = {
        "section": "studies", "study": found.plan.study, "run": found, "may_plan": may_plan(request),
        "tone": words.RUN_STATES[found.state][0], "label": gettext(words.RUN_STATES[found.state][1]),
        "stage": gettext(found.stage) if found.stage else "", "working": found.state in OPEN,
        "problem": gettext(found.problem) if found.problem else "",
    }  # fmt: skip
    if found.result:
        context |= report(found)
    return render(request, "pages/studio/run.html", context)


def report(run: Run) -> dict[str, Any]:
    """The report of a finished run in the reader's language."""
    result, plan = run.result or {}, run.plan.plan
    names = list(run.pictures.filter(language=language_of(run)).values_list("slug", flat=True))
    return {
        "verdict": words.verdict(result, gettext), "finding": words.finding(result, "first", gettext),
        "second": words.finding(result, "second", gettext), "events": words.in_events(result, gettext),
        "estimand": estimand(result), "estimates": words.estimates(result, gettext),
        "checks": words.checks(result, gettext), "ahead": promises(run.plan.ahead, plan),
        "plan": plan_rows(plan, run.plan.ahead),
        "pictures": [
            {"slug": slug, "title": gettext(title), "table": _table(slug, result)}
            for slug, title in words.PICTURES.items() if slug in names
        ],
        "refusals": words.reasons(result["first"], gettext), "outcomes": telling.outcomes(result, gettext),
        "splits": telling.splits(result, gettext), "corrected": corrected(result),
    }  # fmt: skip


def corrected(result: dict[str, Any]) -> str:
    """How p-values of several outcomes were corrected, as the head of a column."""
    return gettext(telling.METHODS[result.get("adjustment", {}).get("method", "")])


def estimand(result: dict[str, Any]) -> str:
    """What the number is, in one sentence."""
    return words.said(result["first"].get("estimand"), gettext)


def language_of(run: Run) -> str:
    """The reader's language where the run drew pictures in it, else English."""
    wanted = get_language() or "en"
    return wanted if run.pictures.filter(language=wanted).exists() else "en"


def _table(slug: str, result: dict[str, Any]) -> dict[str, Any] | None:
    """The numbers of a picture; None where the report shows them anyway."""
    if slug in ("course", "dose"):
        return course_table(result["course"], which=slug)
    if slug == "estimates":
        return None
    series = (result[slug] or {}).get("series") or []
    chosen = [one for one in series if slug != "path" or one["axis"] == "effect"]
    if not chosen:
        return None
    axis = chosen[0]["axis"]
    chosen = [one for one in chosen if one["axis"] == axis]
    rows = []
    for n, at in enumerate(chosen[0]["at"]):
        cells = [gettext(at)]
        for one in chosen:
            if n >= len(one["values"]) or (len(one["at"]) != len(chosen[0]["at"])):
                cells.append("")
                continue
            bounds = f" ({_number(one['low'][n])} … {_number(one['high'][n])})" if one["low"] else ""
            cells.append(_number(one["values"][n]) + bounds)
        rows.append(cells)
    return {"heads": ["", *(words.said(one["label"], gettext) for one in chosen)], "rows": rows}


def _number(value: Any) -> str:
    if isinstance(value, dict):
        return "∞" if not value["number"].startswith("-") else "−∞"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def course_table(course: dict[str, Any], *, which: str = "course") -> dict[str, Any]:
    """Events and delivery by period."""
    columns = [(gettext("Areas with the programme"), course["treated"]),
               (gettext("Areas compared with, at the same level before"), course["scaled"])]  # fmt: skip
    if which == "dose":
        columns = [(gettext("What was delivered"), course["dose"]), columns[0]]
    rows = [
        [period, *("" if values[n] is None else _number(round(values[n], 1)) for _, values in columns)]
        for n, period in enumerate(course["periods"])
    ]
    return {"heads": [gettext("Period"), *(head for head, _ in columns)], "rows": rows}


@staff(*READERS)
@require_safe
def picture(request: HttpRequest, number: int, run: int, picture: str) -> HttpResponse:
    """One picture of the report in the reader's language."""
    found = find_run(number, run)
    return send_picture(found, picture, private=True)


def send_picture(run: Run, slug: str, *, private: bool) -> HttpResponse:
    """The SVG; pictures of a run never change."""
    row = Picture.objects.filter(run=run, slug=slug, language=language_of(run)).first()
    if row is None:
        raise Http404
    answer = HttpResponse(row.svg, content_type="image/svg+xml; charset=utf-8")
    answer["Cache-Control"] = "private, max-age=3600" if private else "public, max-age=3600"
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


@staff(*READERS)
@require_safe
def as_json(request: HttpRequest, number: int, run: int) -> HttpResponse:
    """Everything needed to do it again: plan, stamp, data, seed and result. Taking it away is logged."""
    found = find_run(number, run)
    if not found.result:
        raise Http404
    log_access("study", number, "report exported", actor=actor_of(request), at=timezone.now(), reason=f"run {run}")
    answer = HttpResponse(json.dumps(as_file(found), ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{found.plan.study.slug}-{found.pk}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def as_file(run: Run, *, data: bool = True) -> dict[str, Any]:
    """A run as one object; without `data` what may be public: the plan, the stamp and the result."""
    plan = run.plan
    told = {
        "title": plan.study.title, "version": plan.number, "stamp": plan.stamp, "history": plan.data,
        "frozen_at": plan.frozen_at.isoformat(), "known_after": plan.known_after, "software": plan.software,
        "plan": plan.plan, "foretold": plan.ahead, "result": run.result,
    }  # fmt: skip
    return told | {"job": json.loads(run.job)} if data else told


@staff(*READERS)
@require_safe
def as_pdf(request: HttpRequest, number: int, run: int) -> HttpResponse:
    """The report as a tagged PDF."""
    found = find_run(number, run)
    if not found.result:
        raise Http404
    from commonbeat.interfaces.web.studio.pdf import make_pdf

    log_access("study", number, "report exported", actor=actor_of(request), at=timezone.now(), reason=f"run {run}")
    answer = HttpResponse(make_pdf(found, report(found)), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.plan.study.slug}-{found.pk}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    return answer
