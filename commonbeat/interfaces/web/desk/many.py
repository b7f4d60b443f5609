"""One step on many cases: choose, say it once, see what worked, take it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from commonbeat.cases.bulk import MOST, chosen_cases, take_many, undo_many
from commonbeat.cases.kind import KINDS
from commonbeat.cases.models import Bulk, Case
from commonbeat.cases.searches import read_query
from commonbeat.cases.telling import is_sensitive
from commonbeat.cases.undoing import CannotUndo
from commonbeat.cases.walls import hidden_from
from commonbeat.community.agency import setting
from commonbeat.core.ids import reference
from commonbeat.core.workflow import Step
from commonbeat.interfaces.access import actor_of, staff
from commonbeat.interfaces.web.desk import words as say
from commonbeat.interfaces.web.desk.options import step_sources
from commonbeat.interfaces.web.forms import FieldsForm, form_for


def _numbers(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("case") if text.isascii() and text.isdigit() and len(text) < 15]


def _back(request: HttpRequest) -> str:
    """The list that was left; read and written anew, so that nothing foreign gets into the address."""
    return "/desk/?" + urlencode(read_query(request.POST.get("back", "")).address())


def _step(cases: Iterable[Case], slug: str) -> Step:
    for case in cases:
        found = KINDS[case.kind].workflow.named(slug)
        if found and found.bulk:
            return found
    raise Http404


@staff()
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """The form of the step for the chosen cases; `go` takes it."""
    actor, at = request.actor, timezone.now()  # type: ignore[attr-defined]
    cases = chosen_cases(_numbers(request), actor=actor)
    if not cases:
        messages.warning(request, gettext("Choose at least one case of the list, then what to do with them."))
        return HttpResponseRedirect(_back(request))
    step = _step(cases, request.POST.get("step", ""))
    going = request.POST.get("go") == "1"
    asks = any(f.source for f in step.fields)
    sources = step_sources(cases[0].kind, None, [case.tags for case in cases]) if asks else {}
    form = form_for(
        step.fields, data=request.POST if going else None, language=get_language() or "en", sources=sources,
        initial={"tell": True},
    )  # fmt: skip
    if not going or not form.is_valid():
        return _show(request, cases, step, form, status=422 if going else 200)
    bulk = take_many(cases, step.slug, data=form.cleaned_data, actor=actor, at=at)
    return HttpResponseRedirect(f"/desk/bulk/{bulk.pk}/?{urlencode({'back': request.POST.get('back', '')})}")


def _show(request: HttpRequest, cases: list[Case], step: Step, form: FieldsForm, *, status: int) -> HttpResponse:
    shown = say.words(at=timezone.now())
    rows = [
        {"id": c.pk, "reference": c.reference, "category": shown.category(c.category_id),
         "state": say.state_label(c.kind, c.state), "sensitive": is_sensitive(c)}
        for c in cases
    ]  # fmt: skip
    context = {
        "rows": rows, "step": step, "form": form, "back": request.POST.get("back", ""), "back_url": _back(request),
        "any_sensitive": any(row["sensitive"] for row in rows), "most": MOST, "section": "inbox",
        "minutes": setting("undo_minutes"), "tells": any(f.code == "tell" for f in step.fields),
    }  # fmt: skip
    return render(request, "pages/desk/bulk.html", context, status=status)


def _bulk(request: HttpRequest, number: int) -> Bulk:
    found = Bulk.objects.filter(pk=number, user_id=request.actor.user_id).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    return found


@staff()
@require_safe
def result(request: HttpRequest, number: int) -> HttpResponse:
    """What worked and what did not, with the way to take it back."""
    bulk, at = _bulk(request, number), timezone.now()
    until = bulk.at + dt.timedelta(minutes=float(setting("undo_minutes")))
    step = next((s for kind in KINDS if (s := kind.workflow.named(bulk.step))), None)
    named = [number for number, _ in (*bulk.done, *bulk.refused)]
    hidden = set(hidden_from(actor_of(request)).filter(pk__in=named).values_list("pk", flat=True))
    context = {
        "bulk": bulk, "label": gettext(step.label) if step else bulk.step, "section": "inbox",
        "done": [reference(case) for case, _ in bulk.done if case not in hidden],
        "refused": [(reference(case), gettext(why)) for case, why in bulk.refused if case not in hidden],
        "until": until if until > at and not bulk.undone_at and bulk.done else None,
        "back_url": "/desk/?" + urlencode(read_query(request.GET.get("back", "")).address()),
    }  # fmt: skip
    return render(request, "pages/desk/bulk_result.html", context)


@staff()
@require_POST
def take_back_many(request: HttpRequest, number: int) -> HttpResponse:
    """Take back all of it that has not gone on since."""
    bulk = _bulk(request, number)
    try:
        back, kept = undo_many(bulk, actor=request.actor, at=timezone.now())  # type: ignore[attr-defined]
    except CannotUndo as refused:
        messages.error(request, gettext(str(refused)))
        return HttpResponseRedirect(f"/desk/bulk/{bulk.pk}/")
    messages.success(request, gettext("Taken back on %(n)s cases.") % {"n": back})
    for case, why in kept[:20]:
        messages.warning(request, f"{reference(case)}: {gettext(why)}")
    return HttpResponseRedirect(f"/desk/bulk/{bulk.pk}/")
